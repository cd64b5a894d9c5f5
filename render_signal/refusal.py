"""What the web process says to that which is no proper request, before Django sees it."""

from __future__ import annotations

import contextlib
from http import HTTPStatus
from typing import Any

from django.conf import settings
from gunicorn.http import errors
from gunicorn.util import write_nonblock

from render_signal.middleware import PERMISSIONS_POLICY

STATUSES = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.ForbiddenProxyRequest: HTTPStatus.FORBIDDEN,
}
# The application's fault, and the operator's.
OURS = (
    errors.InvalidResponseHeader,
    errors.InvalidResponseHeaderName,
    errors.ConfigurationProblem,
)


def refuse(log: Any, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
    """Nothing of the request is repeated, in the log or to its sender: a query may carry a
    secret, and people mistype whole addresses."""
    address = addr[0] if addr else "-"
    if isinstance(exc, errors.ParseException) and not isinstance(exc, OURS):
        status = STATUSES.get(type(exc), HTTPStatus.BAD_REQUEST)
        fault = type(exc).__name__
        log.warning("Request refused status=%d fault=%s address=%s", status, fault, address)
    else:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        path = getattr(req, "path", "-")
        log.error("Request failed path=%s address=%s", path, address, exc_info=exc)
    with contextlib.suppress(OSError):  # whoever asked has gone
        write_nonblock(client, _answer(status))


def turn_away(log: Any, client: Any, addr: Any) -> None:
    """Others send long bodies already."""
    log.warning("Request refused status=503 fault=LongBodies address=%s", addr[0] if addr else "-")
    with contextlib.suppress(OSError):
        write_nonblock(client, _answer(HTTPStatus.SERVICE_UNAVAILABLE))


def _answer(status: HTTPStatus) -> bytes:
    body = f"{status.phrase}\n"
    headers = {
        "Connection": "close",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body]).encode("ascii")
