"""A person at a terminal who logs a mailbox in, or nobody there."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from configstore.backends.base import JSONObject
from tests.servers.imap_script import ScriptedImap
from tests.servers.provider import CLIENT_ID, CLIENT_SECRET, SCOPE, Provider


@dataclass
class Person(io.StringIO):
    """Reads what is said, and types: to each piece of text that is said, its answer."""

    keyboard: int
    answers: dict[str, str | Callable[[str], str]] = field(default_factory=dict)
    said: str = ""

    def __hash__(self) -> int:
        return id(self)

    def write(self, text: str) -> int:
        self.said += text
        for expected in [key for key in self.answers if key in text]:
            answer = self.answers.pop(expected)
            line = answer if isinstance(answer, str) else answer(text)
            os.write(self.keyboard, line.encode() + b"\n")
        return len(text)


class Terminal:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._file = folder / "polling_config.json"
        reader, self.keyboard = os.pipe()
        self._stdin = os.fdopen(reader)
        monkeypatch.setattr("sys.stdin", self._stdin)
        self.said = ""

    def run(self, *arguments: str, **answers: str | Callable[[str], str]) -> str:
        """What is on standard output. Answers are by what is said, _ standing for a space."""
        expected = {said.replace("_", " "): answer for said, answer in answers.items()}
        person, out = Person(self.keyboard, expected), io.StringIO()
        try:
            call_command("mailboxlogin", *arguments, stdout=out, stderr=person)
        finally:
            self.said = person.said
        return out.getvalue()

    def refused(self, *arguments: str, **answers: str | Callable[[str], str]) -> str:
        with pytest.raises(CommandError) as caught:
            self.run(*arguments, **answers)
        told = self.said + str(caught.value)
        assert not [secret for secret in Provider.secrets() if secret in told]
        return str(caught.value)

    def describe(self, **fields: object) -> None:
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text(json.dumps(fields))

    @property
    def document(self) -> JSONObject:
        stored: JSONObject = json.loads(self._file.read_text())
        return stored

    def nobody(self) -> None:
        os.close(self.keyboard)
        self.keyboard = -1

    def close(self) -> None:
        self._stdin.close()
        if self.keyboard >= 0:
            os.close(self.keyboard)


def options(provider: Provider, *, device: bool, secret: str = CLIENT_SECRET) -> list[str]:
    address = ("--device-url", provider.device_url) if device else (
        "--authorization-url", provider.authorization_url
    )  # fmt: skip
    return [
        *("--provider", "other", "--client-id", CLIENT_ID, "--client-secret", secret),
        *("--user", provider.user, "--token-url", provider.token_url, "--scope", SCOPE),
        *("--host", "127.0.0.1", *address),
    ]


def in_clear(server: ScriptedImap) -> JSONObject:
    return {"imap_port": server.port, "imap_security": "none"}
