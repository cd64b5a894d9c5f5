"""The WSGI entry point for gunicorn."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from render_signal.serving import DATABASE_SECONDS
from runtime.connections import limit_waits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "render_signal.settings")
limit_waits(DATABASE_SECONDS)
application = get_wsgi_application()
