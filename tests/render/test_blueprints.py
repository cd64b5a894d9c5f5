"""The Blueprints say what Render accepts and what the relay needs."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable

import pytest

from tests.environment import ROOT
from tests.render.blueprint import faults, keys, load
from tests.render.services import SECONDS_TO_STOP, Blueprint, service
from tests.sources import environment_variables

FILES = ("render.yaml", "render-small.yaml")
# Read by Python, gunicorn and Render itself.
OTHERS = {"PYTHON_VERSION", "PYTHONUNBUFFERED", "WEB_CONCURRENCY"}


@pytest.mark.parametrize("name", FILES)
def test_render_would_accept_it(name: str) -> None:
    assert faults(load(name)) == []


@pytest.mark.parametrize("name", FILES)
def test_each_variable_is_known_and_set_once(name: str) -> None:
    blueprint = load(name)
    group = {key for each in blueprint.get("envVarGroups", []) for key in keys(each)}
    for each in blueprint["services"]:
        listed = keys(each)
        assert len(listed) == len({*listed}), each["name"]
        assert not {*listed} & group
        assert {*listed} - environment_variables() <= OTHERS


@pytest.mark.parametrize("name", FILES)
def test_no_secret_and_no_old_python_is_written_down(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"key: \w*(SECRET|PASSWORD|TOKEN|URL)\w*\n +value: (?!sqlite:)", text)
    (version,) = {*re.findall(r'PYTHON_VERSION\n +value: "([^"]+)"', text)}
    assert re.fullmatch(r"3\.1[1-4]\.[1-9]\d*", version), "Render wants all three numbers"


@pytest.mark.parametrize("name", FILES)
def test_a_preview_reads_no_mailbox(name: str) -> None:
    assert load(name)["previews"] == {"generation": "off"}


@pytest.mark.parametrize("name", FILES)
def test_a_copy_without_checks_is_deployed_too(name: str) -> None:
    """Render waits for ever for checks of which there are none, as in a new fork
    (https://render.com/docs/deploys#integrating-with-ci)."""
    built = [each for each in load(name)["services"] if "buildCommand" in each]
    assert {each["autoDeployTrigger"] for each in built} == {"commit"}


@pytest.mark.parametrize("name", FILES)
def test_the_page_says_what_to_enter_for_each_value_that_is_asked_for(name: str) -> None:
    page = (ROOT / "docs" / "deploy-on-render.md").read_text(encoding="utf-8")
    variables = [each for service in load(name)["services"] for each in service.get("envVars", [])]
    asked = {each["key"] for each in variables if each.get("sync") is False}
    assert asked
    assert asked <= {*re.findall(r"`([A-Z_]+)`", page)}


def test_there_is_time_to_stop() -> None:
    blueprint = load("render.yaml")
    for kind in ("web", "worker"):
        assert service(blueprint, kind)["maxShutdownDelaySeconds"] > SECONDS_TO_STOP


def test_several_containers_share_a_database_a_redis_and_the_secrets() -> None:
    blueprint = load("render.yaml")
    worker, web = service(blueprint, "worker"), service(blueprint, "web")
    assert worker["numInstances"] == 2
    assert [each for each in worker["envVars"] if each.get("sync") is False] == []
    shared = {"DATABASE_URL", "REDIS_URL", "IMAP_SERVER", "EMAIL_ADDRESS", "EMAIL_PASSWORD",
              "WEBHOOK_URL"}  # fmt: skip
    assert shared <= {*keys(worker)} & {*keys(web)}
    (group,) = blueprint["envVarGroups"]
    assert {"key": "SECRET_KEY", "generateValue": True} in group["envVars"]
    redis = service(blueprint, "keyvalue")
    assert (redis["maxmemoryPolicy"], redis["ipAllowList"]) == ("noeviction", [])
    assert (redis["persistenceMode"], redis["plan"]) == ("journal-snapshot", "starter")
    assert blueprint["databases"][0]["ipAllowList"] == []


def test_one_container_keeps_all_it_writes_on_its_disk() -> None:
    (only,) = load("render-small.yaml")["services"]
    values = {each["key"]: each.get("value", "") for each in only["envVars"]}
    for key in ("DATABASE_URL", "CONFIG_STORE_DIR", "BG_POLLER_LOCK_FILE"):
        assert f"{only['disk']['mountPath']}/" in values[key]


def bad(change: Callable[[Blueprint], object]) -> Blueprint:
    blueprint = copy.deepcopy(load("render.yaml"))
    change(blueprint)
    return blueprint


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda b: b.update(service=[]), "Additional properties"),
        (lambda b: b["previews"].update(generation=False), "False is not one of"),
        (lambda b: b["services"][0].update(env="python"), "$.services[0]"),
        (lambda b: b["services"][1].update(maxShutdownDelaySeconds=301), "$.services[1]"),
        (lambda b: b["services"][1].update(plan="free"), "no worker is free"),
        (lambda b: b["services"][2].pop("ipAllowList"), "$.services[2]"),
        (lambda b: b["services"][2].update(type="redis"), "$.services[2]"),
        (lambda b: b["databases"][0].update(postgresMajorVersion=17), "17 is not one of"),
        (lambda b: b["databases"][0].update(region="oregon"), "several regions"),
        (lambda b: b["databases"][0].update(name="other"), "no database render-signal-db"),
        (lambda b: b["envVarGroups"][0].update(name="other"), "no group render-signal"),
        (lambda b: b["envVarGroups"][0]["envVars"].append({"key": "A", "sync": False}), "A"),
        (lambda b: b["services"][0]["envVars"].append({"key": "A", "value": True}), "A"),
        (lambda b: b["services"][0].update(preDeployCommand="a && b"), "no shell runs"),
        (lambda b: b["services"][0].update(disk={"name": "d", "mountPath": "/d"}), "the disk is"),
        (lambda b: b["services"][0]["envVars"].pop(), "render-signal-web has no WEBHOOK_URL"),
    ],
)
def test_the_rules_are_rules(change: Callable[[Blueprint], object], fault: str) -> None:
    assert fault in "\n".join(faults(bad(change)))
