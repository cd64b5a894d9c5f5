"""The real thing: the web page and the poller, with the environment as it is."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from demo import product, terminal
from demo.environment import describe_receiver, real_environment
from demo.lines import shown_for_real
from demo.stage import Stage, shorter


class Live:
    """run() ends when it is asked to, or when a process ends by itself."""

    def __init__(self, stage: Stage, variables: Mapping[str, str], port: int) -> None:
        self._stage = stage
        self._variables = variables
        self._wanted_port = port
        stage.shows = lambda entry: shown_for_real(entry, bool(settings.REDIS_URL))

    def run(self) -> int:
        stage = self._stage
        if not stage.folder.acquire():
            stage.say([f"It is running already; see {shorter(stage.folder.path)}."])
            return 0
        stage.closing.callback(stage.folder.release)
        stage.folder.clear_logs()
        title = f"render_signal, relaying from {settings.IMAP_SERVER}"
        stage.say(terminal.title(stage.style, title))
        product.tell_lock(stage)
        stage.status("webhooks", describe_receiver(self._variables.get("WEBHOOK_URL", "").strip()))
        environment = real_environment(self._variables)
        product.migrate(stage, environment)
        port = product.start_web(stage, environment, self._wanted_port)
        product.start_poller(stage, environment)
        product.wait_for_web(stage, port)
        stage.status("login", describe_login(settings.DASHBOARD_USER))
        stage.status("health", f"http://localhost:{port}/health")
        stage.status("logs", shorter(stage.folder.path))
        stage.say(["", "Ctrl-C stops everything.", ""])
        stage.pump(lambda: False)
        return 0


def describe_login(user: str) -> str:
    if user:
        return f"{user}, made with DASHBOARD_PASSWORD"
    return "DASHBOARD_USER and DASHBOARD_PASSWORD in .env make the first user"
