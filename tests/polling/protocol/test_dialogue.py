"""What a protocol log shows of a connection, and what it never does."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from polling.protocol.dialogue import Dialogue, concealed

TAG = b"KLMN"
SECRET = "correct horse battery"
# Nothing of it is in our own words.
secrets = st.text(
    st.characters(codec="utf-8", min_codepoint=32, exclude_characters="…·<>\x7f"), min_size=6
).filter(lambda text: len(set(text)) > 3)


def heard(*lines: bytes | str, known: Sequence[str] = (SECRET,)) -> list[str]:
    """A str is sent, bytes are received."""
    dialogue = Dialogue(TAG, is_new=True)
    shown = [
        dialogue.sent(line.encode() + b"\r\n", known)
        if isinstance(line, str)
        else dialogue.received(line + b"\r\n", known)
        for line in lines
    ]
    return [line for line in shown if line]


@pytest.mark.parametrize(
    "line",
    [
        "KLMN1 UID SEARCH UNKEYWORD $RenderSignal SINCE 01-Nov-2026",
        'KLMN2 SELECT "INBOX"',
        "KLMN3 UID FETCH 1,2 (RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)]<0.65536>)",
        "KLMN4 UID STORE 7 +FLAGS.SILENT ($RenderSignal)",
        'KLMN5 ID ("name" "render-signal")',
        b"* OK [CAPABILITY IMAP4rev1 IDLE] ready",
        b"* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN",
        b"* FLAGS (\\Seen $RenderSignal)",
        b"* OK [UIDVALIDITY 1763622000] UIDs valid",
        b"* SEARCH 1 2 3",
        b"* 12 EXISTS",
        b'* LIST (\\HasNoChildren) "/" "INBOX/Archives"',
        b"* BYE Too many connections",
        b"KLMN7 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
        b"* 3 FETCH (UID 7 FLAGS (\\Seen $RenderSignal) RFC822.SIZE 4000)",
        b'* 3 FETCH (INTERNALDATE "20-Nov-2026 09:00:00 +0000" MODSEQ (12))',
        b"* 3 FETCH (UID 7 BODY[HEADER.FIELDS (FROM SUBJECT)]<0> {120}",
        b"* 3 FETCH (UID 7 BODY[TEXT]<0> NIL)",
    ],
)
def test_what_tells_something_and_is_nobodys_is_shown_as_it_is(line: bytes | str) -> None:
    assert heard(line) == [line.decode() if isinstance(line, bytes) else line]


def test_a_login_is_an_ellipsis() -> None:
    assert heard(f'KLMN1 LOGIN ada@mail.example "{SECRET}"', b"KLMN1 OK done") == [
        "KLMN1 LOGIN …",
        "KLMN1 OK done",
    ]


def test_a_sasl_dialogue_is_one_of_ellipses() -> None:
    shown = heard("KLMN1 AUTHENTICATE XOAUTH2", b"+ ", "dXNlcj1hZGE=", b"+ eyJzIjo0MDF9", "")
    assert shown == ["KLMN1 AUTHENTICATE XOAUTH2 …", "+ …", "…", "+ …"]
    assert heard("KLMN1 AUTHENTICATE PLAIN AGFkYQBzZWNyZXQ=") == ["KLMN1 AUTHENTICATE PLAIN …"]


def test_of_an_envelope_and_of_a_text_there_is_a_size_at_most() -> None:
    shown = heard(
        b'* 1 FETCH (UID 3 ENVELOPE ("Fri" "Lot 12" (("Ada" NIL "ada" "mail.example"))) '
        b'BODY[TEXT] "Bonjour" BODYSTRUCTURE ("text" "plain" ("charset" "utf-8")))'
    )
    assert shown == ["* 1 FETCH (UID 3 ENVELOPE (…) BODY[TEXT] <7> BODYSTRUCTURE (…))"]


def test_an_answer_goes_on_behind_its_literals() -> None:
    shown = heard(
        b"* 1 FETCH (BODY[HEADER] {40}",
        b" ENVELOPE (NIL {6}",
        b' (("Ada" NIL "ada" "mail.example")) {2}',
        b') UID 3 BODY[TEXT] "hello" FLAGS (\\Seen))',
        b"KLMN1 OK done",
    )
    assert shown == [
        "* 1 FETCH (BODY[HEADER] {40}",
        " ENVELOPE (…{6}",
        "{2}",
        ") UID 3 BODY[TEXT] <5> FLAGS (\\Seen))",
        "KLMN1 OK done",
    ]


def test_what_is_no_imap_is_shown_as_the_first_words_of_a_server_alone() -> None:
    assert heard(b"HTTP/1.1 400 Bad Request") == ["HTTP/1.1 400 Bad Request"]
    assert heard(b"* OK ready", b"Bonjour Ada") == ["* OK ready", "… (11)"]


def test_who_begins_to_listen_in_the_middle_believes_no_first_words() -> None:
    assert Dialogue(TAG).received(b"Bonjour Ada\r\n") == "… (11)"
    assert Dialogue(TAG).sent(b"dXNlcj1hZGE=") == "…"


def test_idling_is_shown() -> None:
    assert heard("KLMN1 IDLE", b"+ idling", b"* 4 EXISTS", "DONE", b"KLMN1 OK done") == [
        "KLMN1 IDLE", "+ idling", "* 4 EXISTS", "DONE", "KLMN1 OK done",
    ]  # fmt: skip


def test_the_key_in_the_link_to_a_providers_page_is_left_out() -> None:
    link = b"* NO [WEBALERT https://accounts.example/continue?sarp=1&plt=AKgnsbt] Log in"
    assert heard(link) == ["* NO [WEBALERT https://accounts.example/continue?…] Log in"]


def test_what_would_move_a_terminal_is_a_dot() -> None:
    assert heard(b"* OK \x1b[2Jready\x00") == ["* OK ·[2Jready…"]


def test_a_line_of_a_megabyte_is_no_trouble() -> None:
    (shown,) = heard(b"* SEARCH" + b" 12345" * 150_000)
    assert len(shown) <= 2000
    assert heard(b'* 1 FETCH (BODY[TEXT] "' + b"a" * 900_000 + b'")') == ["* 1 FETCH … (900015)"]


def spellings(secret: str) -> list[bytes]:
    plain = secret.encode()
    quoted = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    joined = [b"\0ada\0" + plain, b"user=ada\1auth=Bearer " + plain + b"\1\1", plain]
    return [plain, quoted, quote(secret, safe="").encode(), *map(base64.b64encode, joined)]


def betrays(shown: Sequence[str], secret: str) -> list[str]:
    said = "\n".join(shown)
    words = [spelling.decode() for spelling in spellings(secret)]
    return [word for word in words if word in said]


@given(secret=secrets, place=st.integers(0, 5), how=st.integers(0, 5))
def test_a_known_secret_is_nowhere_whoever_says_it(secret: str, place: int, how: int) -> None:
    said = spellings(secret)[how]
    frames = [
        b"KLMN1 NO [AUTHENTICATIONFAILED] no such password: %s.",
        b"* OK hello %s",
        b"* CAPABILITY IMAP4rev1 %s",
        b'* LIST () "/" "%s"',
        b"%s",
        b"* BYE %s",
    ]
    assume(not set("\r\n") & set(secret))
    assert betrays(heard(frames[place] % said, known=[secret]), secret) == []


@given(secret=secrets, how=st.integers(0, 5), place=st.integers(0, 6))
def test_a_secret_that_nobody_knows_is_nowhere_that_credentials_are(
    secret: str, how: int, place: int
) -> None:
    said = spellings(secret)[how].decode()
    dialogues: list[tuple[bytes | str, ...]] = [
        (f"KLMN1 LOGIN ada {said}",),
        (f'KLMN1 LOGIN "a b" "{said}"',),
        ("KLMN1 LOGIN ada {9}", b"+ go on", said),
        ("KLMN1 AUTHENTICATE PLAIN", b"+ ", said),
        (f"KLMN1 AUTHENTICATE PLAIN {said}",),
        ("KLMN1 AUTHENTICATE XOAUTH2", b"+ ", said, b"+ " + said.encode(), ""),
        (f"KLMN1 X-LOGIN {said}", said),
    ]
    assert betrays(heard(*dialogues[place], known=()), secret) == []


@given(text=secrets, place=st.integers(0, 9))
def test_what_is_in_a_mail_is_nowhere(text: str, place: int) -> None:
    """As a string, a word, or lines that a wrong size has left over."""
    said = text.encode()
    quoted = b'"' + said.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    answers: list[tuple[bytes, ...]] = [
        (b"* 1 FETCH (BODY[TEXT] " + quoted + b")",),
        (b"* 1 FETCH (BODY[TEXT] " + said + b")",),
        (b'* 1 FETCH (BODY[TEXT] "' + said,),
        (b"* 1 FETCH (ENVELOPE (NIL " + quoted + b" ((" + quoted + b"))))",),
        (b"* 1 FETCH (RFC822.SIZE " + quoted + b" INTERNALDATE " + quoted + b")",),
        (b"* 1 FETCH (BODY[] {3}", said),
        (b"* 1 FETCH (BODY[] {3}", b")", said),
        (b"* 1 FETCH (BODY[] {3}", b")", b"* OK " + said, b"* CAPABILITY " + said),
        (b"* 1 FETCH (X-MINE " + quoted + b" FLAGS (" + quoted + b"))",),
        (b"* 1 FETCH (BODY[TEXT] " + quoted + b" {3}", quoted + b")"),
    ]
    shown = heard(b"* OK ready", "KLMN1 UID FETCH 1 (BODY.PEEK[])", *answers[place], known=())
    assert [line for line in shown if text in line] == []


@given(data=st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=12))
def test_no_line_is_too_strange(data: list[tuple[bool, bytes]]) -> None:
    dialogue = Dialogue(TAG)
    for is_sent, line in data:
        shown = dialogue.sent(line) if is_sent else dialogue.received(line)
        assert shown.isprintable()


def test_a_sentence_of_ours_shows_no_secret_either() -> None:
    assert concealed(f"refused (“{SECRET}”)".encode(), [SECRET]) == "refused (“…”)"
