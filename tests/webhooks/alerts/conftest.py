"""A watch, and a mail server that its alerts are sent by."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from django.conf import LazySettings

from runtime.smtp import smtp_server
from tests.servers.certificates import Certificates
from tests.servers.fixtures import MakeSmtp
from tests.servers.smtp import SmtpServer
from tests.webhooks.alerts.watching import Watched, watched
from webhooks.client import Client

URL = "https://hook.example.com/secret-path"


@pytest.fixture
def relay(client: Client, settings: LazySettings) -> Iterator[Watched]:
    """With an alert webhook that cannot be reached: rows are what these tests look at."""
    settings.EGRESS_ALLOWED_CIDRS = []
    with watched(URL, "https://127.0.0.1/nobody") as relay:
        yield relay


@pytest.fixture
def smtp(
    make_smtp: MakeSmtp,
    settings: LazySettings,
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
) -> SmtpServer:
    """The mail server that alerts are sent by."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))
    server = make_smtp("starttls")
    settings.ALERT_SMTP = smtp_server(server.url)
    settings.ALERT_FROM = "Relay <relay@example.com>"
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
    return server
