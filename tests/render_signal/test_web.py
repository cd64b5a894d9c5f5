"""The web process as a platform runs it: a disk that is lost, a proxy in front."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.web import Visitor, Web

PASSWORD = "correct horse battery"
MakeWeb = Callable[..., Web]


@pytest.fixture
def make_web(tmp_path: Path) -> Iterator[MakeWeb]:
    running: list[Web] = []

    def make(**variables: str) -> Web:
        user = {"DASHBOARD_USER": "ada", "DASHBOARD_PASSWORD": PASSWORD}
        running.append(Web(tmp_path, user | variables))
        return running[-1]

    yield make
    for web in running:
        web.stop()
    if running:
        sys.stdout.write(running[-1].log)


def test_a_lost_disk_logs_nobody_out(make_web: MakeWeb, tmp_path: Path, redis_url: str) -> None:
    web = make_web(REDIS_URL=redis_url)
    visitor = Visitor()
    visitor.submit(f"{web.url}/admin/login/", username="ada", password=PASSWORD, next="/admin/")
    assert visitor.get(f"{web.url}/admin/").status_code == 200
    web.stop()
    for path in tmp_path.glob("db.sqlite3*"):
        path.unlink()
    web = make_web(REDIS_URL=redis_url)
    assert visitor.get(f"{web.url}/admin/").status_code == 200
    assert Visitor().get(f"{web.url}/admin/").status_code == 302
    answer = visitor.submit(
        f"{web.url}/admin/password_change/",
        old_password=PASSWORD,
        new_password1="another horse",
        new_password2="another horse",
    )
    assert answer.headers["Location"] == "/admin/password_change/done/"
    assert visitor.get(f"{web.url}/admin/").status_code == 200
