"""The demo: sample mails arrive in a mailbox, and webhooks leave."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from functools import partial

from django.conf import settings

from demo import product, terminal
from demo.environment import Services, demo_environment
from demo.lines import shown_in_demo
from demo.mailbox import EmbeddedMailbox
from demo.receiver import Received, Receiver
from demo.samples import SAMPLES
from demo.score import Score
from demo.stage import Stage, shorter

ADDRESS = "relay@demo.example"
STAFF_USER = "demo"
SECONDS_BETWEEN_MAILS = 1.0
SECONDS_WHEN_NOBODY_WATCHES = 0.2
SECONDS_UNTIL_A_HINT = 15.0
SECONDS_FOR_THE_POLLER = 60.0
SECONDS_FOR_WEBHOOKS = 60.0
SECONDS_FOR_A_STRAY = 1.0


class Show:
    """run() ends by itself only with once: 0 when all webhooks came as they should, else 1."""

    def __init__(self, stage: Stage, variables: Mapping[str, str], port: int, once: bool) -> None:
        self._stage = stage
        self._variables = variables
        self._wanted_port = port
        self._once = once
        self._run = secrets.token_hex(4)
        self._score = Score()
        self._mailbox = EmbeddedMailbox(ADDRESS, secrets.token_urlsafe(12))
        self._receiver = Receiver(lambda received: stage.post(partial(self._on_received, received)))
        self._staff_user = variables.get("DASHBOARD_USER", "").strip() or STAFF_USER
        password = variables.get("DASHBOARD_PASSWORD", "").strip()
        self._staff_password = password or secrets.token_urlsafe(9)
        stage.shows = lambda entry: shown_in_demo(entry, bool(settings.REDIS_URL))

    def run(self) -> int:
        stage = self._stage
        if not stage.folder.acquire():
            stage.say([f"Another demo is running in {shorter(stage.folder.path)}."])
            return 1 if self._once else 0
        stage.closing.callback(stage.folder.release)
        stage.folder.clear()
        stage.say(terminal.title(stage.style, "render_signal demo: all of it on this machine"))
        port = self._start()
        if not self._wait_for_poller():
            return 1
        self._send_mails()
        complete = stage.pump(lambda: not self._score.missing, SECONDS_FOR_WEBHOOKS)
        stage.pump(lambda: False, SECONDS_FOR_A_STRAY)
        self._conclude(complete)
        if self._once:
            return 0 if complete and not self._score.faults else 1
        stage.say(self._directions(port))
        stage.pump(lambda: False)
        return 0

    def _start(self) -> int:
        """Everything, in the order in which it is needed; the port of the web page."""
        stage = self._stage
        self._mailbox.start()
        stage.closing.callback(self._mailbox.stop)
        stage.status("mailbox", f"imap://{self._mailbox.host}:{self._mailbox.port}")
        self._receiver.start()
        stage.closing.callback(self._receiver.stop)
        stage.status("receiver", self._receiver.url)
        product.tell_lock(stage)
        environment = self._environment()
        product.migrate(stage, environment)
        port = product.start_web(stage, environment, self._wanted_port)
        product.start_poller(stage, environment)
        product.create_staff_user(stage, environment, self._staff_user, self._staff_password)
        product.wait_for_web(stage, port)
        return port

    def _environment(self) -> dict[str, str]:
        services = Services(
            imap_host=self._mailbox.host,
            imap_port=self._mailbox.port,
            user=self._mailbox.user,
            password=self._mailbox.password,
            webhook_url=self._receiver.url,
        )
        return demo_environment(self._variables, services, self._stage.folder, self._run)

    def _wait_for_poller(self) -> bool:
        """False when --once has waited long enough. It logs in only after it has the lock."""
        stage = self._stage
        if not stage.pump(self._logged_in, SECONDS_UNTIL_A_HINT):
            stage.status(
                "poller",
                f"has not logged in yet; see its log: {shorter(stage.folder.log('poller'))}",
            )
            patience = SECONDS_FOR_THE_POLLER - SECONDS_UNTIL_A_HINT if self._once else None
            if not stage.pump(self._logged_in, patience):
                stage.say(terminal.trouble(stage.style, "The poller did not log in."))
                return False
        stage.status("poller", "logged in to the mailbox and waits for mail")
        return True

    def _logged_in(self) -> bool:
        return self._mailbox.logged_in

    def _send_mails(self) -> None:
        stage = self._stage
        pause = SECONDS_WHEN_NOBODY_WATCHES if self._once else SECONDS_BETWEEN_MAILS
        for sample in SAMPLES:
            stage.pump(lambda: False, pause)
            stage.say(["", *terminal.mail(stage.style, sample)])
            raw = sample.raw(ADDRESS, self._run)
            self._score.appended(sample, time.monotonic())
            self._mailbox.append(raw)

    def _on_received(self, received: Received) -> None:
        stage = self._stage
        with stage.folder.webhooks.open("a", encoding="utf-8") as file:
            file.write(json.dumps(received.payload, ensure_ascii=False) + "\n")
        seconds = self._score.received(received)
        stage.say(terminal.webhook(stage.style, received, seconds))

    def _conclude(self, complete: bool) -> None:
        stage = self._stage
        faults = list(self._score.faults)
        if not complete:
            faults += [f"no webhook came for “{subject}”" for subject in self._score.missing]
        if faults:
            stage.say(terminal.trouble(stage.style, "Not all went as it should:", faults))
        else:
            stage.say(terminal.title(stage.style, self._score.summary))

    def _directions(self, port: int) -> list[str]:
        folder = self._stage.folder
        return terminal.directions(
            self._stage.style,
            {
                "web page": f"http://localhost:{port}/admin/",
                "login": f"{self._staff_user} / {self._staff_password}",
                "health": f"http://localhost:{port}/health",
                "webhooks": shorter(folder.webhooks),
                "logs": f"{shorter(folder.log('poller'))}, {folder.log('web').name}",
            },
        )
