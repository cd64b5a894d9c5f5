"""The web process as a platform runs it: a disk that is lost, a proxy in front."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.environment import ROOT, child_environment
from tests.render_signal.conftest import PASSWORD, MakeWeb
from tests.servers.web import Visitor, Web


def log_in(visitor: Visitor, web: Web, password: str = PASSWORD) -> int:
    page = f"{web.url}/admin/login/"
    fields = {"username": "ada", "password": password, "next": "/admin/"}
    return visitor.submit(page, **fields).status_code


def is_in(visitor: Visitor, web: Web) -> bool:
    return visitor.get(f"{web.url}/admin/").status_code == 200


def test_a_lost_disk_ends_no_session_and_a_changed_password_all_others(
    make_web: MakeWeb, tmp_path: Path, redis_url: str
) -> None:
    web = make_web(REDIS_URL=redis_url)
    here, elsewhere = Visitor(), Visitor()
    for visitor in (here, elsewhere):
        assert log_in(visitor, web) == 302
        assert is_in(visitor, web)
    web.stop()
    for path in tmp_path.glob("db.sqlite3*"):
        path.unlink()
    web = make_web(REDIS_URL=redis_url)
    assert is_in(here, web)
    assert is_in(elsewhere, web)
    assert not is_in(Visitor(), web)
    changed = here.submit(
        f"{web.url}/admin/password_change/",
        old_password=PASSWORD,
        new_password1="another horse",
        new_password2="another horse",
    )
    assert changed.headers["Location"] == "/admin/password_change/done/"
    assert is_in(here, web)
    assert not is_in(elsewhere, web)
    assert log_in(elsewhere, web) == 200, "the old password"
    assert log_in(elsewhere, web, "another horse") == 302


def test_a_magic_link_logs_in_behind_the_proxy_and_its_secret_is_in_no_log(
    make_web: MakeWeb, tmp_path: Path
) -> None:
    web = make_web(
        RENDER="true",
        RENDER_EXTERNAL_HOSTNAME="relay.example.com",
        TRUSTED_PROXY_COUNT="1",
        FORWARDED_ALLOW_IPS="192.0.2.1",  # gunicorn itself would trust a proxy on this machine
    )
    link = magic_link(tmp_path)
    path, _, secret = link.removeprefix("https://relay.example.com").partition("#")
    visitor = Visitor(
        {
            "Host": "relay.example.com",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "203.0.113.1, 198.51.100.7",
            "Origin": "https://relay.example.com",
        }
    )
    answer = visitor.submit(web.url + path, secret=secret)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    cookie = answer.headers["Set-Cookie"].partition("sessionid=")[2]
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Max-Age=1209600"):
        assert f"; {attribute}" in cookie
    assert visitor.submit(web.url + path, secret=secret).status_code == 403
    web.stop()
    link_id = path.split("/")[-2]
    assert f"Magic link used link={link_id} user=ada address=198.51.100.7" in web.log
    assert f"Magic link refused link={link_id} reason=used address=198.51.100.7" in web.log
    assert f"POST {path}" in web.log
    assert secret not in web.log


def magic_link(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "magiclink", "create"],
        cwd=ROOT,
        env=child_environment(folder, RENDER_EXTERNAL_URL="https://relay.example.com"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
