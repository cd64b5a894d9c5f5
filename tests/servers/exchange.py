"""What an HTTP endpoint gets and gives."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qs

from requests.structures import CaseInsensitiveDict


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: CaseInsensitiveDict[str]
    body: bytes
    tls: bool
    time: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode(), keep_blank_values=True)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Drips are seconds between two bytes; `delay` comes before the first. The body is sent so
    many times."""

    status: int = 200
    body: bytes = b'{"success": true}'
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip_head: float = 0.0
    drip_body: float = 0.0
    instead: Literal["", "hang", "close", "reset"] = ""

    @property
    def closes(self) -> bool:
        return self._all_headers().get("Connection", "").lower() == "close"

    @property
    def length(self) -> int:
        return len(self.body) * self.times

    def head(self) -> bytes:
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {self.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in self._all_headers().items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _all_headers(self) -> CaseInsensitiveDict[str]:
        headers = CaseInsensitiveDict[str](
            {"Content-Type": "application/json", "Content-Length": str(self.length)}
        )
        headers.update(self.headers)
        return headers


HANG = Answer(instead="hang")
CLOSE = Answer(instead="close")
RESET = Answer(instead="reset")


def redirect(url: str, status: int = 302) -> Answer:
    return Answer(status=status, headers={"Location": url}, body=b"")


async def read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    """The next request of a connection; None at its end."""
    start = await reader.readline()
    if not start:
        return None
    method, path, _ = start.decode("latin-1").split(" ", 2)
    headers = CaseInsensitiveDict[str]()
    while line := (await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name] = value.strip()
    if headers.get("Expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("Transfer-Encoding", "").lower() == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("Content-Length", "0")))
    tls = writer.get_extra_info("sslcontext") is not None
    return Request(method=method, path=path, headers=headers, body=body, tls=tls)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    while (await reader.readline()).strip():
        pass  # trailers
    return body
