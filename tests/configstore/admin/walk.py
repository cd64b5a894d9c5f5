"""The pages of the admin and of the login, by name: what asks for them with a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone

from configstore import magic_links
from configstore.models import Revision
from polling.models import Mail, MailboxState, MailState
from polling.selection import Reason
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.stores import PAGES
from webhooks.alerts.models import Alert
from webhooks.models import Delivery, EndpointState, State

WEBHOOK, PROCESSING, MAILBOX, ROUTING = PAGES.values()
TRY = "/admin/polling/mail/try/"
CONFIG = "/admin/configstore"
ASSISTANT = ("mailbox", "endpoint", "mails", "test", "done")
Ask = Callable[[Client], Any]


def get(address: str) -> Ask:
    return lambda browser: browser.get(address)


def send(address: str, **changes: Any) -> Ask:
    return lambda browser: browser.post(
        address, filled(browser.get(address), **changes), follow=True
    )


def conflict(browser: Client) -> Any:
    fields = filled(browser.get(WEBHOOK), webhook_url="https://b.example/x")
    return browser.post(WEBHOOK, fields | {"version": "older"})


def rules_conflict(browser: Client) -> Any:
    fields = filled(browser.get(ROUTING), **{"rules-0-priority": "7"})
    return browser.post(ROUTING, fields | {"version": "older"})


def tried(browser: Client) -> Any:
    words = {"sender": "a@example.com", "subject": "Lot 12", "text": "x", "source": "written"}
    return browser.post(TRY, filled(browser.get(TRY)) | words)


def act(model: Any, action: str) -> Ask:
    def chosen(browser: Client) -> Any:
        names = [str(row.pk) for row in model.objects.all()]
        fields = {"action": action, "_selected_action": names}
        return browser.post(listed(model), fields, follow=True)

    return chosen


def listed(model: Any) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def detail(model: Any, **fields: Any) -> Ask:
    def page(browser: Client) -> Any:
        row = model.objects.filter(**fields).order_by("pk").last()
        return browser.get(f"{listed(model)}{row.pk}/change/")

    return page


def links(browser: Client) -> Any:
    address = f"{CONFIG}/magiclink/"
    for kind in ("once", "permanent"):
        shown = browser.post(address, {"owner": "ada", "kind": kind})
    return shown


def link_page(single_use: bool, *presses: str) -> Ask:
    def page(browser: Client) -> Any:
        link = magic_links.create("ada", single_use, "ada", timezone.now())
        stranger = Client(headers={"Accept-Language": language_of(browser)})
        address = link.path.partition("#")[0]
        shown = stranger.get(address)
        for secret in presses:
            shown = stranger.post(address, {"secret": secret or link.secret})
        return shown

    return page


def language_of(browser: Client) -> str:
    return str(browser.defaults["HTTP_ACCEPT_LANGUAGE"])


def login(browser: Client) -> Any:
    stranger = Client(headers={"Accept-Language": language_of(browser)})
    return stranger.post("/admin/login/", {"username": "ada", "password": "wrong"})


WALK: dict[str, Ask] = {
    "first page": get("/admin/"),
    **{f"app {name}": get(f"/admin/{name}/") for name in ("configstore", "webhooks", "polling")},
    "webhook": get(WEBHOOK),
    "processing": get(PROCESSING),
    "mailbox": get(MAILBOX),
    "routing rules": get(ROUTING),
    "faulty rules": send(
        ROUTING,
        **{
            "rules-2-name": "webhook_config" * 8,
            "rules-2-priority": "9999",
            "rules-2-endpoint": "A",
            "rules-2-fields": "a@example.com",
            "rules-2-conditions-0-test": "regex",
            "rules-2-conditions-0-value": "(",
        },
    ),
    "conflict of rules": rules_conflict,
    "trial of unsaved rules": send(ROUTING, _extra=""),
    "trial": get(TRY),
    "trial done": tried,
    "trial of a file without one": send(TRY, source="file"),
    "trial of a mail that is not there": send(TRY, source="received"),
    "saved": send(WEBHOOK, webhook_url="https://b.example/x"),
    "unchanged": send(WEBHOOK),
    "faulty address": send(WEBHOOK, webhook_url="ftp:x"),
    "http address": send(WEBHOOK, webhook_url="http://b.example/x"),
    "no absence": send(WEBHOOK, absence_pause_days=None, webhook_time_start="08:00"),
    "faulty priority": send(PROCESSING, sender_priority="a"),
    "faulty vacation": send(MAILBOX, vacation_end="2026-12-01", imap_host="a b"),
    "probe without account": send(MAILBOX, _probe="mailbox"),
    "stores": lambda browser: browser.post(f"{WEBHOOK[:-7]}stores/", follow=True),
    "conflict": conflict,
    "json": get(f"{WEBHOOK[:-7]}json/"),
    "faulty json": send(f"{WEBHOOK[:-7]}json/", text='{"webhook_ssl_verify": 5, "a"'),
    "faulty document": send(f"{WEBHOOK[:-7]}json/", text='{"webhook_time_start": "25"}'),
    "history": get(f"{CONFIG}/revision/"),
    "revision": detail(Revision),
    "import": get(f"{CONFIG}/revision/import/"),
    "faulty import": send(f"{CONFIG}/revision/import/", text='{"nonsense": 1}'),
    "import shown": send(f"{CONFIG}/revision/import/", text='{"webhook_config": {}}'),
    "magic links": links,
    "mailboxes": get(f"{CONFIG}/mailbox/"),
    "mailbox to add": send(f"{CONFIG}/mailbox/add/", name="A"),
    "endpoints": get(f"{CONFIG}/webhook/"),
    "endpoint": get(f"{CONFIG}/webhook/sales/change/"),
    "endpoint to add": send(f"{CONFIG}/webhook/add/", name="sales"),
    "endpoint to remove": get(f"{CONFIG}/webhook/sales/delete/"),
    "endpoint that rules send to": get(f"{CONFIG}/webhook/crm/delete/"),
    "new signing secret": send(WEBHOOK, webhook_signing_secrets="new"),
    "more secrets than may be": send(
        f"{CONFIG}/webhook/sales/change/", webhook_signing_secrets="new"
    ),
    "faulty headers": send(WEBHOOK, webhook_headers="x-key: \N{BULLET}\nhost: x"),
    "header without a value": send(WEBHOOK, webhook_headers="x-key"),
    "header that is not stored": send(WEBHOOK, webhook_headers="x-key: ********"),
    "mailbox to remove": get(f"{CONFIG}/mailbox/sales/delete/"),
    "deliveries": get("/admin/webhooks/delivery/"),
    "delivery": detail(Delivery),
    "sent again": act(Delivery, "send_again"),
    "cancelled": act(Delivery, "cancel"),
    "delivery that is dead": detail(Delivery, state=State.DEAD),
    "delivery that waits": detail(Delivery, state=State.QUEUED),
    "delivery that was tried": detail(Delivery, tries__number=1),
    "deliveries searched": get("/admin/webhooks/delivery/?q=lot"),
    "to send again": get("/admin/webhooks/delivery/send-again/"),
    "to send again, counted": get(
        "/admin/webhooks/delivery/send-again/?endpoint=default&since=2026-01-01"
    ),
    "to send again, faulty": get("/admin/webhooks/delivery/send-again/?endpoint=default&since=x"),
    "endpoint states": get("/admin/webhooks/endpointstate/"),
    "endpoint state": detail(EndpointState),
    "resumed": act(EndpointState, "resume"),
    "no mail address": send(PROCESSING, alert_emails="ada"),
    "alert without anybody": send(PROCESSING, _probe="alerts"),
    "alert to nowhere": send(PROCESSING, _probe="alerts", alert_webhook_url="https://10.0.0.1/"),
    "alerts": get("/admin/webhooks/alert/"),
    "alert": detail(Alert),
    "mails": get("/admin/polling/mail/"),
    "mail": detail(Mail),
    "mail that cannot be read": detail(Mail, state=MailState.QUARANTINED),
    **{f"mail {state}": detail(Mail, state=state) for state in MailState},
    "mail that waits": detail(Mail, message_id="mail_queued"),
    **{f"mail {reason}": detail(Mail, reason=reason) for reason in Reason},
    "mails read again": act(Mail, "try_again"),
    "no folder to move to": send(MAILBOX, after_relay="move"),
    "mailbox states": get("/admin/polling/mailboxstate/"),
    "mailbox state": detail(MailboxState),
    **{f"assistant, {step}": get(f"/admin/assistant/{step}/") for step in ASSISTANT},
    "assistant, a mail followed": get("/admin/assistant/test/?since=1"),
    "assistant, mailbox refused": send("/admin/assistant/mailbox/", imap_user="ada@gmail.com"),
    "login": login,
    "link": link_page(True),
    "link used": link_page(True, "", ""),
    "link unknown": link_page(True, "guess"),
    "link guessed too often": link_page(True, *["guess"] * 11),
}
