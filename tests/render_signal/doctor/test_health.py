"""All is well, with everything real."""

from __future__ import annotations

import json

from tests.render_signal.doctor.patient import Patient
from tests.servers.endpoint import Endpoint
from tests.servers.fixtures import MakeSmtp
from tests.servers.redis import RedisServer
from tests.servers.worker import Worker


def test_all_is_green(
    patient: Patient,
    endpoint: Endpoint,
    worker: Worker,
    make_smtp: MakeSmtp,
    redis_server: RedisServer,
) -> None:
    prefs = {"notify_on_failure": True, "alert_emails": ["ada@example.org"]}
    redis_server.client().set("r:ss:config:processing_prefs", json.dumps(prefs))
    server = make_smtp("tls")
    patient.variables |= worker.environment()
    patient.variables |= {"ALERT_SMTP_URL": server.url, "ALERT_FROM": "relay@example.org"}
    patient.start()

    found = patient.examined("--strict")

    assert (found.ill, found.level, found.code) == ({}, "green", 0), found.output
    (request,) = endpoint.requests
    assert request.json["subject"] == "render_signal: test"
    assert request.headers["webhook-signature"]
    assert server.connections == 1
    assert redis_server.client().keys("*doctor*") == []


def test_nothing_is_sent_if_that_is_asked_for(small_patient: Patient, endpoint: Endpoint) -> None:
    found = small_patient.examined("--no-send", "--only", "endpoint")
    assert (found.ill, found.code, endpoint.requests) == ({}, 0, [])
    assert {each["examination"] for each in found.findings} == {"endpoint"}
