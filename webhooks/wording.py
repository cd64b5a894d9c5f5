"""Why deliveries wait and why tries fail, for pages to tell in the language of their reader."""

from __future__ import annotations

from configstore.fields import translatable as _

NESTED = ("url_fault", "delivery_fault", "pause", "worker_fault")
SENTENCES = (
    # why deliveries wait
    _("absence"),
    _("sending is switched off"),
    _("outside the time window"),
    _("no webhook URL is set (WEBHOOK_URL, or under Endpoints in the admin)"),
    # as messages of a release before the first keep it
    _("no webhook URL is set (WEBHOOK_URL, or the webhook page of the admin)"),
    _("its settings cannot be used: %(fault)s"),
    _("%(count)s webhooks have left within the hour, and %(limit)s may"),
    _("%(pause)s; when that is done, resume it among the endpoint states of the admin, or give it "
      "a new address"),
    _("the endpoint answered 410 Gone"),
    _("the endpoint answered 410 Gone: resume it among the endpoint states of the admin, or give "
      "it a new address"),
    # what is wrong with an address
    _("the webhook URL cannot be used: %(url_fault)s"),
    _("R2_FETCH_ENDPOINT cannot be used: %(url_fault)s"),
    _("it is malformed"),
    _("it contains a space or a control character"),
    _("it must start with https:// and name a host"),
    _("it must not contain a user name or password"),
    _("port %(port)s belongs to another service than HTTPS"),
    _("%(host)s is at %(address)s, which webhooks may not reach; allow its network in "
      "EGRESS_ALLOWED_CIDRS if that is intended"),
    _("plain http to %(host)s is refused: use https, or allow its network in EGRESS_ALLOWED_CIDRS"),
    # why a try failed
    _("given up after the last retry: %(delivery_fault)s"),
    _("cancelled by %(name)s"),
    _("settled by another poller"),
    _("its lease ended before it was sent"),
    _("a fault of the relay (%(error)s)"),
    _("stopped while sending"),
    _("no complete answer within %(seconds)s s"),
    _("the answer says \"success\": false"),
    _("the connection was refused"),
    _("the connection was closed before an answer came"),
    _("the host name is unknown"),
    _("it does not speak TLS: check that its address and port are those of an https server"),
    _("its certificate is not trusted (%(problem)s)"),
    _("its name was not looked up within %(seconds)s s"),
    # why files were not transferred
    _("no time was left for it"),
    _("the Worker has not answered for a while"),
    _("the Worker cannot be reached (%(error)s)"),
    _("no answer within %(seconds)s s"),
    _("HTTP %(status)s: the answer is no JSON object"),
    _("HTTP %(status)s: no reason given"),
    # what the Worker in cloudflare/ says
    _("HTTP %(status)s: %(worker_fault)s"),
    _("wrong or missing token"),
    _("bucket is not ours"),
    _("the transfer took longer than %(seconds)s s"),
    _("the source redirects too often"),
    _("the source cannot be reached"),
    _("the source answered %(code)s"),
    _("the source is a page, not a file"),
    _("the folder is no ZIP"),
    _("the file is too large"),
    _("the file is empty"),
    _("the transfer broke off"),
    _("source_url is no proper URL"),
    _("source_url is not https"),
    _("source_url has a host that is not allowed"),
    _("the source redirects to a URL that is no proper URL"),
    _("the source redirects to a URL that is not https"),
    _("the source redirects to a URL that has a host that is not allowed"),
    _("the answer has no r2_url that is an https URL at the host of R2_PUBLIC_BASE_URL"),
    # why people could not be told
    _("no mail server is set, or nobody to write to"),
    _("alert_webhook_url is not set any more"),
    _("given up after a day: %(delivery_fault)s"),
)  # fmt: skip
