"""Documents in the PHP configuration API of the former application.

GET {base}/config_api.php?key=NAME and POST {base}/config_api.php. An empty object becomes
an empty list on its way through PHP, so both are taken for an absent document.
"""

from __future__ import annotations

import json
from functools import cached_property
from urllib.parse import urlencode, urlsplit

import requests

from configstore.backends.base import (
    ConfigBackend,
    DocumentChanged,
    DocumentCorrupt,
    JSONObject,
    StoreUnavailable,
    Version,
)
from configstore.backends.json_text import decode, encode, version_of, version_of_corrupt
from runtime.deadline import Deadline
from runtime.http import NETWORK_ERRORS, DeadlineAdapter, read_body, within

DEADLINE_SECONDS = 4.0
CONNECT_SECONDS = 2.0
ANSWER_BYTES = 1_000_000
HEADERS = {
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "render-signal",
}


class PhpBackend(ConfigBackend):
    label = "PHP"

    def __init__(self, *, base_url: str, token: str) -> None:
        self._url = f"{base_url.rstrip('/')}/config_api.php"
        self._host = urlsplit(base_url).hostname or "the host"
        self._headers = {**HEADERS, "Authorization": f"Bearer {token}"}

    def read(self, name: str) -> JSONObject | None:
        with Deadline(DEADLINE_SECONDS) as deadline:
            return self._read(name, deadline)

    def write(
        self, name: str, document: JSONObject | None, expected: Version | None = None
    ) -> None:
        """The API knows no removal: None writes an empty object, which is read as absent.

        Nor does it know versions: `expected` is compared with what is read just before, so
        that of two writers at the same moment both may win.
        """
        with Deadline(DEADLINE_SECONDS) as deadline:
            if expected is not None and self._version(name, deadline) != expected:
                raise DocumentChanged(name)
            body = encode({"key": name, "config": document or {}})
            if len(body) > ANSWER_BYTES:  # it could not be read again
                raise StoreUnavailable(f"{name} is longer than {ANSWER_BYTES} bytes")
            self._judge(*self._ask("POST", deadline, data=body))

    def _read(self, name: str, deadline: Deadline) -> JSONObject | None:
        status, answer = self._ask("GET", deadline, query="?" + urlencode({"key": name}))
        if status == 404 and answer.get("success") is False:
            return None
        self._judge(status, answer)
        if "config" not in answer:
            raise StoreUnavailable(f"the answer of {self._host} has no config: check its API")
        config = answer["config"]
        if config is None or config in ([], {}):
            return None
        # Through text once more: there are rules for it, and a repair needs it to be shown.
        return decode(json.dumps(config), f"PHP key {name}")

    def _version(self, name: str, deadline: Deadline) -> Version:
        try:
            return version_of(self._read(name, deadline))
        except DocumentCorrupt as exc:
            return version_of_corrupt(exc)

    def _judge(self, status: int, answer: JSONObject) -> None:
        """Raises StoreUnavailable for all but a success."""
        if status == 200 and answer.get("success") is True:
            return
        raise StoreUnavailable(
            f"config_api.php of {self._host} answers without success (HTTP {status}): "
            "look into its log"
        )

    def _ask(
        self, method: str, deadline: Deadline, query: str = "", data: bytes | None = None
    ) -> tuple[int, JSONObject]:
        """Status and answer. Raises StoreUnavailable where that is none of the API."""
        status, text = self._exchange(method, deadline, query, data)
        if status in (401, 403):
            raise StoreUnavailable(
                f"{self._host} refuses the token (HTTP {status}): check CONFIG_API_TOKEN"
            )
        if 300 <= status < 400:
            raise StoreUnavailable(
                f"{self._host} redirects (HTTP {status}): "
                "set EXTERNAL_CONFIG_BASE_URL to where it leads"
            )
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise StoreUnavailable(
                f"config_api.php of {self._host} does not answer with a JSON object "
                f"(HTTP {status}): check EXTERNAL_CONFIG_BASE_URL"
            )
        return status, answer

    def _exchange(
        self, method: str, deadline: Deadline, query: str, data: bytes | None
    ) -> tuple[int, bytes]:
        try:
            with (
                within(deadline),
                self._adapter.request(
                    method,
                    self._url + query,
                    headers=self._headers,
                    timeout=(CONNECT_SECONDS, deadline.remaining() or 0.001),
                    data=data,
                ) as response,
            ):
                text = read_body(response, ANSWER_BYTES + 1)
        except (*NETWORK_ERRORS, ValueError) as exc:  # ValueError: a head that makes no sense
            raise StoreUnavailable(self._reason(exc, deadline)) from None
        if deadline.expired:
            raise StoreUnavailable(self._late())
        if len(text) > ANSWER_BYTES:
            raise StoreUnavailable(
                f"the answer of {self._host} is longer than {ANSWER_BYTES} bytes: "
                "check EXTERNAL_CONFIG_BASE_URL"
            )
        return response.status_code, text

    def _reason(self, error: Exception, deadline: Deadline) -> str:
        """Never the error's own words: they may hold the URL with its credentials."""
        if deadline.expired or isinstance(error, requests.Timeout):
            return self._late()
        if isinstance(error, requests.exceptions.SSLError):
            return f"no trusted TLS connection to {self._host}: check its certificate"
        return (
            f"no answer from {self._host} ({type(error).__name__}): "
            "check that it runs, and EXTERNAL_CONFIG_BASE_URL"
        )

    def _late(self) -> str:
        return (
            f"no complete answer from {self._host} within {DEADLINE_SECONDS:g} s: "
            "check that it runs, and EXTERNAL_CONFIG_BASE_URL"
        )

    @cached_property
    def _adapter(self) -> DeadlineAdapter:
        return DeadlineAdapter()  # it reads all certificates
