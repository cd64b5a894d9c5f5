"""One request to an endpoint, and whether it was signed."""

from __future__ import annotations

from standardwebhooks import Webhook

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Request
from tests.webhooks.examples import SECRET
from tests.webhooks.examples import endpoint as to
from webhooks.client import Client, Result

PAYLOAD = '{"subject":"Lot 12 🚚","dropbox_first_url":null}'


def send(client: Client, endpoint: Endpoint, **fields: object) -> Result:
    return client.send(to(endpoint.url, **fields), "msg_1", PAYLOAD)


def verify(request: Request, secret: str = SECRET) -> None:
    headers = {name.lower(): value for name, value in request.headers.items()}
    Webhook(secret).verify(request.body.decode(), headers, json_parse=False)
