"""Why deliveries wait and why tries fail, as a French page tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.utils import translation

from configstore.labels import by_label
from configstore.wording import translated
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG
from tests.servers.ports import free_port
from tests.webhooks.examples import endpoint as to
from webhooks.client import Client
from webhooks.egress import EgressRefused, check_url
from webhooks.wording import SENTENCES


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


def told(sentence: str) -> str:
    return translated(sentence).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://[::1", "elle est mal formée"),
        ("ftp://a.example", "elle doit commencer par https://"),
        ("https://a:b@a.example", "elle ne doit contenir ni nom d’utilisateur"),
        ("https://a.example:25", "le port 25 est celui d’un autre service"),
        ("https://10.0.0.1", "10.0.0.1 mène à 10.0.0.1, que les webhooks n’ont pas le droit"),
        ("http://a.example", "http sans chiffrement vers a.example est refusé"),
    ],
)
def test_what_is_wrong_with_an_address(url: str, expected: str) -> None:
    with pytest.raises(EgressRefused) as caught:
        check_url(url, [])
    whole = f"the webhook URL cannot be used: {caught.value}"
    assert expected in told(str(caught.value))
    assert told(whole) == f"l’adresse du webhook est inutilisable : {told(str(caught.value))}"
    paused = f"{whole}; when that is done, resume it among the endpoint states of the admin, or "
    assert expected in told(f"{paused}give it a new address")


def test_an_endpoint_that_is_down(client: Client) -> None:
    result = client.send(to(f"http://127.0.0.1:{free_port()}/x"), "msg_1", "{}")
    assert told(result.error) == "la connexion a été refusée"
    whole = told(f"given up after the last retry: {result.error}")
    assert whole == "abandonné après la dernière tentative : la connexion a été refusée"


def test_an_endpoint_that_says_nothing(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer(HANG)
    result = client.send(to(endpoint.url, deadline_seconds=0.3), "msg_1", "{}")
    assert told(result.error) == "pas de réponse complète en 0.3 s"


def test_no_sentence_hides_another() -> None:
    """Each is met by its own pattern, with values of its own."""
    for sentence in SENTENCES:
        said = re.sub(r"%\(\w+\)s", "x", sentence)
        expected = re.sub(r"%\(\w+\)s", "x", translation.gettext(sentence))
        assert translated(said) == by_label(expected)
