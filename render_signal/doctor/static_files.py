"""The styles and scripts of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from render_signal.doctor.finding import Finding, green, red


def static_files() -> Iterator[Finding]:
    names = sorted({path for finder in get_finders() for path, _storage in finder.list([])})
    lacking = [name for name in names if not _is_collected(name)]
    if not names:
        yield red(
            _("The installation has no static files: pages have no style."),
            _("Install the program anew."),
        )
    elif not lacking:
        facts = {"count": len(names)}
        yield green(_("All %(count)d static files are collected.") % facts)
    elif settings.WHITENOISE_USE_FINDERS:
        facts = {"count": len(names)}
        yield green(_("%(count)d static files are served from where they are installed.") % facts)
    else:
        yield _not_collected(lacking)


def _not_collected(lacking: list[str]) -> Finding:
    facts = {"count": len(lacking), "names": ", ".join(islice(lacking, 3))}
    return red(
        ngettext(
            "%(count)d static file is not collected: %(names)s.",
            "%(count)d static files are not collected: %(names)s, …",
            len(lacking),
        )
        % facts,
        _("Run `manage.py collectstatic --no-input`, as scripts/build does."),
    )


def _is_collected(name: str) -> bool:
    """Under the name that pages use, which a storage may make of its content."""
    try:
        url = staticfiles_storage.url(name)
    except ValueError:
        return False
    return staticfiles_storage.exists(url.removeprefix(settings.STATIC_URL))
