"""Magic links from the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from configstore import magic_links
from configstore.backends.base import DocumentChanged, StoreUnavailable
from configstore.magic_link_list import Link, links
from configstore.store import ConfigurationUnknown

AUTHOR = "manage.py magiclink"
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}


class Command(BaseCommand):
    help = "Create, list and revoke links that log a user in without a password."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        create = actions.add_parser("create", help="Make a link and print it, this once.")
        create.add_argument("--user", help="Its owner. Default: DASHBOARD_USER, or the only user.")
        create.add_argument(
            "--permanent", action="store_true", help="Works until it is revoked, not once."
        )
        create.add_argument("--base-url", help="Where the web page is: https://relay.example.com")
        actions.add_parser("list", help="Show all links, without their secrets.")
        revoke = actions.add_parser("revoke", help="End a link, or all.")
        which = revoke.add_mutually_exclusive_group(required=True)
        which.add_argument("id", nargs="?", help="The public id of the link.")
        which.add_argument("--all", action="store_true", help="All links.")

    def handle(self, *args: Any, **options: Any) -> None:
        act = {"create": self._create, "list": self._list, "revoke": self._revoke}
        try:
            act[options["action"]](options)
        except (StoreUnavailable, ConfigurationUnknown, DocumentChanged) as exc:
            raise CommandError(f"The links cannot be read or changed: {exc}") from exc

    def _create(self, options: dict[str, Any]) -> None:
        base = _base_url(options["base_url"])
        owner = _owner(options["user"])
        link = magic_links.create(owner, not options["permanent"], AUTHOR, timezone.now())
        self.stdout.write(base + link.path)
        until = f"once, until {_text(link.expires_at)}" if link.expires_at else "until revoked"
        self.stderr.write(f"Logs {owner} in {until}. Its id is {link.id}.")
        if not base:
            self.stderr.write("Put the address of the web page in front, or use --base-url.")
        if link.written.missed:
            self.stderr.write(f"Not yet known to {', '.join(link.written.missed)}.")

    def _list(self, options: dict[str, Any]) -> None:
        found = links(timezone.now())
        if not found:
            self.stderr.write("There are no magic links.")
        for link in found:
            self.stdout.write(_line(link))

    def _revoke(self, options: dict[str, Any]) -> None:
        if options["all"]:
            self.stdout.write(f"Revoked: {magic_links.revoke_all(AUTHOR)}")
        elif magic_links.revoke(options["id"], AUTHOR):
            self.stdout.write(f"Revoked: {options['id']}")
        else:
            raise CommandError(f"There is no link {options['id']}. `magiclink list` shows all.")


def _owner(name: str | None) -> str:
    staff = User.objects.filter(is_active=True, is_staff=True)
    wanted = name or settings.DASHBOARD_USER
    if wanted:
        if not staff.filter(username=wanted).exists():
            raise CommandError(f"There is no active staff user {wanted}.")
        return str(wanted)
    names = list(staff.values_list("username", flat=True)[:2])
    if len(names) == 1:
        return names[0]
    raise CommandError("Whose link? Use --user." if names else "There is no active staff user.")


def _base_url(given: str | None) -> str:
    """Where the web page is, as far as that is known; else ""."""
    if given:
        parts = urlsplit(given)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise CommandError("--base-url is an address such as https://relay.example.com")
        return given.rstrip("/")
    if settings.RENDER_EXTERNAL_URL:
        return str(settings.RENDER_EXTERNAL_URL).rstrip("/")
    hosts = (host for host in settings.ALLOWED_HOSTS if host not in LOCAL_HOSTS)
    return next((f"https://{host}" for host in hosts if host[0] not in ".*"), "")


def _line(link: Link) -> str:
    kind = "single-use" if link.single_use else "permanent"
    cells = [link.id, link.state.value, kind, link.owner or "-"]
    cells += [f"created={_text(link.created_at)}", f"expires={_text(link.expires_at)}"]
    return "  ".join(cells)


def _text(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "-"
