from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from configstore.documents import WebhookConfig
from tests.webhooks.examples import link, message
from webhooks.messages import Link, Message
from webhooks.payload import encode_form, encode_json, render

FIELDS = {
    "microsoft_graph_email_id",
    "subject",
    "receivedDateTime",
    "sender_address",
    "sender_email",
    "bodyPreview",
    "email_content",
    "delivery_links",
    "first_direct_download_url",
    "dropbox_urls",
    "dropbox_first_url",
    "webhooks_time_start",
    "webhooks_time_end",
    "event_id",
}


def rendered(*links: Link, sample: Message | None = None, **config: object) -> dict[str, Any]:
    mail = replace(sample or message(), links=links)
    return render(mail, "msg_7", WebhookConfig.model_validate(config))


def test_the_fields_are_those_of_the_contract() -> None:
    assert set(rendered()) == FIELDS
    assert set(rendered(link())) == FIELDS


def test_the_fields_say_what_the_mail_said() -> None:
    payload = rendered()
    assert payload["microsoft_graph_email_id"] == "mail-1"
    assert payload["sender_address"] == "Studio <livraison@studio.example>"
    assert payload["sender_email"] == "livraison@studio.example"
    assert (payload["subject"], payload["event_id"]) == ("Lot 12", "msg_7")


def test_what_is_unknown_is_null_and_lists_are_empty() -> None:
    payload = rendered()
    nulls = {name for name, value in payload.items() if value is None}
    assert nulls == {
        "first_direct_download_url",
        "dropbox_first_url",
        "webhooks_time_start",
        "webhooks_time_end",
    }
    assert (payload["delivery_links"], payload["dropbox_urls"]) == ([], [])


def test_the_date_is_as_the_sender_wrote_it() -> None:
    assert rendered()["receivedDateTime"] == "Fri, 20 Nov 2026 09:00:00 +0000"


def test_a_mail_without_a_date_has_that_of_its_arrival() -> None:
    payload = rendered(sample=replace(message(), sent=""))
    assert payload["receivedDateTime"] == "2026-11-20T09:00:00+00:00"


def test_the_preview_is_the_first_200_characters() -> None:
    text = "é🚚" * 150
    payload = rendered(sample=message(text=text))
    assert payload["bodyPreview"] == text[:200]
    assert payload["email_content"] == text


def test_links_are_given_in_their_order() -> None:
    links = rendered(link("fromsmash", direct=False), link("dropbox", 2))["delivery_links"]
    assert links == [
        {
            "provider": "fromsmash",
            "raw_url": "https://www.fromsmash.com/s/1?dl=0",
            "direct_url": None,
        },
        {
            "provider": "dropbox",
            "raw_url": "https://www.dropbox.com/s/2?dl=0",
            "direct_url": "https://www.dropbox.com/s/2?dl=1",
        },
    ]


def test_the_first_direct_url_is_that_of_the_first_link_that_has_one() -> None:
    payload = rendered(link("fromsmash", direct=False), link("dropbox", 2), link("dropbox", 3))
    assert payload["first_direct_download_url"] == "https://www.dropbox.com/s/2?dl=1"


def test_the_old_names_of_dropbox_links_are_kept() -> None:
    payload = rendered(link("fromsmash"), link("dropbox", 2), link("dropbox", 3))
    urls = ["https://www.dropbox.com/s/2?dl=0", "https://www.dropbox.com/s/3?dl=0"]
    assert payload["dropbox_urls"] == urls
    assert payload["dropbox_first_url"] == urls[0]


def test_the_window_is_told() -> None:
    payload = rendered(webhook_time_start="09h30", webhook_time_end="19:00")
    assert (payload["webhooks_time_start"], payload["webhooks_time_end"]) == ("09:30", "19:00")


def test_json_is_utf_8_and_says_null() -> None:
    body = encode_json({"name": "Zoë 🚚", "none": None})
    assert body == '{"name":"Zoë 🚚","none":null}'.encode()


def test_a_form_has_all_fields_too() -> None:
    form = parse_qs(encode_form(rendered(link())).decode(), keep_blank_values=True)
    assert set(form) == FIELDS
    assert all(len(values) == 1 for values in form.values())


def test_a_form_says_null_as_blank_and_lists_as_json() -> None:
    form = parse_qs(encode_form(rendered(link())).decode(), keep_blank_values=True)
    assert form["webhooks_time_start"] == [""]
    assert json.loads(form["delivery_links"][0]) == rendered(link())["delivery_links"]


def test_a_form_keeps_every_character() -> None:
    text = "a=1&b=2+é🚚\r\n%20"
    form = parse_qs(encode_form({"text": text}).decode(), keep_blank_values=True)
    assert form == {"text": [text]}
