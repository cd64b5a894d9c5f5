"""What is wrong with a mailbox, as a French page tells it."""

from __future__ import annotations

import imaplib
import json
import socket
import ssl
from collections.abc import Iterator

import pytest
from django.utils import translation
from imapclient.exceptions import LoginError

from configstore.documents import PollingConfig
from configstore.wording import translated
from polling.accounts import NotSetUp, described_account
from polling.errors import MailboxTimeout, Server, explain, marks_refused
from polling.oauth.token_answers import TokenTrouble, judge
from polling.wording import SENTENCES

SERVER = Server("imap.example", 993)


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


def no_tls() -> ssl.SSLError:
    error = ssl.SSLError(1, "wrong version number")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


@pytest.mark.parametrize(
    ("error", "phase", "told"),
    [
        (TimeoutError("timed out"), "SEARCH", "imap.example:993 ne répond pas"),
        (untrusted(), "connection", "n’est pas reconnu (self-signed certificate)"),
        (socket.gaierror(socket.EAI_NONAME, "no"), "connection", "imap.example est inconnu"),
        (no_tls(), "connection", "ne parle pas TLS"),
        (ConnectionRefusedError(), "connection", "refuse la connexion"),
        (LoginError("b'[AUTHENTICATIONFAILED] no'"), "login", "mot de passe d’application"),
        (LoginError("b'[UNAVAILABLE] later'"), "login", "est occupé : [UNAVAILABLE] later"),
        (LoginError("command LOGIN illegal in state AUTH"), "login", "déjà authentifié"),
        (imaplib.IMAP4.readonly("x"), "SELECT", "lecture seule"),
        (imaplib.IMAP4.error("b'[NONEXISTENT] no'"), "SELECT", "ce dossier n’existe pas"),
        (imaplib.IMAP4.abort("unexpected response: b'SSH'"), "connection", "ne parle pas IMAP"),
        (UnicodeEncodeError("ascii", "é", 0, 1, "no"), "login", "ne peuvent pas être transmis"),
        (UnicodeEncodeError("ascii", "é", 0, 1, "no"), "SELECT", "le nom du dossier"),
        (UnicodeError("label too long"), "connection", "n’est pas un nom d’hôte"),
        (ValueError("no"), "FETCH", "réponse illisible (ValueError)"),
    ],
)
def test_each_end_of_a_session_is_told(error: Exception, phase: str, told: str) -> None:
    sentence = plain(translated(str(explain(error, phase, SERVER))))
    assert told in sentence
    assert sentence.startswith(("Échec IMAP (", "IMAP, "))


@pytest.mark.parametrize(
    ("phase", "told"),
    [("connection", "connexion au serveur"), ("login", "connexion au compte"), ("FETCH", "FETCH")],
)
def test_a_timeout_is_told(phase: str, told: str) -> None:
    sentence = plain(translated(str(MailboxTimeout(phase, 30.0, SERVER))))
    assert sentence.startswith(
        f"IMAP, {told} : imap.example:993 n’a pas répondu dans le délai de 30 s"
    )
    assert ("Vérifiez « Serveur »" in sentence) == (phase == "connection")


def test_refused_marks_are_told() -> None:
    sentence = translated(str(marks_refused(imaplib.IMAP4.error("read-only"), "Archive")))
    assert "n’accepte pas de marques dans le dossier Archive (read-only)" in sentence


@pytest.mark.parametrize(
    ("status", "fields", "told"),
    [
        (200, {}, "ne contient pas de jeton d’accès"),
        (200, {"access_token": "a", "token_type": "mac"}, "qui ne sont pas de type Bearer"),
        (429, {}, "a reçu trop de demandes (HTTP 429)"),
        (503, {}, "pas de jeton pour le moment"),
        (400, {"error": "invalid_grant"}, "n’accepte plus le jeton d’actualisation"),
        (401, {"error": "invalid_client"}, "n’accepte pas le client"),
        (400, {"error": "invalid_scope"}, "n’accepte pas la demande (invalid_scope)"),
        (404, {}, "ne répond pas comme un serveur de jetons"),
    ],
)
def test_what_a_token_endpoint_did_is_told(status: int, fields: dict[str, str], told: str) -> None:
    with pytest.raises(TokenTrouble) as caught:
        judge(status, json.dumps(fields).encode(), "login.example")
    assert told in plain(translated(f"IMAP login failed: {caught.value}"))


@pytest.mark.parametrize(
    ("name", "fields", "told"),
    [
        ("default", {}, "Aucune boîte mail n’est configurée"),
        ("default", {"imap_host": "a.example"}, "il manque « Utilisateur » (EMAIL_ADDRESS), "),
        ("sales", {"imap_host": "a.example"}, "il manque « Utilisateur », « Mot de passe »"),
        (
            "sales",
            {"imap_host": "a.example", "imap_auth": "oauth2"},
            "`manage.py mailboxlogin sales` permet de l’obtenir",
        ),
    ],
)
def test_what_a_mailbox_lacks_is_told(name: str, fields: dict[str, str], told: str) -> None:
    with pytest.raises(NotSetUp) as caught:
        described_account(name, PollingConfig.model_validate(fields))
    assert told in plain(translated(str(caught.value)))


def test_each_sentence_has_a_french_one() -> None:
    assert [sentence for sentence in SENTENCES if translation.gettext(sentence) == sentence] == []


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")
