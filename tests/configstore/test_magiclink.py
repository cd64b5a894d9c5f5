from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from tests.configstore.links import staff_user, stored, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "no_tries")]


@pytest.fixture(autouse=True)
def hosts(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", ".example.com", "relay.example.com", "testserver"]


def magiclink(*arguments: str) -> tuple[list[str], str]:
    out, err = StringIO(), StringIO()
    call_command("magiclink", *arguments, stdout=out, stderr=err)
    return out.getvalue().splitlines(), err.getvalue()


def test_it_prints_a_link_that_logs_in_and_nothing_else() -> None:
    staff_user()
    [url], said = magiclink("create")
    path, _, secret = url.removeprefix("https://relay.example.com").partition("#")
    assert "Logs ada in once, until " in said
    assert secret not in said
    browser = Client()
    browser.post(path, {"secret": secret})
    assert browser.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("given", "render", "hosts", "base"),
    [
        ("https://a.example:8443/", "https://r.example", ["b.example"], "https://a.example:8443/"),
        ("", "https://r.example", ["b.example"], "https://r.example/"),
        ("", "", ["localhost", "b.example"], "https://b.example/"),
        ("", "", ["*", "127.0.0.1", ".c.example"], "/"),
    ],
)
def test_the_address_in_front_is_the_best_that_is_known(
    settings: LazySettings, given: str, render: str, hosts: list[str], base: str
) -> None:
    staff_user()
    settings.RENDER_EXTERNAL_URL, settings.ALLOWED_HOSTS = render, hosts
    [url], said = magiclink("create", *(["--base-url", given] if given else []))
    assert url.startswith(f"{base}login/link/")
    assert ("Put the address of the web page in front" in said) == (base == "/")


def test_a_permanent_link_is_for_the_user_named() -> None:
    staff_user("ada")
    staff_user("eve")
    _, said = magiclink("create", "--user", "eve", "--permanent")
    [entry] = stored().values()
    assert (entry["owner"], entry["expires_at"], entry["single_use"]) == ("eve", None, False)
    assert "Logs eve in until revoked." in said


def test_the_user_of_the_environment_is_the_owner_by_default(settings: LazySettings) -> None:
    staff_user("ada")
    staff_user("eve")
    settings.DASHBOARD_USER = "eve"
    assert "Logs eve in" in magiclink("create")[1]


def test_a_list_names_each_link_and_no_secret() -> None:
    staff_user()
    [url], _ = magiclink("create")
    magiclink("create", "--permanent")
    write(stored() | {"old": {"expires_at": 1.0}})
    lines, _ = magiclink("list")
    [ours, _, old] = lines
    link_id = url.partition("#")[0].split("/")[-2]
    assert ours.startswith(f"{link_id}  usable  single-use  ada  created=")
    assert "usable  permanent  ada" in lines[1]
    assert old == "old  expired  single-use  -  created=-  expires=1970-01-01 00:00 UTC"
    assert url.partition("#")[2] not in "".join(lines)


def test_an_empty_list_says_so() -> None:
    assert magiclink("list") == ([], "There are no magic links.\n")


def test_one_or_all_links_are_revoked() -> None:
    staff_user()
    for _ in range(3):
        magiclink("create")
    first = next(iter(stored()))
    assert magiclink("revoke", first)[0] == [f"Revoked: {first}"]
    assert first not in stored()
    assert magiclink("revoke", "--all")[0] == ["Revoked: 2"]
    assert stored() == {}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["create", "--user", "nobody"], "There is no active staff user nobody."),
        (["create"], r"Whose link\? Use --user."),
        (["create", "--user", "ada", "--base-url", "relay.example.com"], "--base-url is an"),
        (["revoke", "nothing"], "There is no link nothing."),
        (["revoke"], "one of the arguments id --all is required"),
        (["revoke", "x", "--all"], "not allowed with"),
        (["dance"], "invalid choice: 'dance'"),
        ([], "the following arguments are required: ACTION"),
    ],
)
def test_a_slip_is_told_in_a_sentence_and_makes_no_link(
    arguments: list[str], sentence: str
) -> None:
    staff_user("ada")
    staff_user("eve")
    with pytest.raises(CommandError, match=sentence):
        magiclink(*arguments)
    assert stored() == {}


def test_without_a_staff_user_there_is_no_link() -> None:
    with pytest.raises(CommandError, match="no active staff user"):
        magiclink("create")


def test_a_faulty_document_is_told_and_left_as_it_is(files: Path) -> None:
    staff_user()
    files.mkdir()
    broken = files / "magic_link_tokens.json"
    broken.write_text("{,")
    with pytest.raises(CommandError, match="line 1, column 2"):
        magiclink("create")
    assert broken.read_text() == "{,"
