from __future__ import annotations

from django.urls import path

from render_signal.assistant.endpoint import endpoint_view
from render_signal.assistant.finish import finish_view
from render_signal.assistant.mailbox import mailbox_view
from render_signal.assistant.senders import senders_view
from render_signal.assistant.start import start_view
from render_signal.assistant.trial import progress_view, trial_view

urlpatterns = [
    path("", start_view, name="assistant"),
    path("mailbox/", mailbox_view, name="assistant_mailbox"),
    path("endpoint/", endpoint_view, name="assistant_endpoint"),
    path("mails/", senders_view, name="assistant_senders"),
    path("test/", trial_view, name="assistant_trial"),
    path("test/progress/", progress_view, name="assistant_progress"),
    path("done/", finish_view, name="assistant_finish"),
]
