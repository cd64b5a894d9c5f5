"""The raw limit: the least code that turns mails into webhooks.

No configuration, no database, no lock, no retry of its own; what it has not marked when it ends
is posted again. It asks for headers and structure of many mails at once, then for the text parts
of those that matter, posts from a few threads with connections kept open, and marks in batches
what was accepted. Then it waits in IDLE. It is told everything by its environment.
"""

from __future__ import annotations

import base64
import html
import os
import quopri
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import Any, NamedTuple

import requests
from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

LINK = re.compile(
    r"https?://(?:www\.)?(?:dropbox|fromsmash|swisstransfer)\.com/[^\s<>\"]+", re.IGNORECASE
)
REPLY = re.compile(r"\s*(?:re|fwd?|tr)\s*:", re.IGNORECASE)
HEADERS = "BODY.PEEK[HEADER.FIELDS (FROM SUBJECT DATE MESSAGE-ID)]"
LOOKED_AT, MARKED, THREADS = 200, 25, 8
TIMEOUT, IDLE_SECONDS = 10.0, 60.0


class Text(NamedTuple):
    section: str
    charset: str
    encoding: str

    def decode(self, data: bytes) -> str:
        if self.encoding == "base64":
            data = base64.b64decode(data)
        elif self.encoding == "quoted-printable":
            data = quopri.decodestring(data)
        return data.decode(self.charset, "replace")


class Found(NamedTuple):
    subject: str
    headers: Message
    texts: tuple[Text, ...]


class Poster:
    def __init__(self, url: str) -> None:
        self._url = url
        self._pool = ThreadPoolExecutor(THREADS)
        self._mine = threading.local()

    def submit(self, uid: int, payload: dict[str, Any]) -> Future[int]:
        return self._pool.submit(self._post, uid, payload)

    def _post(self, uid: int, payload: dict[str, Any]) -> int:
        """The UID, or 0 if it was not accepted."""
        if not hasattr(self._mine, "session"):
            self._mine.session = requests.Session()
        try:
            answer = self._mine.session.post(self._url, json=payload, timeout=TIMEOUT)
        except requests.RequestException:
            return 0
        return uid if answer.status_code == 200 else 0


class Sweep:
    """Looks at what is unread above a UID; `above` moves on with what needs no second look."""

    def __init__(self, client: IMAPClient, poster: Poster, senders: set[str], above: int) -> None:
        self._client, self._poster, self._senders, self.above = client, poster, senders, above

    def run(self) -> bool:
        """Whether everything was accepted."""
        found = self._client.search(["UNSEEN", "UID", f"{self.above + 1}:*"])
        uids = [uid for uid in found if uid > self.above]
        jobs: list[Future[int]] = []
        for first in range(0, len(uids), LOOKED_AT):
            jobs += self._post(self._wanted(uids[first : first + LOOKED_AT]))
        done = self._mark(jobs)
        if done:
            self.above = max(uids, default=self.above)
        return done

    def _wanted(self, uids: list[int]) -> dict[int, Found]:
        wanted = {}
        for uid, row in self._client.fetch(uids, [HEADERS, "BODYSTRUCTURE"]).items():
            raw = next(value for key, value in row.items() if key.startswith(b"BODY[HEADER"))
            headers = BytesHeaderParser().parsebytes(raw)
            subject = str(make_header(decode_header(headers["Subject"] or "")))
            if parseaddr(headers["From"])[1].lower() in self._senders and not REPLY.match(subject):
                wanted[uid] = Found(subject, headers, tuple(texts(row[b"BODYSTRUCTURE"])))
        return wanted

    def _post(self, wanted: dict[int, Found]) -> Iterator[Future[int]]:
        alike = defaultdict(list)
        for uid, found in wanted.items():
            alike[tuple(text.section for text in found.texts)].append(uid)
        for sections, uids in alike.items():
            bodies = self._client.fetch(uids, [f"BODY.PEEK[{section}]" for section in sections])
            for uid in uids:
                payload = _payload(wanted[uid], bodies[uid])
                if payload["delivery_links"]:
                    yield self._poster.submit(uid, payload)

    def _mark(self, jobs: list[Future[int]]) -> bool:
        accepted: list[int] = []
        for job in as_completed(jobs):
            accepted += [uid] if (uid := job.result()) else []
            if len(accepted) == MARKED:
                self._client.add_flags(accepted, [SEEN], silent=True)
                accepted = []
        if accepted:
            self._client.add_flags(accepted, [SEEN], silent=True)
        return all(job.result() for job in jobs)


def texts(body: Any, place: str = "") -> Iterator[Text]:
    """The text parts of a BODYSTRUCTURE."""
    if isinstance(body[0], list):
        for number, part in enumerate(body[0], 1):
            yield from texts(part, f"{place}.{number}" if place else str(number))
    elif body[0].lower() == b"text":
        names = dict(zip(body[2][::2], body[2][1::2], strict=True)) if body[2] else {}
        charset = next((v for name, v in names.items() if name.lower() == b"charset"), b"utf-8")
        yield Text(place or "1", charset.decode(), body[5].decode().lower())


def _payload(found: Found, bodies: dict[bytes, bytes]) -> dict[str, Any]:
    parts = [text.decode(bodies[f"BODY[{text.section}]".encode()]) for text in found.texts]
    whole = "\n".join(parts)
    return {
        "subject": found.subject,
        "sender_address": str(found.headers["From"]),
        "receivedDateTime": found.headers["Date"],
        "email_content": whole,
        "delivery_links": list(dict.fromkeys(map(html.unescape, LINK.findall(whole)))),
    }


def serve(client: IMAPClient, sweep: Sweep) -> None:
    while True:
        told_of_more(client)
        if not sweep.run():
            time.sleep(1)
            continue
        if told_of_more(client):
            continue
        client.idle()
        if not told_of_more(client):  # before it said that it is idling
            client.idle_check(timeout=IDLE_SECONDS)
        client.idle_done()


def told_of_more(client: IMAPClient) -> bool:
    """Whether a mail was announced in the answer to something else: IDLE will not tell it again."""
    return bool(client._imap.response("EXISTS")[1] != [None])


def main() -> None:
    env = os.environ
    poster, above = Poster(env["WEBHOOK_URL"]), 0
    senders = set(env["SENDERS"].split(","))
    while True:
        try:
            with IMAPClient(
                env["IMAP_SERVER"], int(env["IMAP_PORT"]), ssl=False, timeout=TIMEOUT
            ) as client:
                client.login(env["EMAIL_ADDRESS"], env["EMAIL_PASSWORD"])
                client.select_folder("INBOX")
                sweep = Sweep(client, poster, senders, above)
                try:
                    serve(client, sweep)
                finally:
                    above = sweep.above
        except (OSError, IMAPClientError):
            time.sleep(1)


if __name__ == "__main__":
    main()
