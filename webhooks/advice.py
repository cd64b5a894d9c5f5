"""What a person can do about an answer to a test that was not hoped for."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.allowed_networks import VARIABLE, how_to_allow

# By the beginnings of what network_faults and the client say where there is no answer.
WITHOUT_ANSWER: Mapping[str, Promise] = {
    "no complete answer within": gettext_lazy(
        "The receiver takes too long: let it answer first and work afterwards, or raise “Patience "
        "with the receiver” in the processing preferences."
    ),
    "the connection was refused": gettext_lazy(
        "Nothing runs at this port: check that the receiver is started, and the port of the "
        "address."
    ),
    "the host name is unknown": gettext_lazy("Check the host of the address for a slip."),
    "its certificate is not trusted": gettext_lazy(
        "Have a certificate there that browsers trust too, and see that the address names the "
        "host that it is for."
    ),
}


def about_endpoint(status: str, error: str = "") -> str:
    """status is that of the answer, "" where there was none; error is then what went wrong."""
    if status in ("404", "410"):
        return _(
            "Nothing listens at this address: copy it again, whole. At n8n take the production "
            "URL and activate the workflow; at Make.com see that the webhook still exists."
        )
    if status in ("401", "403"):
        return _(
            "The receiver does not know who asks: it may want a key, as a secret header on the "
            "page of the endpoint."
        )
    if status == "405":
        return _("The receiver must take POST: set the method of its webhook.")
    if status == "429":
        return _("The receiver has had enough for now: try again in some minutes.")
    if status.startswith("5"):
        return _("The receiver has a fault of its own: look into its log.")
    if status.startswith("3"):
        return _("The address leads elsewhere: enter the one that it leads to.")
    if status:
        return _("Look at what the receiver expects, and at its answer.")
    if VARIABLE in error:
        return how_to_allow()
    for beginning, advice in WITHOUT_ANSWER.items():
        if error.startswith(beginning):
            return str(advice)
    return _(
        "Check the address for a slip, and that the receiver runs and can be reached from this "
        "machine."
    )
