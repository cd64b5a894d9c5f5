"""Sessions that are over leave the database, whatever the journal keeps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from configstore.sessions import SessionStore
from polling.pruning import prune
from runtime.stopping import Stop
from tests.polling.documents import Memory, store_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("journal_days", [0, 90])
def test_sessions_and_what_logouts_have_left_go_when_their_time_is_over(journal_days: int) -> None:
    documents = Memory()
    documents.documents["processing_prefs"] = {"journal_days": journal_days}
    for logged_out in (False, True):
        session = SessionStore()
        session.create()
        if logged_out:
            session.flush()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    going_on = SessionStore()
    going_on.create()
    prune(store_of(documents), timezone.now(), Stop())
    assert [*Session.objects.values_list("pk", flat=True)] == [going_on.session_key]
