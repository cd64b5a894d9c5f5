"""Pages that say what went wrong. They ask neither the database nor the session of the visitor: it
may be these that are away."""

from __future__ import annotations

import logging
import sqlite3
import sys
from typing import TypeGuard

from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from runtime.database_errors import first_line

logger = logging.getLogger(__name__)
# A statement that was given up, in PostgreSQL's words.
QUERY_CANCELED = "57014"
# A standby, or a database that takes no writes: no trouble of operation in PostgreSQL's classes.
READ_ONLY = "25006"
# A file that is damaged, or none of a database: neither in SQLite's.
BROKEN_FILE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
PRIMARY_CODE = 0xFF

AWAY_SECONDS = 5
BUSY_SECONDS = 30


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400, wrong_host=isinstance(exception, DisallowedHost))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    return _page(request, 405)


def server_error(request: HttpRequest) -> HttpResponse:
    """While the exception is handled: a database that is away is no fault of ours."""
    fault = sys.exception()
    if not is_of_the_database(fault):
        return _page(request, 500)
    said = request.path, first_line(fault)
    logger.warning("Page not made, the database failed path=%s: %s", *said)
    busy = _sqlstate(fault) == QUERY_CANCELED
    response = _page(request, 503, busy=busy)
    response["Retry-After"] = str(BUSY_SECONDS if busy else AWAY_SECONDS)
    response._has_been_logged = True  # type: ignore[attr-defined]  # as django.utils.log does it
    return response


def is_of_the_database(fault: BaseException | None) -> TypeGuard[Exception]:
    """It cannot be reached, is locked, full, slow, read-only or damaged. A query that it does not
    understand is not its fault, which SQLite alone tells in the same class."""
    if not isinstance(fault, DatabaseError | InterfaceError):
        return False
    if isinstance(fault, InternalError) and _sqlstate(fault) == READ_ONLY:
        return True
    code = getattr(fault.__cause__, "sqlite_errorcode", 0) & PRIMARY_CODE
    if code in BROKEN_FILE:
        return True
    return isinstance(fault, OperationalError | InterfaceError) and code != sqlite3.SQLITE_ERROR


def _sqlstate(fault: Exception) -> str | None:
    return getattr(fault.__cause__, "sqlstate", None)


def _page(request: HttpRequest, status: int, **context: bool) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        response = HttpResponse(render_to_string(f"{status}.html", context), status=status)
    add_never_cache_headers(response)
    return response
