"""The application of the project under uvicorn, as a process of its own."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

import servers

PROJECT = Path.cwd()
PATIENCE = 120.0  # seconds; a busy machine takes many
SHOP = Path(__file__).with_name("shop_routes.py")


@dataclass(frozen=True, slots=True)
class Shop:
    """A running application."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return httpx2.get(self.url + path, headers=headers, timeout=PATIENCE)

    def metrics(self) -> str:
        return self.get("/metrics").text

    def stop(self) -> None:
        """Ask it to stop, and wait for its end."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


@dataclass(frozen=True, slots=True)
class Traced:
    """A running application and its collector."""

    shop: Shop
    collector: servers.OtlpReceiver

    def spans(self) -> list[servers.Span]:
        """Return the spans of all requests before; spans arrive in the order they ended."""
        last = uuid.uuid4().hex
        self.shop.get("/redoc", traceparent=f"00-{last}-{last[:16]}-01")
        self.collector.wait_for(1, PATIENCE, lambda span: span["trace_id"] == last)
        return [span for span in self.collector.spans() if span["trace_id"] != last]


Serve = Callable[..., Shop]
"""Options of uvicorn, and environment variables by name."""


@contextmanager
def served(folder: Path, *options: str, **environment: str) -> Iterator[Shop]:
    """Run the application until the block ends; what it prints goes into the folder."""
    port = servers.free_port()
    log = folder / f"{port}.log"
    quiet = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    where = {"PYTHONPATH": f"{SHOP.parent}{os.pathsep}{PROJECT}"}
    # No proxy: requests and collectors are on this machine.
    settings = {"OTEL_SDK_DISABLED": "false", "ENVIRONMENT": "development", "NO_PROXY": "*"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "shop_routes:app", "--port", str(port), *options],
            cwd=PROJECT,
            env=quiet
            | where
            | settings
            | {"DATABASE_URL": f"sqlite+aiosqlite:///{folder}/shop.db"}
            | environment,
            stdout=output,
            stderr=output,
        )
    shop = Shop(port, process, log)
    try:
        wait_for(lambda: _is_up(shop))
        yield shop
    finally:
        if process.poll() is None:
            shop.stop()


def wait_for(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; what does not answer yet does not fulfil it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if condition():
                return
        except httpx2.TransportError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_up(shop: Shop) -> bool:
    assert shop.process.poll() is None, shop.log.read_text()
    return shop.get("/health").status_code == 200
