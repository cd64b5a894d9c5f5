"""What a word finds, whatever the database knows of accents and capitals."""

from __future__ import annotations

import pytest
from django.utils import timezone

from polling import mail_list, mail_words
from polling.intake import Intake
from polling.mail_words import fill, has_word, words_of
from polling.models import Mail, MailboxState, MailState
from runtime.stopping import Stop
from tests import journal
from tests.polling.documents import Memory, store_of
from tests.polling.examples import mail
from tests.polling.fake_mailbox import ACCOUNT, FakeSession, StoredMail
from webhooks.models import SearchKey

pytestmark = pytest.mark.django_db

SENDER = "Jürgen@Straße.example"


@pytest.fixture
def box() -> MailboxState:
    return journal.mailbox()


def written(box: MailboxState, *subjects: str, sender: str = SENDER) -> None:
    """By the release before, in which mails had no words."""
    first = Mail.objects.count() + 1
    for uid, subject in enumerate(subjects, first):
        Mail.objects.create(
            mailbox=box, uidvalidity=7, uid=uid, state=MailState.IGNORED, subject=subject,
            sender_email=sender, seen_at=timezone.now(),
        )  # fmt: skip


def found(word: str) -> list[str]:
    return [row.subject for row in Mail.objects.filter(has_word(word)).order_by("uid")]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Dépôt d’ÉTÉ", ["depot", "DÉPÔT", "d’été", "e\u0301te\u0301", "pôt"]),
        ("Lot d’avril", ["d'avril", "d’avril", "D‘AVRIL", "dʼavril"]),
        ("𝐇𝐄𝐋𝐋𝐎 №5 Studio™", ["hello", "𝐇𝐄𝐋𝐋𝐎", "no5", "№5", "studio™", "STUDIOTM"]),
        ("Œuvre de Søren", ["œuvre", "oeuvre", "OEUVRE", "Œuvre", "soren", "SØREN"]),
        ("Große Maße", ["grosse", "GROSSE", "große", "maẞe"]),
        ("СРОЧНО: макет", ["срочно", "Срочно", "МАКЕТ"]),
        ("ﬁnal 100 % a_b", ["final", "FINAL", "100", "%", "a_b"]),
    ],
)
def test_a_subject_is_found_on_each_database(
    box: MailboxState, subject: str, words: list[str]
) -> None:
    written(box, subject, "Something else")
    fill(Stop())
    for word in words:
        assert found(word) == [subject], word


@pytest.mark.parametrize("word", ["jurgen", "JÜRGEN@STRASSE.EXAMPLE", "@straße.example"])
def test_a_sender_is_found(box: MailboxState, word: str) -> None:
    written(box, "a")
    written(box, "b", sender="other@mail.example")
    fill(Stop())
    assert found(word) == ["a"]


def test_signs_of_a_pattern_are_signs(box: MailboxState) -> None:
    written(box, "100 a b")
    fill(Stop())
    assert found("100%") == found("a_b") == found("a%b") == []


@pytest.mark.parametrize("text", ["coeur", "cœur", "CŒUR d'or", "d’or coeur"])
def test_a_mail_that_a_release_before_has_relayed_is_found(box: MailboxState, text: str) -> None:
    written(box, "Cœur d’or")
    Mail.objects.update(message_id="old", state=MailState.SETTLED)
    SearchKey.objects.create(message_id="old", key="cœur d’or")
    fill(Stop())
    assert Mail.objects.filter(mail_list.found(text)).count() == 1


def test_an_accent_alone_finds_nothing(box: MailboxState) -> None:
    written(box, "Dépôt")
    fill(Stop())
    assert found("\u0301") == []


def test_until_it_has_words_a_mail_is_found_by_what_the_database_knows(box: MailboxState) -> None:
    written(box, "Livraison LOT 12")
    assert found("lot") == found("example") == found("LIVRAISON") == ["Livraison LOT 12"]
    assert found("other") == []


def test_mails_get_their_words_a_few_at_a_time(
    box: MailboxState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_words, "ROWS_PER_TRANSACTION", 2)
    written(box, *(f"Été {number}" for number in range(5)))
    stopped = Stop()
    stopped.set()
    fill(stopped)
    assert Mail.objects.filter(words=None).count() == 3
    fill(Stop())
    assert not Mail.objects.filter(words=None).exists()
    assert len(found("ete")) == 5


def test_a_mail_that_was_not_read_yet_is_left_to_whoever_reads_it(box: MailboxState) -> None:
    written(box, "", sender="")
    fill(Stop())
    assert Mail.objects.get().words is None


def test_a_mail_that_is_read_has_its_words() -> None:
    session = FakeSession({1: StoredMail(mail("Re: Été").as_bytes())})
    Intake(ACCOUNT, store_of(Memory())).take(session, MailboxState.of(ACCOUNT), [1], None)
    row = Mail.objects.get()
    assert row.words == words_of(row.subject, row.sender_email)
    assert found("ete") == [row.subject]


def test_one_that_could_not_be_read_at_first_has_them_too() -> None:
    session = FakeSession({1: StoredMail(mail("Été").as_bytes())})
    session.mute = {1}
    intake, state = Intake(ACCOUNT, store_of(Memory())), MailboxState.of(ACCOUNT)
    intake.take(session, state, [1], None)
    assert found("ete") == []
    session.mute = set()
    intake.take(session, state, [1], None)
    assert found("ete") == ["Été"]
