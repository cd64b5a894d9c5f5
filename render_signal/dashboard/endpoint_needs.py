"""What keeps webhooks from arriving, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.wording import translated
from render_signal.dashboard import addresses
from render_signal.dashboard.access import Access
from render_signal.dashboard.addresses import Link
from render_signal.dashboard.endpoints import Dead, Queue
from render_signal.dashboard.need import Need
from render_signal.dashboard.words import moment
from webhooks.destinations import NOT_LISTED
from webhooks.last_day import Transfers
from webhooks.suspension import cause


def endpoint_needs(queues: Sequence[Queue], access: Access, at_work: bool) -> Iterator[Need]:
    """at_work: somebody is there to send anything."""
    for queue in queues:
        if access.endpoints:
            yield from _of_one(queue, access)
        if access.deliveries and queue.overdue and at_work:
            yield Need(
                sentence=_("Since %(moment)s a delivery to endpoint %(name)s has been due.")
                % {"name": queue.name, "moment": moment(queue.due)},
                advice=_("Nothing is known to hold it. Look into the log of runpoller."),
                links=(_waiting(queue),),
            )


def _of_one(queue: Queue, access: Access) -> Iterator[Need]:
    links: tuple[Link, ...] = (Link(_("Its settings"), addresses.endpoint(queue.name)),)
    if queue.waiting and access.deliveries:
        links = (*links, _waiting(queue))
    known = queue.destination
    if queue.paused:
        yield Need(
            sentence=_("Endpoint %(name)s is paused: nothing is sent to it.")
            % {"name": queue.name},
            advice=_("The receiver has to be ready again before. %(waiting)s")
            % {"waiting": _nothing_lost(queue)},
            detail=cause(queue.paused),
            links=links,
            resume=queue.name,
        )
    elif queue.failing and known and known.state:
        facts = {"name": queue.name, "moment": moment(known.state.failing_since)}
        yield Need(
            sentence=_("Since %(moment)s endpoint %(name)s has been failing.") % facts,
            advice=_("Check the receiver. It is asked again by itself; “Resume” asks it now. "
                     "%(waiting)s") % {"waiting": _nothing_lost(queue)},
            detail=translated(known.state.last_error),
            links=links,
            resume=queue.name,
        )  # fmt: skip
    elif queue.stumbling and known and known.state:
        yield Need(
            sentence=_("Endpoint %(name)s did not take the last webhook.") % {"name": queue.name},
            advice=f"{_next_try(queue)} {_nothing_lost(queue)}",
            detail=translated(known.state.last_error),
            links=links,
            resume=queue.name if queue.resumable else "",
            urgent=False,
        )
    if queue.fault:
        if queue.fault == NOT_LISTED:
            links = (Link(_("All endpoints"), addresses.endpoints()), *links[1:])
        yield Need(
            sentence=_("Nothing can be sent to endpoint %(name)s.") % {"name": queue.name},
            advice=_("Correct its settings. %(waiting)s") % {"waiting": _nothing_lost(queue)},
            detail=translated(queue.fault),
            links=links,
        )


def _next_try(queue: Queue) -> str:
    if queue.held:
        return _("It is asked again when what holds its deliveries is over.")
    asked = queue.asked
    if asked is None or asked <= queue.now:
        return _("It is asked again now, by itself.")
    return _("It is asked again at %(moment)s, by itself; “Resume” asks it now.") % {
        "moment": moment(asked)
    }


def _nothing_lost(queue: Queue) -> str:
    if not queue.waiting:
        return _("Nothing waits for it.")
    text = ngettext(
        "%(count)d webhook waits for it; nothing is lost.",
        "%(count)d webhooks wait for it; nothing is lost.",
        queue.waiting,
    )
    return text % {"count": queue.waiting}


def _waiting(queue: Queue) -> Link:
    return Link(_("What waits"), addresses.deliveries(open="yes", endpoint=queue.name))


def dead_needs(dead: Sequence[Dead], access: Access) -> Iterator[Need]:
    """One for each endpoint, with the most frequent reason."""
    if not access.deliveries:
        return
    for name, group in groupby(sorted(dead, key=lambda each: each.endpoint), _endpoint):
        reasons = list(group)
        count = sum(each.count for each in reasons)
        text = ngettext(
            "%(count)d delivery to endpoint %(name)s is dead.",
            "%(count)d deliveries to endpoint %(name)s are dead.",
            count,
        )
        first = min((each.first for each in reasons if each.first), default=None)
        page = addresses.deliveries(state__exact="dead", endpoint=name)
        links = [Link(_("Look at them"), page)]
        if access.resend and first:
            links.append(Link(_("Send again…"), addresses.dead_again(name, first)))
        yield Need(
            sentence=text % {"count": count, "name": name},
            advice=_("They are not tried again by themselves. When the cause is gone, send them "
                     "again."),
            detail=translated(reasons[0].reason),
            links=tuple(links),
        )  # fmt: skip


def _endpoint(dead: Dead) -> str:
    return dead.endpoint


def transfer_needs(transfers: Transfers | None, access: Access, since: str) -> Iterator[Need]:
    """A few fail for reasons of their own; when it is half of them, it is the Worker."""
    if transfers is None or not access.transfers or transfers.failed < max(1, transfers.stored):
        return
    text = ngettext(
        "%(count)d file was not moved to R2 in the last 24 hours.",
        "%(count)d files were not moved to R2 in the last 24 hours.",
        transfers.failed,
    )
    yield Need(
        sentence=text % {"count": transfers.failed},
        advice=_("Their webhooks left with the links of the mail. See why, and check the Worker."),
        links=(Link(_("Look at them"), addresses.transfers(failed_at__gte=since)),),
        urgent=False,
    )
