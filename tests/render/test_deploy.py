"""The commands of the Blueprints, carried out one after the other."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.render.blueprint import load
from tests.render.checkout import Checkout, Service
from tests.render.services import SECONDS_TO_STOP, service
from tests.servers.postgres import PostgresServer

IDLE = "No mailbox is set up"
Start = Callable[..., Service]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Service] = []

    def begin(checkout: Checkout, command: str, **variables: str) -> Service:
        running.append(checkout.start(command, **variables))
        return running[-1]

    yield begin
    for each in running:
        each.close()


@pytest.fixture
def empty_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


def test_several_containers_are_built_migrated_started_and_stopped(
    tmp_path: Path, redis_url: str, empty_postgres: str, start: Start
) -> None:
    blueprint = load("render.yaml")
    web, worker = service(blueprint, "web"), service(blueprint, "worker")
    checkout = Checkout(tmp_path, DATABASE_URL=empty_postgres, REDIS_URL=redis_url)
    checkout.run(web["buildCommand"])
    assert list((checkout.folder / "staticfiles").glob("admin/css/base*.css"))
    early = start(checkout, worker["startCommand"])
    early.says("Waiting for `manage.py migrate`")
    checkout.run(web["preDeployCommand"])
    early.says(IDLE)
    page = start(checkout, web["startCommand"])
    assert page.get(web["healthCheckPath"]).status_code == 200
    login = page.get("/admin/login/")
    assert (login.status_code, "csrfmiddlewaretoken" in login.text) == (200, True)
    for each, described in ((page, web), (early, worker)):
        code, seconds = each.stop()
        assert code == 0, each.log
        assert seconds < min(SECONDS_TO_STOP, described["maxShutdownDelaySeconds"]), each.log


@pytest.fixture
def small(tmp_path: Path) -> tuple[Checkout, dict[str, Any]]:
    """Built; the disk is a folder of this test."""
    (only,) = load("render-small.yaml")["services"]
    disk = tmp_path / "disk"
    disk.mkdir()
    values = {
        each["key"]: str(each["value"]).replace(only["disk"]["mountPath"], str(disk))
        for each in only["envVars"]
        if "value" in each
    }
    checkout = Checkout(tmp_path, **values)
    checkout.run(only["buildCommand"])
    return checkout, only


def test_one_container_does_everything_and_keeps_it_on_its_disk(
    tmp_path: Path, small: tuple[Checkout, dict[str, Any]], start: Start
) -> None:
    checkout, described = small
    only = start(checkout, described["startCommand"])
    assert only.get(described["healthCheckPath"]).status_code == 200
    only.says(IDLE)
    code, seconds = only.stop()
    assert code == 0, only.log
    assert seconds < 30, "what Render gives a service that says nothing"
    assert (tmp_path / "disk" / "db.sqlite3").exists()
    assert not (checkout.folder / "var" / "db.sqlite3").exists()


def test_one_container_ends_when_its_poller_does(
    small: tuple[Checkout, dict[str, Any]], start: Start
) -> None:
    """Otherwise the page would look well, and no mail would be read."""
    checkout, described = small
    only = start(checkout, described["startCommand"])
    only.says(IDLE)
    listed = subprocess.check_output(["ps", "-o", "pid=,args=", "--ppid", str(only.pid)], text=True)
    (poller,) = [int(line.split()[0]) for line in listed.splitlines() if "runpoller" in line]
    os.kill(poller, signal.SIGKILL)
    assert only.wait() == 128 + signal.SIGKILL
