"""The rules of Render's Blueprint files that ours touch, in our own words: what Render's schema
refuses, and what it accepts but Render does not do.

https://render.com/docs/blueprint-spec
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from tests.environment import ROOT

TEXT = {"type": "string", "minLength": 1}
REGION = {"enum": ["oregon", "ohio", "frankfurt", "singapore", "virginia"]}
SERVER_PLAN = {
    "enum": ["free", "starter", "standard", "pro", "pro plus", "pro max", "pro ultra",
             "0.5c-512mb", "1c-2g", "2c-4g", "2c-8g", "2c-16g", "4c-8g", "4c-16g", "4c-32g"]
}  # fmt: skip
ALLOW_LIST = {"type": "array", "items": {"type": "object", "required": ["source"]}}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    """An object with these fields and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def one_way(**properties: Any) -> dict[str, Any]:
    return closed(["key", *properties], key=TEXT, **properties)


# A boolean would be neither string nor number, though YAML reads an unquoted "true" as one.
PLAIN = [one_way(value={"type": ["string", "number"]}), one_way(generateValue={"const": True})]
FROM_DATABASE = closed(
    ["name", "property"],
    name=TEXT,
    property={
        "enum": ["connectionString", "connectionPoolString", "host", "port", "user", "password",
                 "database"]
    },
)  # fmt: skip
FROM_SERVICE = {
    "oneOf": [
        closed(
            ["name", "type", "property"],
            name=TEXT,
            type=TEXT,
            property={"enum": ["host", "port", "hostport", "slug", "connectionString"]},
        ),
        closed(["name", "type", "envVarKey"], name=TEXT, type=TEXT, envVarKey=TEXT),
    ]
}
VARIABLE = {
    "oneOf": [
        *PLAIN,
        one_way(sync={"const": False}),
        one_way(fromDatabase=FROM_DATABASE),
        one_way(fromService=FROM_SERVICE),
        closed(["fromGroup"], fromGroup=TEXT),
    ]
}
SERVER = closed(
    ["type", "name", "runtime"],
    type={"enum": ["web", "worker", "pserv"]},
    name=TEXT,
    runtime={"enum": ["docker", "elixir", "go", "image", "node", "python", "ruby", "rust"]},
    region=REGION,
    plan=SERVER_PLAN,
    numInstances={"type": "integer", "minimum": 1},
    buildCommand=TEXT,
    startCommand=TEXT,
    preDeployCommand=TEXT,
    healthCheckPath={"type": "string", "pattern": "^/"},
    autoDeployTrigger={"enum": ["off", "commit", "checksPass"]},
    maxShutdownDelaySeconds={"type": "integer", "minimum": 1, "maximum": 300},
    disk=closed(
        ["name", "mountPath"],
        name=TEXT,
        mountPath={"type": "string", "pattern": "^/"},
        sizeGB={"type": "integer", "minimum": 1},
    ),
    ipAllowList=ALLOW_LIST,
    envVars={"type": "array", "items": VARIABLE},
)
KEY_VALUE = closed(
    ["type", "name", "ipAllowList"],
    type={"const": "keyvalue"},
    name=TEXT,
    region=REGION,
    plan={"enum": ["free", "starter", "standard", "pro", "pro plus", "256mb", "1g", "3g", "5g"]},
    maxmemoryPolicy={
        "enum": ["allkeys-lru", "volatile-lru", "allkeys-lfu", "volatile-lfu", "allkeys-random",
                 "volatile-random", "volatile-ttl", "noeviction"]
    },
    persistenceMode={"enum": ["journal-snapshot", "snapshot", "off"]},
    ipAllowList=ALLOW_LIST,
)  # fmt: skip
DATABASE = closed(
    ["name"],
    name=TEXT,
    databaseName=TEXT,
    user=TEXT,
    region=REGION,
    plan={"enum": ["free", "basic-256mb", "basic-1gb", "basic-4gb", "pro-4gb", "pro-8gb"]},
    postgresMajorVersion={"enum": [str(version) for version in range(10, 19)]},
    diskSizeGB={"type": "integer", "minimum": 1},
    ipAllowList=ALLOW_LIST,
)
BLUEPRINT = closed(
    ["services"],
    previews=closed(["generation"], generation={"enum": ["automatic", "manual", "off"]}),
    envVarGroups={
        "type": "array",
        "items": closed(
            ["name", "envVars"],
            name=TEXT,
            # sync: false does nothing in a group, and references are refused there.
            envVars={"type": "array", "items": {"oneOf": PLAIN}},
        ),
    },
    services={"type": "array", "items": {"oneOf": [SERVER, KEY_VALUE]}},
    databases={"type": "array", "items": DATABASE},
)


def load(name: str) -> dict[str, Any]:
    blueprint: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return blueprint


def faults(blueprint: dict[str, Any]) -> list[str]:
    """Why Render would refuse it, or would not do what it says."""
    refused = Draft202012Validator(BLUEPRINT).iter_errors(blueprint)
    shape = [f"{error.json_path}: {error.message}" for error in refused]
    return shape or [*_references(blueprint), *_plans(blueprint)]


def _references(blueprint: dict[str, Any]) -> Iterator[str]:
    """Names that lead nowhere; and one region for all, else there is no private network."""
    services = {each["name"]: each for each in blueprint["services"]}
    databases = {each["name"] for each in blueprint.get("databases", [])}
    groups = {each["name"] for each in blueprint.get("envVarGroups", [])}
    for variable in (each for service in services.values() for each in service.get("envVars", [])):
        if variable.get("fromGroup", next(iter(groups), None)) not in groups | {None}:
            yield f"no group {variable['fromGroup']}"
        if "fromDatabase" in variable and variable["fromDatabase"]["name"] not in databases:
            yield f"no database {variable['fromDatabase']['name']}"
        if source := variable.get("fromService"):
            yield from _from_service(source, services.get(source["name"]))
    everything = [*blueprint["services"], *blueprint.get("databases", [])]
    if len({each.get("region") for each in everything}) != 1:
        yield "several regions"


def _from_service(source: dict[str, str], service: dict[str, Any] | None) -> Iterator[str]:
    if service is None or service["type"] != source["type"]:
        yield f"no {source['type']} {source['name']}"
    elif (key := source.get("envVarKey")) and key not in keys(service):
        yield f"{source['name']} has no {key}"


def _plans(blueprint: dict[str, Any]) -> Iterator[str]:
    for service in blueprint["services"]:
        name, free = service["name"], service.get("plan") == "free"
        if free and service["type"] == "worker":
            yield f"{name}: no worker is free"
        if free and {"disk", "preDeployCommand", "maxShutdownDelaySeconds"} & {*service}:
            yield f"{name}: a free service has no disk, pre-deploy command or shutdown delay"
        if "disk" in service and service.get("numInstances", 1) > 1:
            yield f"{name}: a disk belongs to one instance"
        if "disk" in service and {"preDeployCommand", "maxShutdownDelaySeconds"} & {*service}:
            yield f"{name}: the disk is not there before the deploy, and allows no shutdown delay"
        if {"&", ";", "|"} & {*service.get("preDeployCommand", "")}:
            yield f"{name}: no shell runs the pre-deploy command"


def keys(service: dict[str, Any]) -> list[str]:
    return [each["key"] for each in service.get("envVars", []) if "key" in each]
