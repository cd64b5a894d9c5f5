"""The environment, read through types. Only settings.py uses this."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


class Env:
    """Typed look-ups in one mapping of variables.

    A variable that is unset or blank gives the default. A value of the wrong form raises
    ImproperlyConfigured, which names the variable, the fault and an example; values of
    variables whose name says secret, password, token, URL or the like are not repeated in it.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, *names: str, default: str = "") -> str:
        """The first of several names that is set: old names stay accepted."""
        for name in names:
            if value := self._variables.get(name, "").strip():
                return value
        return default

    def key(self, *names: str) -> str:
        """A secret that the operator has made, "" if unset.

        A .env file runs no commands: the text of one would be the key of all who copied it.
        """
        for name in names:
            if self.text(name).startswith(("$(", "`")):
                example = f"{name}={secrets.token_urlsafe(50)}"
                raise self.fault(name, "is a command, which nothing runs here", example)
        return self.text(*names)

    def boolean(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value in TRUE or value in FALSE:
            return value in TRUE
        raise self.fault(name, "is neither true nor false", f"{name}=true")

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name)
        if not value:
            return default
        example = f"{name}={default}"
        try:
            number = int(value)
        except ValueError:
            raise self.fault(name, "is not a whole number", example) from None
        if not low <= number <= high:
            raise self.fault(name, f"is outside {low} to {high}", example)
        return number

    def items(self, name: str) -> list[str]:
        """A comma-separated list, blanks dropped."""
        return [item.strip() for item in self.text(name).split(",") if item.strip()]

    def networks(self, name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        found = []
        for item in self.items(name):
            try:
                found.append(ipaddress.ip_network(item))
            except ValueError:
                what = f"contains {item!r}, {_not_a_network(item)}"
                raise self.fault(name, what, f"{name}=10.0.0.0/8,192.168.1.20/32") from None
        return found

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default=default)
        if value in choices:
            return value
        raise self.fault(name, f"is none of {', '.join(choices)}", f"{name}={choices[0]}")

    def http_base(self, name: str, example: str = "https://www.example.org/config") -> str:
        """The URL that others hang below, "" if unset."""
        value = self.text(name)
        example = f"{name}={example}"
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if value and (not usable or parts.query or parts.fragment):
            raise self.fault(name, "is not a plain http:// or https:// URL", example)
        if value and parts.username is not None:
            raise self.fault(name, "must not contain a user name or password", example)
        return value

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name, default=str(default))).expanduser()

    def together(self, **values: str) -> None:
        """Values of variables that make sense only if all are set, or none."""
        lacking = [name for name, value in values.items() if not value]
        if lacking and len(lacking) < len(values):
            present = next(name for name in values if name not in lacking)
            raise self.fault(lacking[0], f"is not set although {present} is", f"{lacking[0]}=…")

    def fault(self, name: str, what: str, example: str) -> ImproperlyConfigured:
        secret = any(
            word in name for word in ("SECRET", "PASSWORD", "TOKEN", "URL", "KEY", "ENDPOINT")
        )
        value = self.text(name)
        shown = "" if secret or not value else f" ({value!r})"
        return ImproperlyConfigured(f"{name}{shown} {what}. Example: {example}")


def _not_a_network(item: str) -> str:
    try:
        meant = ipaddress.ip_network(item, strict=False)
    except ValueError:
        return "not a network"
    return f"which has host bits set (is {meant} meant?)"


def kept_key(path: Path) -> str:
    """The key in this file, "" if there is no such file. Raises ImproperlyConfigured."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(
            f"SECRET_KEY is not set, and {path} cannot be read. "
            f"Example: SECRET_KEY={secrets.token_urlsafe(50)}"
        ) from None


def trusted_origins(hosts: list[str]) -> list[str]:
    """The origins of these hosts over HTTPS. "*" stands for no host that could be named."""
    patterns = (f"*{host}" if host.startswith(".") else host for host in hosts)
    return [f"https://{host}" for host in dict.fromkeys(patterns) if host not in ("", "*")]
