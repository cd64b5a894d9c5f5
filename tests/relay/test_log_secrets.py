"""What the processes say at their most talkative, while all goes well and while all goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.canary import found_in
from tests.polling.examples import mail
from tests.relay.documents import describe, write
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.fake_worker import store
from tests.servers.fixtures import MakeSmtp
from tests.servers.mailbox import Mailbox
from tests.servers.php import TOKEN, PhpApi
from tests.servers.ports import HOST
from tests.servers.provider import Provider, refusing
from tests.servers.redis import RedisServer
from tests.servers.runpoller import ManageCommand

PATH = "t0ken-in-the-path?key=s3cret-in-the-query"
SECONDS = 60.0


class Scene:
    """A container with everything that has a secret."""

    def __init__(
        self, folder: Path, mailbox: Mailbox, endpoint: Endpoint, worker: Endpoint,
        provider: Provider, php: PhpApi, redis: RedisServer, make_smtp: MakeSmtp,
    ) -> None:  # fmt: skip
        self.folder, self.mailbox, self.endpoint = folder, mailbox, endpoint
        self.worker, self.provider, self.smtp = worker, provider, make_smtp("starttls")
        self._php, self._redis = php, redis

    def describe(self, **wrong: str) -> None:
        token = self.provider.document(**wrong)
        describe(self.folder, **self.mailbox.document(mailboxes=["sales", "office"]))
        sales = {"imap_password": "s3cret-no"} if wrong else {}
        describe(self.folder, "sales", **(self._other("sales").document() | sales))
        describe(self.folder, "office", **self._other("office").document(None, **token))
        write(self.folder, "routing_rules", rules=[])
        write(
            self.folder,
            "webhook_config",
            webhook_url=f"{self.endpoint.url}/{PATH}",
            webhook_headers={"Authorization": "Bearer s3cret-of-the-header"},
        )
        write(
            self.folder,
            "processing_prefs",
            notify_on_failure=True,
            alert_emails=["ada@example.com"],
            alert_webhook_url=f"{self.endpoint.url}/{PATH}",
        )

    def _other(self, name: str) -> Mailbox:
        return Mailbox(self.mailbox.server, f"{name}-{self.mailbox.user}")

    def variables(self, form: str, **variables: str) -> dict[str, str]:
        return {
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": form,
            "REDIS_URL": self._redis.url,
            "EXTERNAL_CONFIG_BASE_URL": self._php.base_url,
            "CONFIG_API_TOKEN": TOKEN,
            "ALERT_SMTP_URL": self.smtp.url,
            "ALERT_FROM": "relay@example.com",
            "EGRESS_ALLOWED_CIDRS": "127.0.0.0/8",
            **variables,
        }

    def wrong(self) -> dict[str, str]:
        self.endpoint.answer(Answer(status=500, body=b'{"token": "s3cret of the answer"}'))
        self.worker.answer(Answer(status=401, body=b'{"success": false, "error": "no"}'))
        self.provider.trouble = refusing("invalid_grant")
        self.smtp.replies["AUTH"] = "535 no s3cret-of-the-mail"
        return {
            "REDIS_URL": f"redis://relay:s3cret-of-redis@{HOST}:{self._redis.port}/0",
            "CONFIG_API_TOKEN": "s3cret-of-nobody",
        }


@pytest.fixture
def scene(
    folder: Path, mailbox: Mailbox, endpoint: Endpoint, fake_worker: Endpoint, provider: Provider,
    php_api: PhpApi, redis_server: RedisServer, redis_url: str, make_smtp: MakeSmtp,
) -> Scene:  # fmt: skip
    fake_worker.answer(store)
    return Scene(folder, mailbox, endpoint, fake_worker, provider, php_api, redis_server, make_smtp)


def no_secret_in(command: ManageCommand, form: str) -> None:
    assert command.output
    assert found_in(command.output) == []
    if form == "json":
        said = [json.loads(line) for line in command.output.splitlines() if line.startswith("{")]
        mails = {event["message_id"] for event in said if event["message"].startswith("Mail uid=")}
        tries = [event for event in said if "webhook_id" in event and "attempt" in event]
        files = [event for event in said if event["message"].startswith("R2_TRANSFER: ")]
        assert files
        assert {event["message_id"] for event in (*tries, *files)} == mails
        assert {event["endpoint"] for event in tries} == {"default"}


@pytest.mark.parametrize("form", ["plain", "json"])
def test_no_secret_is_said_while_all_goes_well(
    scene: Scene, form: str, make_runpoller: MakeRunpoller
) -> None:
    scene.describe()
    scene.mailbox.append(mail())
    command = make_runpoller(fake_worker=scene.worker, **scene.variables(form))
    command.wait_line("Delivered webhook_id=", SECONDS)
    command.wait_line("R2_TRANSFER: success", SECONDS)
    command.wait_line("OAuth: mailbox office has a new access token", SECONDS)
    command.stop()
    no_secret_in(command, form)


@pytest.mark.parametrize("form", ["plain", "json"])
def test_no_secret_is_said_while_all_goes_wrong(
    scene: Scene, form: str, make_runpoller: MakeRunpoller
) -> None:
    wrong = scene.wrong()
    scene.describe(oauth_refresh_token="r3fresh-wrong")
    scene.mailbox.append(mail())
    command = make_runpoller(fake_worker=scene.worker, **scene.variables(form, **wrong))
    for line in (
        "Not delivered webhook_id=",
        "R2_TRANSFER: failed",
        "IMAP login failed",
        "Configuration store Redis cannot be reached",
        "Configuration store PHP cannot be reached",
        "unsafe for multi-container",
    ):
        command.wait_line(line, SECONDS)
    command.stop()
    no_secret_in(command, form)
