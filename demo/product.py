"""The product's own processes, started as an operator would start them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.conf import settings
from redis import RedisError

from demo.environment import describe_redis
from demo.stage import HOST, Stage, free_port
from runtime.redis import redis_client

WEB_SECONDS_TO_START = 30.0
WEB_SECONDS_TO_STOP = 10.0
POLLER_SECONDS_TO_STOP = 20.0
Environment = Mapping[str, str]


def tell_lock(stage: Stage) -> None:
    client, fault = redis_client(), ""
    try:
        if client is not None:
            client.ping()
    except RedisError as exc:
        fault = str(exc)
    stage.status("lock", describe_redis(settings.REDIS_URL, fault))


def migrate(stage: Stage, environment: Environment) -> None:
    began = time.monotonic()
    stage.status("database", "migrating…")
    stage.run("migrate", ["manage.py", "migrate", "--no-input", "-v0"], environment)
    stage.status("database", f"ready after {time.monotonic() - began:.1f} s")


def create_staff_user(stage: Stage, environment: Environment, user: str, password: str) -> None:
    stage.run(
        "createsuperuser",
        ["manage.py", "createsuperuser", "--no-input"],
        {
            **environment,
            "DJANGO_SUPERUSER_USERNAME": user,
            "DJANGO_SUPERUSER_PASSWORD": password,
            "DJANGO_SUPERUSER_EMAIL": f"{user}@relay.example",
        },
    )


def start_web(stage: Stage, environment: Environment, wanted: int) -> int:
    """The port that it listens on: the wanted one, or the next one that is free."""
    port = free_port(wanted)
    if wanted and port != wanted:
        stage.status("web", f"port {wanted} is taken, so it is {port}")
    command = ["-m", "gunicorn", "render_signal.wsgi:application", "--bind", f"{HOST}:{port}"]
    # As scripts/start-web: the same worker and the same log. The control socket would be one for
    # all gunicorns of this user, in the home directory.
    options = [
        *("--workers", "1", "--threads", "4", "--no-control-socket"),
        *("--worker-class", "render_signal.web_worker.WebWorker"),
        *("--logger-class", "render_signal.web_log.WebLogger"),
    ]
    named = {**environment, "DJANGO_SETTINGS_MODULE": "render_signal.settings"}
    stage.start("web", [*command, *options], named, WEB_SECONDS_TO_STOP)
    return port


def wait_for_web(stage: Stage, port: int) -> None:
    if stage.wait_for_port(port, WEB_SECONDS_TO_START):
        stage.status("web", f"http://localhost:{port}/admin/")
    else:
        stage.status("web", f"nothing answers on port {port} yet; see its log")


def start_poller(stage: Stage, environment: Environment) -> None:
    stage.start("poller", ["manage.py", "runpoller"], environment, POLLER_SECONDS_TO_STOP)
