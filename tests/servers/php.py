"""A private PHP with the configuration API, as an operator has it on a web host."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.servers.ports import HOST, free_port, wait_port
from tests.servers.process import end, start

HOW = "Real PHP is missing: install php-cli (Debian) or php (brew)."
TOKEN = "token-of-the-configuration-api"  # noqa: S105
# What is stored is shown as it is if it is JSON, so that tests can put anything there.
API = """<?php
header('Content-Type: application/json');

function answer(int $status, array $content): never {
    http_response_code($status);
    exit(json_encode($content, JSON_UNESCAPED_UNICODE));
}

if (($_SERVER['HTTP_AUTHORIZATION'] ?? '') !== 'Bearer %TOKEN%') {
    answer(401, ['success' => false, 'message' => 'unauthorized']);
}
$posting = $_SERVER['REQUEST_METHOD'] === 'POST';
$post = $posting ? json_decode(file_get_contents('php://input')) : null;
$key = $post->key ?? $_GET['key'] ?? '';
if (!preg_match('/^[a-z_]+$/', $key)) {
    answer(400, ['success' => false, 'message' => 'key']);
}
$file = __DIR__ . "/data/$key.json";
if ($posting) {
    $text = json_encode($post->config, JSON_UNESCAPED_UNICODE);
    file_put_contents("$file.new", $text);
    rename("$file.new", $file);
    answer(200, ['success' => true]);
}
if (!file_exists($file)) {
    answer(404, ['success' => false, 'message' => 'unknown key']);
}
exit('{"success": true, "config": ' . file_get_contents($file) . '}');
"""


def php_binary() -> str | None:
    return shutil.which("php")


class PhpApi:
    def __init__(self, binary: str, folder: Path) -> None:
        self.port = free_port()
        self.base_url = f"http://{HOST}:{self.port}/config"
        self.data = folder / "config" / "data"
        self.data.mkdir(parents=True)
        (folder / "config" / "config_api.php").write_text(API.replace("%TOKEN%", TOKEN))
        self._binary = binary
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def document(self, name: str) -> Any:
        """What is stored under the name, None if nothing is."""
        path = self.data / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def put(self, name: str, raw: bytes) -> None:
        (self.data / f"{name}.json").write_bytes(raw)

    def start(self) -> None:
        if self._process is not None:
            return
        environment = {k: v for k, v in os.environ.items() if k != "PHP_CLI_SERVER_WORKERS"}
        with (self._folder / "php.log").open("ab") as log:
            process = start(
                [self._binary, "-n", "-S", f"{HOST}:{self.port}", "-t", str(self._folder)],
                output=log,
                environment=environment,
            )
        self._process = process
        wait_port(self.port, alive=lambda: process.poll() is None)

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Connections are accepted by the kernel and never answered."""
        assert self._process, "the server is stopped"
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process, "the server is stopped"
        os.kill(self._process.pid, signal.SIGCONT)

    def heal(self) -> None:
        """Whatever a test did to it: running, awake and empty."""
        self.start()
        self.thaw()
        for path in self.data.iterdir():
            path.unlink()
