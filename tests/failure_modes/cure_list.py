"""The code that helps in each failure mode, and what would stand there without it."""

from __future__ import annotations

from typing import NamedTuple


class Edit(NamedTuple):
    path: str
    text: str
    without: str


class Cure(NamedTuple):
    """Rows that are not cured any more when all of the edits are made."""

    rows: tuple[int, ...]
    edits: tuple[Edit, ...]


def cure(rows: tuple[int, ...], path: str, text: str, without: str) -> Cure:
    return Cure(rows, (Edit(path, text, without),))


NO_DEADLINE = Edit("runtime/deadline.py", "        if not self.closed:\n", "        if False:\n")
NO_READ_TIMEOUT = Edit(
    "polling/connection.py",
    "            sock.settimeout(self._limits.read)\n",
    "            sock.settimeout(None)\n",
)
NO_IDLE_TIMEOUT = Edit(
    "polling/connection.py",
    "    finally:\n        sock.settimeout(timeout)\n",
    "    finally:\n        sock.settimeout(None)\n",
)

CURES = (
    cure(
        (1,),
        "polling/connection.py",
        "sock.settimeout(max(SHORTEST_SECONDS, min(longest, share)))",
        "sock.settimeout(longest)",
    ),
    Cure((2, 3, 15, 21), (NO_DEADLINE, NO_READ_TIMEOUT, NO_IDLE_TIMEOUT)),
    cure((4, 8), "polling/errors.py", r"\[SERVERBUG\]|too many|", r"\[SERVERBUG\]|"),
    cure((5,), "polling/errors.py", "        return NotImap(server, text)\n", "        pass\n"),
    cure((5,), "polling/patience.py", "if self._strange >= STRANGE_TIMES:", "if False:"),
    cure(
        (6,),
        "polling/connection.py",
        'ssl.create_default_context() if account.security == "tls"',
        'ssl._create_unverified_context() if account.security == "tls"',
    ),
    cure(
        (7,),
        "polling/backoff.py",
        "Kind.AUTHENTICATION: Delays(300, 3, 3600)",
        "Kind.AUTHENTICATION: Delays(1, 2, 300)",
    ),
    cure((8,), "polling/errors.py", r"\[LIMIT\]|", ""),
    cure(
        (9,),
        "polling/errors.py",
        "if isinstance(error.__context__, imaplib.IMAP4.abort):",
        "if False:",
    ),
    cure((10,), "polling/errors.py", "if _PREAUTHENTICATED.search(text):", "if False:"),
    cure(
        (11,),
        "polling/login.py",
        'if has_plain and account.auth != "login":',
        "if has_plain and False:",
    ),
    cure(
        (12,),
        "polling/lock.py",
        "if not locks.lock(file, locks.LOCK_EX | locks.LOCK_NB):",
        "if not file:",
    ),
    cure(
        (13,),
        "polling/session.py",
        "            wait_for_news(self._client, wake, seconds)\n",
        "            ends = time.monotonic() + seconds\n"
        "            while time.monotonic() < ends:\n"
        "                wait_for_news(self._client, wake, 0.001)\n",
    ),
    cure(
        (14, 20),
        "polling/session.py",
        "wait_for_news(self._client, wake, seconds)",
        "wait_for_news(self._client, wake, seconds + 20)",
    ),
    cure((16,), "polling/session.py", "if not announced(self._client, self.timeout):", "if True:"),
    cure(
        (17,),
        "polling/session.py",
        "            raise IdleRefused(exc.kind, str(exc)) from exc\n",
        "            self._broken = False\n            return\n",
    ),
    cure((18,), "polling/news.py", "if self._refusals >= IDLE_REFUSALS:", "if False:"),
    cure((18,), "polling/news.py", "time.monotonic() + NO_IDLE_SECONDS", "math.inf"),
    cure(
        (19,),
        "polling/session.py",
        "wait_for_news(self._client, wake, seconds)",
        "self._client.idle_check(seconds)",
    ),
    cure(
        (21, 22),
        "runtime/deadline.py",
        "        sock.shutdown(socket.SHUT_RDWR)\n",
        "        sock.fileno()\n",
    ),
    cure(
        (23, 42, 45),
        "polling/poller.py",
        "        self._close()\n        if self._stop:\n            return 0.0",
        "        if self._stop:\n            return 0.0",
    ),
    cure((24,), "polling/connection.py", "        if self.allowance < 0:\n", "        if False:\n"),
    cure((25,), "polling/windows.py", "WINDOW = 50_000\n", "WINDOW = 50_000_000\n"),
    cure(
        (26,),
        "polling/windows.py",
        "return sorted(found for found in ask(criteria) if found > uid)",
        "return sorted(ask(criteria))",
    ),
    cure(
        (27,),
        "polling/work.py",
        "if state.uidvalidity != session.uidvalidity:",
        "if not state.uidvalidity:",
    ),
    cure((28,), "polling/work.py", "self._reconciliation.due():", "not self._reconciliation:"),
    cure((28,), "polling/work.py", "self._reconciliation.suspect()", "pass"),
    cure((29,), "polling/accounts.py", 'return f"{self.user}@{self.host}', 'return f"{self.host}'),
    cure(
        (30,),
        "polling/intake.py",
        "            if uid not in overviews:\n"
        "                batch.rows.append(rows.gone(mailbox, uid, now))\n"
        "            elif",
        "            if",
    ),
    cure((31,), "polling/fetch.py", " or _text_of_the_whole(session, mail)\n", "\n"),
    cure(
        (32,),
        "polling/session.py",
        "self._client.fetch(list(uids), list(items))",
        'self._client.fetch(f"{min(uids)}:{max(uids)}", list(items))',
    ),
    cure(
        (33,),
        "polling/structures.py",
        "        if len(uids) == 1:\n            return {uids[0]: None}\n",
        "        raise\n",
    ),
    cure(
        (33,),
        "polling/structures.py",
        "structure if not structure or is_sound(structure) else False",
        "structure",
    ),
    cure((34, 35), "polling/work.py", "if self._suspects.isdisjoint(uids):", "if True:"),
    cure((35,), "polling/quarantine.py", "if row.tries >= TRIES:", "if False:"),
    cure((36,), "polling/errors.py", "if isinstance(error, imaplib.IMAP4.readonly):", "if False:"),
    cure(
        (37,),
        "polling/custody.py",
        "        session.keywords_allowed = False\n",
        "        session.keywords_allowed = True\n",
    ),
    cure(
        (38,),
        "polling/custody.py",
        "        session.add_flags(chunk, [PENDING])\n",
        "        continue\n",
    ),
    cure(
        (39,),
        "polling/fetch.py",
        'item = f"BODY.PEEK[TEXT]<0.{2 * SMALL_BYTES}>"',
        'item = f"BODY[TEXT]<0.{2 * SMALL_BYTES}>"',
    ),
    cure((40,), "polling/session.py", 'if self._client.has_capability("ID"):', "if self._client:"),
    cure((41,), "polling/custody.py", "UIDS_PER_STORE = 200", "UIDS_PER_STORE = 100_000"),
    cure((43,), "polling/errors.py", "|throttl|authenticated but not connected", "|throttl"),
    cure((44,), "polling/connection.py", '        if kind != "OK":\n', "        if False:\n"),
    cure(
        (46,),
        "polling/supervisor.py",
        "                self._leave_if_deaf()\n",
        "                pass\n",
    ),
    cure(
        (47,),
        "polling/connection.py",
        "    poll.register(wake.fileno(), select.POLLIN)\n",
        "",
    ),
    cure(
        (48,),
        "polling/poller.py",
        "fresh = time.monotonic() - session.opened_at < SESSION_SECONDS",
        "fresh = True",
    ),
    cure(
        (49,),
        "polling/errors.py",
        'if phase == "SELECT" and _NO_SUCH_FOLDER.search(text):',
        "if False:",
    ),
    cure((50,), "polling/phases.py", "LOGOUT_SECONDS = 3.0", "LOGOUT_SECONDS = 60.0"),
    cure(
        (51,),
        "polling/intake.py",
        "received_at=overview.received_at or now,",
        "received_at=overview.received_at,",
    ),
    cure(
        (52,),
        "polling/work.py",
        "        self._acknowledgement.opened()\n",
        "",
    ),
)
