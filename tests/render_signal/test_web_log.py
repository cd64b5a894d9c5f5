"""The lines of the web process: requests, gunicorn's own, and no secret."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from render_signal import serving
from tests.canary import found_in
from tests.environment import ROOT, child_environment
from tests.render_signal.conftest import PASSWORD, MakeWeb
from tests.servers.php import PhpApi
from tests.servers.ports import HOST, free_port
from tests.servers.redis import RedisServer
from tests.servers.web import Visitor, Web

PLAIN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}Z [A-Z]+ \S+ \S")
BROKEN = """
import threading, warnings
import django.core.exceptions
def die():
    raise ValueError("in a thread")
thread = threading.Thread(target=die, name="doomed")
thread.start()
thread.join()
warnings.warn("first line\\nsecond line")
raise {}
"""


@pytest.fixture
def talkative(make_web: MakeWeb, redis_server: RedisServer, redis_url: str, php_api: PhpApi) -> Web:
    """With stores that refuse it."""
    return make_web(
        LOG_FORMAT="json",
        LOG_LEVEL="DEBUG",
        REDIS_URL=f"redis://relay:s3cret-of-redis@{HOST}:{redis_server.port}/0",
        EXTERNAL_CONFIG_BASE_URL=php_api.base_url,
        CONFIG_API_TOKEN="s3cret-of-nobody",
        METRICS_TOKEN="t0ken-of-prometheus",
    )


def events(web: Web) -> list[dict[str, Any]]:
    return [json.loads(line) for line in web.log.splitlines()]


def test_each_line_is_an_event_and_none_says_a_secret(talkative: Web, tmp_path: Path) -> None:
    visitor = Visitor()
    page = f"{talkative.url}/admin/login/"
    visitor.submit(page, username="ada", password=f"not the {PASSWORD}", next="/admin/")
    visitor.submit(page, username="ada", password=PASSWORD, next="/admin/")
    assert visitor.get(f"{talkative.url}/admin/?q=t0ken").status_code == 200
    for path in ("/health/live", "/metrics", "/admin/nothing%0d%0a2026-11-27%20ERROR"):
        visitor.get(talkative.url + path)
    talkative.stop()
    said = events(talkative)
    assert found_in(talkative.log) == []
    assert {"gunicorn.error", "gunicorn.access", "configstore.backends.fallback"} <= {
        event["logger"] for event in said
    }
    asked = [event for event in said if event["message"].startswith("GET /admin/ status=200")]
    assert asked and asked[0]["level"] == "info" and asked[0]["status"] == "200"
    routine = [event for event in said if event["message"].startswith("GET /health/live ")]
    assert [event["level"] for event in routine] == ["debug"]


def test_a_plain_line_of_a_request(make_web: MakeWeb) -> None:
    web = make_web()
    Visitor().get(f"{web.url}/admin/")
    Visitor().get(f"{web.url}/health/live")
    web.stop()
    assert " INFO gunicorn.access GET /admin/ status=302 " in web.log
    assert "/health" not in web.log


def test_the_line_of_a_request_and_that_of_a_login_name_the_same_client(make_web: MakeWeb) -> None:
    web = make_web(TRUSTED_PROXY_COUNT="1", METRICS_TOKEN="t0ken-of-prometheus")
    visitor = Visitor({"X-Forwarded-For": "203.0.113.1, 198.51.100.7"})
    assert visitor.get(f"{web.url}/metrics").status_code == 401
    web.stop()
    (line,) = [line for line in web.log.splitlines() if " gunicorn.access " in line]
    assert " INFO gunicorn.access GET /metrics status=401 " in line
    assert line.endswith(" address=198.51.100.7")
    assert " Unauthorized: /metrics" in web.log


def serve(folder: Path, command: Sequence[str], **variables: str) -> tuple[int, str]:
    variables["DJANGO_SETTINGS_MODULE"] = "render_signal.settings"
    environment = child_environment(folder, **variables)
    environment["PYTHONPATH"] += f"{os.pathsep}{folder}"
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


def boot(folder: Path, settings: LazySettings, fault: str, form: str) -> tuple[int, str]:
    """gunicorn as the start script starts it, with an application that cannot be loaded."""
    (folder / "broken.py").write_text(BROKEN.format(fault))
    settings.PORT = free_port()
    program, _, *options = serving.arguments()
    return serve(folder, [program, "broken:application", *options], LOG_FORMAT=form)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("ValueError('no')", "The web process cannot start"),
        (
            "django.core.exceptions.ImproperlyConfigured('X is not set')",
            "Configuration error: X is not set",
        ),
    ],
)
def test_what_cannot_start_is_told_in_events(
    tmp_path: Path, settings: LazySettings, fault: str, sentence: str
) -> None:
    code, output = boot(tmp_path, settings, fault, "json")
    said = [json.loads(line) for line in output.splitlines()]
    assert (code, said[-1]["message"]) == (3, "Reason: Worker failed to boot.")
    assert {"error"} == {event["level"] for event in said if event["message"] == sentence}
    (died,) = [event for event in said if event["message"].startswith("The thread doomed ")]
    assert died["traceback"].endswith("ValueError: in a thread")
    (warned,) = [event for event in said if event["logger"] == "py.warnings"]
    assert "UserWarning: first line\nsecond line" in warned["message"]


def test_what_cannot_start_is_told_in_plain_lines(tmp_path: Path, settings: LazySettings) -> None:
    code, output = boot(tmp_path, settings, "ValueError('no')", "plain")
    assert code == 3
    assert not [line for line in output.splitlines() if not PLAIN.match(line)]


def test_a_wrong_setting_is_told_in_an_event(tmp_path: Path) -> None:
    code, output = serve(tmp_path, ["render_signal.serving"], LOG_FORMAT="json", PORT="http")
    event = json.loads(output)
    assert (code, event["level"]) == (1, "error")
    assert event["message"].startswith("Configuration error: PORT ('http') is not a whole number")


def test_a_database_that_cannot_be_migrated_is_told_in_an_event(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").write_text("no database, by its length and by its first words")
    code, output = serve(tmp_path, ["render_signal.serving"], LOG_FORMAT="json")
    event = json.loads(output)
    assert (code, event["message"]) == (1, "The process ends by a fault")
    assert event["traceback"].endswith("DatabaseError: file is not a database")
