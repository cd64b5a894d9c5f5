from __future__ import annotations

import pytest
from django.conf import LazySettings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from configstore.secrets import SecretUnreadable, decrypt, encrypt, is_encrypted


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8")))
def test_what_is_encrypted_is_decrypted(secret: str) -> None:
    assert decrypt(encrypt(secret)) == secret


def test_the_secret_is_not_in_what_is_stored() -> None:
    assert "pässword" not in encrypt("pässword")
    assert is_encrypted(encrypt("pässword"))


def test_the_same_secret_is_stored_differently_each_time() -> None:
    assert encrypt("a") != encrypt("a")


def test_a_secret_that_somebody_wrote_by_hand_is_read() -> None:
    assert decrypt("plain") == "plain"
    assert not is_encrypted("plain")


def test_an_old_key_still_decrypts_and_the_first_encrypts(settings: LazySettings) -> None:
    settings.CONFIG_ENCRYPTION_KEYS = ["old"]
    old = encrypt("secret")
    settings.CONFIG_ENCRYPTION_KEYS = ["new", "old"]
    new = encrypt("secret")
    assert decrypt(old) == "secret"
    settings.CONFIG_ENCRYPTION_KEYS = ["new"]
    assert decrypt(new) == "secret"
    with pytest.raises(SecretUnreadable, match="CONFIG_ENCRYPTION_KEYS"):
        decrypt(old)


@pytest.mark.parametrize("damaged", ["fernet:", "fernet:é", "fernet:abc", "fernet:gAAAAA=="])
def test_a_damaged_secret_is_unreadable(damaged: str) -> None:
    with pytest.raises(SecretUnreadable):
        decrypt(damaged)
