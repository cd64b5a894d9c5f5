"""Values for statements that are SQL already, as the driver of the database takes them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import UUIDField

_UUID: UUIDField[Any, Any] = UUIDField()


def moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def uuid_value(value: uuid.UUID) -> Any:
    return _UUID.get_db_prep_value(value, connection)
