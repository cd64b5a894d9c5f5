"""The receivers that the documentation shows, run as they stand there."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from configstore.documents import WebhookConfig
from tests.doc_pages import DOCS, example, read
from tests.servers.fixtures import missing
from tests.servers.php import HOW as PHP_HOW
from tests.servers.php import php_binary
from tests.servers.ports import HOST, free_port, wait_port
from tests.servers.process import end, start
from tests.servers.worker import HOW as NODE_HOW
from tests.webhooks.examples import OLD_SECRET, SECRET, link, message
from webhooks.client import CONTENT_TYPES
from webhooks.payload import encode_form, encode_json, render
from webhooks.signing import sign

PAGE = read(DOCS / "receiving-webhooks.md")
NAME = "msg_97f138cc3c0a6dbd47238cb30c0172fa"
PAYLOAD = render(message(text="Été 🚚", links=(link(), link(number=2))), NAME, WebhookConfig())
BODY = encode_json(PAYLOAD)
LATE = 600
# What n8n gives to the text of a Code node, and what it makes of its answer.
NODE = """
const [headers, body] = [JSON.parse(process.argv[1]), Buffer.from(process.argv[2], "base64")];
const $input = { first: () => ({ json: { headers } }) };
const helpers = { getBinaryDataBuffer: async () => body };
(async function () { TEXT }).call({ helpers }).then((items) => console.log(JSON.stringify(items)));
"""
Head = dict[str, str]
Judge = Callable[[Head, bytes], bool]
Run = Callable[[Head, bytes], "subprocess.CompletedProcess[str]"]


def head(body: bytes = BODY, *, secrets: tuple[str, ...] = (SECRET,), age: int = 0) -> Head:
    sent = int(time.time()) - age
    return {
        "webhook-id": NAME,
        "webhook-timestamp": str(sent),
        "webhook-signature": sign(secrets, NAME, sent, body),
    }


FORGED = [
    (head(secrets=(OLD_SECRET,)), BODY),
    (head(), BODY.replace(b"Lot 12", b"Lot 13")),
    (head(age=LATE), BODY),
]
forged = pytest.mark.parametrize(
    ("headers", "body"), FORGED, ids=["another secret", "another body", "an old one"]
)


@pytest.fixture
def python() -> Judge:
    space: dict[str, Any] = {}
    exec(example(PAGE, "### Python", "python"), space)  # noqa: S102  # our own page
    return lambda headers, body: bool(space["is_genuine"](SECRET, headers, body))


def test_python_takes_what_is_ours(python: Judge) -> None:
    assert python(head(), BODY)
    assert python(head(secrets=(OLD_SECRET, SECRET)), BODY)


@forged
def test_python_refuses_what_is_not(python: Judge, headers: Head, body: bytes) -> None:
    assert not python(headers, body)


@pytest.fixture
def php(tmp_path: Path) -> Iterator[str]:
    binary, port = php_binary() or missing(PHP_HOW), free_port()
    (tmp_path / "hook.php").write_text(example(PAGE, "### PHP", "php"), encoding="utf-8")
    with (tmp_path / "php.log").open("ab") as log:
        process = start(
            [binary, "-n", "-S", f"{HOST}:{port}", "-t", str(tmp_path)],
            output=log,
            environment={**os.environ, "RELAY_SECRET": SECRET},
        )
    wait_port(port, alive=lambda: process.poll() is None)
    yield f"http://{HOST}:{port}/hook.php"
    end(process)


@pytest.mark.parametrize("mode", ["json", "form"])
def test_php_takes_what_is_ours_in_both_modes(php: str, mode: str) -> None:
    body = encode_json(PAYLOAD) if mode == "json" else encode_form(PAYLOAD)
    headers = head(body, secrets=(OLD_SECRET, SECRET)) | {"Content-Type": CONTENT_TYPES[mode]}
    answer = requests.post(php, data=body, headers=headers, timeout=20)
    assert answer.json() == {"success": True, "subject": "Lot 12", "links": 2}


@forged
def test_php_refuses_what_is_not(php: str, headers: Head, body: bytes) -> None:
    answer = requests.post(php, data=body, headers=headers, timeout=20)
    assert (answer.status_code, answer.json()) == (401, {"success": False})


def test_php_refuses_what_is_not_signed(php: str) -> None:
    assert requests.post(php, data=BODY, timeout=20).status_code == 401


@pytest.fixture
def n8n() -> Run:
    binary = shutil.which("node") or missing(NODE_HOW)
    text = example(PAGE, "### n8n", "javascript").replace("whsec_…", SECRET)

    def run(headers: Head, body: bytes) -> subprocess.CompletedProcess[str]:
        arguments = [json.dumps(headers), base64.b64encode(body).decode()]
        command = [binary, "-e", NODE.replace("TEXT", text), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    return run


def test_n8n_takes_what_is_ours(n8n: Run) -> None:
    [item] = json.loads(n8n(head(secrets=(OLD_SECRET, SECRET)), BODY).stdout)
    assert item == {"json": PAYLOAD}


@forged
def test_n8n_refuses_what_is_not(n8n: Run, headers: Head, body: bytes) -> None:
    done = n8n(headers, body)
    assert done.returncode != 0
    assert "not from the relay" in done.stderr


def test_each_field_of_the_body_is_described() -> None:
    told = PAGE[PAGE.index("## The body") : PAGE.index("## The headers")]
    names = {*PAYLOAD, *PAYLOAD["delivery_links"][0], "r2_url", "original_filename"}
    assert [name for name in sorted(names) if f"`{name}`" not in told] == []
