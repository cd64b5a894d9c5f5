from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from configstore import magic_links
from configstore.backends.file import FileBackend
from configstore.magic_link_list import State, links
from configstore.magic_links import Refusal, redeem
from configstore.models import MagicLinkUse, Revision
from tests.configstore.links import NAME, NOW, permanent, single_use, staff_user, stored, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]


@pytest.fixture
def ada() -> User:
    return staff_user()


def states() -> dict[str, State]:
    return {link.id: link.state for link in links(NOW)}


def test_the_owner_gets_in_once(ada: User) -> None:
    link = single_use()
    assert redeem(link.id, link.secret, NOW) == ada
    assert redeem(link.id, link.secret, NOW) is Refusal.USED


def test_a_permanent_link_works_again_and_does_not_expire(ada: User) -> None:
    link = permanent()
    assert link.expires_at is None
    for days in (0, 1, 5000):
        assert redeem(link.id, link.secret, NOW + timedelta(days=days)) == ada


def test_no_secret_is_stored_only_its_digest(files: Path) -> None:
    link = single_use()
    everything = "".join(path.read_text() for path in files.glob("*.json"))
    everything += "".join(json.dumps(row.after) for row in Revision.objects.all())
    assert link.id in everything
    assert link.secret not in everything
    assert link.secret not in repr(link)


def test_the_document_says_all_that_the_contract_wants() -> None:
    link = single_use()
    entry = stored()[link.id]
    assert len(str(entry.pop("digest"))) == 64
    assert entry == {
        "owner": "ada",
        "created_at": NOW.timestamp(),
        "expires_at": NOW.timestamp() + 900,
        "single_use": True,
        "consumed": False,
        "consumed_at": None,
    }


def test_the_secret_is_in_the_fragment() -> None:
    link = single_use()
    assert link.path == f"/login/link/{link.id}/#{link.secret}"
    assert len(link.secret) == 43


def test_the_life_of_a_link_is_a_setting(settings: LazySettings, ada: User) -> None:
    settings.MAGIC_LINK_TTL_SECONDS = 60
    link = single_use()
    assert redeem(link.id, link.secret, NOW + timedelta(seconds=60)) is Refusal.EXPIRED
    assert redeem(link.id, link.secret, NOW + timedelta(seconds=59)) == ada


def test_a_wrong_secret_uses_nothing_up(ada: User) -> None:
    link = single_use()
    for secret in ("", "é", single_use().secret, link.secret[:-1], link.secret + "x"):
        assert redeem(link.id, secret, NOW) is Refusal.WRONG
    assert redeem(link.id, link.secret, NOW) == ada


def test_only_who_knows_the_secret_is_told_that_a_link_is_used(ada: User) -> None:
    link = single_use()
    redeem(link.id, link.secret, NOW)
    assert redeem(link.id, "guess", NOW) is Refusal.WRONG
    assert redeem(link.id, "guess", NOW + timedelta(days=1)) is Refusal.WRONG


def test_an_unknown_link_is_refused() -> None:
    assert redeem("nobody", "x", NOW) is Refusal.UNKNOWN


def test_a_use_is_in_the_document_and_in_the_history(ada: User) -> None:
    link = single_use()
    redeem(link.id, link.secret, NOW)
    assert stored()[link.id]["consumed"] is True
    assert stored()[link.id]["consumed_at"] == NOW.timestamp()
    newest = Revision.objects.first()
    assert newest is not None
    assert (newest.author, newest.action) == ("ada", f"magic link {link.id} used")


def test_a_database_made_anew_revives_no_link(ada: User) -> None:
    link = single_use()
    redeem(link.id, link.secret, NOW)
    MagicLinkUse.objects.all().delete()
    assert redeem(link.id, link.secret, NOW) is Refusal.USED
    assert not MagicLinkUse.objects.exists()


def test_the_database_remembers_what_the_stores_could_not(
    ada: User, caplog: pytest.LogCaptureFixture, files: Path
) -> None:
    link = single_use()
    (files / ".lock").unlink()
    (files / ".lock").mkdir()  # the file store cannot write
    assert redeem(link.id, link.secret, NOW) == ada
    assert stored()[link.id]["consumed"] is False
    assert redeem(link.id, link.secret, NOW) is Refusal.USED
    assert states() == {link.id: State.USED}
    [warning] = [record.getMessage() for record in caplog.records if "not marked" in record.msg]
    assert link.id in warning
    assert link.secret not in caplog.text


def test_a_link_used_in_another_container_meanwhile_is_used(
    ada: User, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its database is not ours; the document is the same."""
    link = single_use()
    store = FileBackend(directory=files)
    create = MagicLinkUse.objects.create

    def create_and_be_overtaken(**row: object) -> MagicLinkUse:
        document = store.read(NAME)
        assert document is not None
        document[link.id]["consumed"] = True
        store.write(NAME, document)
        return create(**row)

    monkeypatch.setattr(MagicLinkUse.objects, "create", create_and_be_overtaken)
    assert redeem(link.id, link.secret, NOW) is Refusal.USED


def test_a_link_revoked_while_it_is_redeemed_does_not_come_back(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = single_use()
    create = MagicLinkUse.objects.create

    def create_and_revoke(**row: object) -> MagicLinkUse:
        magic_links.revoke(link.id, "eve")
        return create(**row)

    monkeypatch.setattr(MagicLinkUse.objects, "create", create_and_revoke)
    assert redeem(link.id, link.secret, NOW) is Refusal.UNKNOWN
    assert link.id not in stored()


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"username": "x"}])
def test_an_owner_who_may_not_log_in_is_refused_and_the_link_kept(
    ada: User, change: dict[str, object]
) -> None:
    link = single_use()
    User.objects.filter(pk=ada.pk).update(**change)
    assert redeem(link.id, link.secret, NOW) is Refusal.OWNER
    assert not MagicLinkUse.objects.exists()


def test_revoking_ends_one_link(ada: User) -> None:
    link, other = permanent(), permanent()
    assert magic_links.revoke(link.id, "ada")
    assert redeem(link.id, link.secret, NOW) is Refusal.UNKNOWN
    assert redeem(other.id, other.secret, NOW) == ada


def test_revoking_an_unknown_link_says_so_and_changes_nothing() -> None:
    assert not magic_links.revoke("nobody", "ada")
    assert not Revision.objects.exists()


def test_revoking_all_keeps_what_is_no_link() -> None:
    single_use()
    write(stored() | {"_updated_at": "2026-01-01"})
    permanent()
    assert magic_links.revoke_all("ada") == 2
    assert stored() == {"_updated_at": "2026-01-01"}
    assert magic_links.revoke_all("ada") == 0


FORMER: dict[str, object] = {
    "permanent": {"expires_at": None, "single_use": False, "consumed": False},
    "late": {"expires_at": 1.0, "single_use": True, "consumed": False, "consumed_at": None},
    "used": {"expires_at": 1.0, "single_use": True, "consumed": True, "consumed_at": 2.0},
    "strange": {"expires_at": 1e300, "created_at": -1e300},
    "text": "not even an object",
    "half": {"expires_at": "soon"},
}


def test_links_of_the_former_application_are_listed_and_open_nothing() -> None:
    write(FORMER)
    assert states() == {
        "permanent": State.FOREIGN,
        "late": State.EXPIRED,
        "used": State.USED,
        "strange": State.FOREIGN,
        "text": State.FOREIGN,
        "half": State.FOREIGN,
    }
    refusals = {redeem(link_id, "x", NOW) for link_id in FORMER}
    assert refusals == {Refusal.FOREIGN, Refusal.UNKNOWN}


def test_a_link_of_ours_stands_beside_those_of_the_former_application(ada: User) -> None:
    write(FORMER)
    link = single_use()
    assert redeem(link.id, link.secret, NOW) == ada
    assert {name: stored()[name] for name in FORMER} == FORMER


def test_an_empty_digest_is_no_digest() -> None:
    write({"x": {"digest": "", "owner": "ada"}})
    assert redeem("x", "", NOW) is Refusal.FOREIGN
