"""The whole service on real servers, and the doctor who looks at it."""

from __future__ import annotations

import json
from typing import Any

from tests.polling.examples import mail
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand
from tests.servers.smtp import LOGIN

SECONDS = 90.0
TOKEN = "t0ken-that-nobody-may-see"


class Diagnosis:
    """code is the exit code; output all that was printed."""

    def __init__(self, command: ManageCommand) -> None:
        self.code = command.wait(SECONDS)
        self.output = command.output
        begin = self.output.find("{\n")
        answer: dict[str, Any] = json.loads(self.output[begin:]) if begin >= 0 else {}
        self.level: str = answer.get("level", "")
        self.findings: list[dict[str, str]] = answer.get("findings", [])

    @property
    def ill(self) -> dict[str, str]:
        """The worst level of each examination that found anything but green."""
        found: dict[str, str] = {}
        for each in self.findings:
            if each["level"] != "green" and found.get(each["examination"]) != "red":
                found[each["examination"]] = each["level"]
        return found

    def said(self, examination: str) -> str:
        """What was found there that is not well, and the advice."""
        return " ".join(
            f"{each['sentence']} {each['advice']}"
            for each in self.findings
            if each["examination"] == examination and each["level"] != "green"
        )


class Patient:
    """variables are those of all its processes."""

    def __init__(
        self, make: MakeRunpoller, mailbox: Mailbox, endpoint: Endpoint, variables: dict[str, str]
    ) -> None:
        self._make = make
        self._mailbox = mailbox
        self._endpoint = endpoint
        self.variables = {
            **mailbox.environment(tls=True),
            "WEBHOOK_URL": f"{endpoint.tls_url}/{TOKEN}",
            "EGRESS_ALLOWED_CIDRS": "127.0.0.0/8",
            **variables,
        }

    def start(self, **variables: str) -> ManageCommand:
        """A poller that has searched and delivered."""
        self._mailbox.append(mail())
        poller = self._make(**(self.variables | variables))
        self._endpoint.wait_for(1, timeout=SECONDS)
        poller.wait_line("IMAP connected", SECONDS)
        self._endpoint.clear()
        return poller

    def examined(self, *arguments: str, **variables: str) -> Diagnosis:
        """With those variables changed for the doctor alone."""
        command = self._make("doctor", "--json", *arguments, **(self.variables | variables))
        diagnosis = Diagnosis(command)
        for secret in (TOKEN, self._mailbox.password + "\n", LOGIN[1], "only-for-tests-"):
            assert secret not in diagnosis.output
        return diagnosis
