"""Which provider an address belongs to, and that what is known of each makes sense."""

from __future__ import annotations

import pytest

from configstore.documents import PollingConfig
from polling.oauth.providers import PROVIDERS as OAUTH
from render_signal.assistant.presets import PROVIDERS
from render_signal.assistant.providers import OTHER, Provider, by_server, guess, named

every_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.id)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("ada@gmail.com", "google"),
        (" Ada@Hotmail.FR ", "microsoft"),
        ("ada@wanadoo.fr", "orange"),
        ("ada@neuf.fr", "sfr"),
        ("ada@laposte.net", "laposte"),
        ("ada@me.com", "icloud"),
        ("ada@yahoo.fr", "yahoo"),
        ("ada@proton.me", "proton"),
    ],
)
def test_an_address_tells_its_provider(address: str, name: str) -> None:
    found = guess(address, PROVIDERS)
    assert found is not None
    assert found.id == name


@pytest.mark.parametrize("address", ["", "ada", "ada@", "ada@studio.example", "x@notgmail.com"])
def test_what_an_address_does_not_tell_is_not_guessed(address: str) -> None:
    assert guess(address, PROVIDERS) is None


def test_a_domain_belongs_to_one_provider() -> None:
    domains = [domain for each in PROVIDERS for domain in each.domains]
    assert len(domains) == len(set(domains))


@every_provider
def test_its_server_may_stand_in_the_document(provider: Provider) -> None:
    fields = {
        "imap_host": provider.host or None,
        "imap_port": provider.port,
        "imap_security": provider.security,
    }
    PollingConfig.model_validate(fields)


@every_provider
def test_it_says_what_it_demands(provider: Provider) -> None:
    assert provider.demands
    assert provider.link.startswith("https://") or not provider.link
    assert provider.oauth in ("", *OAUTH)
    assert provider.password or provider.oauth


def test_it_is_found_by_its_server_and_by_its_name() -> None:
    google = named("google", PROVIDERS)
    assert by_server("IMAP.gmail.com", "993", PROVIDERS) == google
    assert by_server("127.0.0.1", "143", PROVIDERS) is None
    assert by_server("", "993", PROVIDERS) is None
    assert named(OTHER, PROVIDERS)
