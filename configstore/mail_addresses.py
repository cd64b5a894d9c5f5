"""Addresses that mail is sent to."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from configstore.fields import lower, split
from configstore.fields import translatable as _

# What every mail server takes, and no more: a header is made of it.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def is_address(value: str) -> bool:
    return len(value) <= 254 and bool(ADDRESS.fullmatch(value))


def _address(value: str) -> str:
    if not is_address(value):
        raise ValueError(_("write a whole mail address, such as a@example.com"))
    return value


MailAddresses = Annotated[
    tuple[Annotated[str, AfterValidator(_address)], ...],
    BeforeValidator(split),
    AfterValidator(lower),
    Field(max_length=20),
]
