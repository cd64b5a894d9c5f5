"""The real thing: the web page and the poller, with the environment as it is."""

from __future__ import annotations

from collections.abc import Mapping

from demo import product, terminal
from demo.environment import describe_redis, real_environment
from demo.stage import Stage, shorter


class Live:
    """run() ends when it is asked to, or when a process ends by itself."""

    def __init__(self, stage: Stage, variables: Mapping[str, str], port: int) -> None:
        self._stage = stage
        self._variables = variables
        self._wanted_port = port
        stage.shows = lambda entry: True

    def run(self) -> int:
        stage = self._stage
        server = self._variables["IMAP_SERVER"]
        stage.say(terminal.title(stage.style, f"render_signal, relaying from {server}"))
        if not stage.folder.acquire():
            where = shorter(stage.folder.path)
            stage.say(terminal.trouble(stage.style, f"It is running already; see {where}."))
            return 1
        stage.closing.callback(stage.folder.release)
        stage.folder.clear_logs()
        stage.status("lock", describe_redis(self._variables.get("REDIS_URL", "").strip()))
        environment = real_environment(self._variables)
        product.migrate(stage, environment)
        port = product.start_web(stage, environment, self._wanted_port)
        product.start_poller(stage, environment)
        product.wait_for_web(stage, port)
        stage.status("login", "make a user with: .venv/bin/python manage.py createsuperuser")
        stage.status("health", f"http://localhost:{port}/health")
        stage.status("logs", shorter(stage.folder.path))
        stage.say(["", "Ctrl-C stops everything.", ""])
        stage.pump(lambda: False)
        return 0
