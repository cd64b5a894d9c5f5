"""What can be stored of a mail."""

from __future__ import annotations

import json

from polling.mail import Body


def assert_storable(body: Body) -> None:
    for value in (body.text, *body.attachments, *(link.raw_url for link in body.links)):
        assert "\x00" not in value
        assert json.loads(json.dumps(value)) == value
        value.encode("utf-8")
    assert len(body.digest) == 32
