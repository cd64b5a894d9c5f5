"""What all documents have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError


class Document(BaseModel):
    """One stored JSON object. NAME is its name in every store; SECRETS are the fields whose texts
    are encrypted there (configstore.secrets) and shown nowhere: the field, its items or its values.
    RENEWED are those that the relay itself replaces from time to time, each with the fields that
    say whose it is. GOES_TO are those that are sent, each with the fields that say where to: none
    is sent to another place than it was entered for.

    Where FURTHER is set there may be more documents of the kind, NAME:name: that field of the
    default one lists their names. DEFAULT_ALONE are the fields that the environment supplies to
    the default one and to no other.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    NAME: ClassVar[str]
    SECRETS: ClassVar[tuple[str, ...]] = ()
    RENEWED: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    GOES_TO: ClassVar[Mapping[str, frozenset[str]]] = {}
    FURTHER: ClassVar[str] = ""
    DEFAULT_ALONE: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def supplied(cls, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Of these fields, which the environment supplies, those of the document of this name."""
        if name == cls.NAME:
            return fields
        return {key: value for key, value in fields.items() if key not in cls.DEFAULT_ALONE}


def faults(error: ValidationError) -> list[tuple[str, str]]:
    """Field and fault, without the values: those may be secrets."""
    return [
        (
            ".".join(str(part) for part in fault["loc"]),
            fault["msg"].removeprefix("Value error, "),
        )
        for fault in error.errors(include_url=False, include_input=False)
    ]


def describe(error: ValidationError) -> str:
    """The faults as one line."""
    return "; ".join(f"{where or 'document'}: {what}" for where, what in faults(error))
