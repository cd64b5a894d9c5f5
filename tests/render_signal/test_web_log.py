"""The lines of the web process: requests, gunicorn's own, and no secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.canary import found_in
from tests.render_signal.conftest import PASSWORD, MakeWeb
from tests.servers.php import PhpApi
from tests.servers.ports import HOST
from tests.servers.redis import RedisServer
from tests.servers.web import Visitor, Web


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
