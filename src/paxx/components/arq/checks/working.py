"""A worker as a real process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.arq import Job, enqueue

PATIENCE = 300.0  # seconds; a busy machine takes many
QUEUE = "checks"


async def add(task: str, **kwargs: object) -> Job:
    """Enqueue a job, which must be new."""
    job = await enqueue(task, _queue_name=QUEUE, **kwargs)  # type: ignore[arg-type]
    assert job is not None
    return job


@dataclass
class Workers:
    """Starts workers of one queue; they write into one book."""

    url: str
    folder: Path
    queue: str

    def __post_init__(self) -> None:
        self.running: list[subprocess.Popen[bytes]] = []
        self.log = self.folder / "worker.log"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a worker."""
        return os.environ | {
            "ARQ_REDIS_URL": self.url,
            "ARQ_QUEUE_NAME": self.queue,
            "JOB_BOOK": str(self.folder / "book"),
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        }

    def start(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start one, with options of arq."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [str(Path(sys.executable).with_name("arq")), "job_tasks.WorkerSettings", *options],
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.running.append(process)
        return process

    def check(self) -> int:
        """Return the exit code of arq's health check."""
        command = [
            str(Path(sys.executable).with_name("arq")),
            "--check",
            "job_tasks.WorkerSettings",
        ]
        done = subprocess.run(command, env=self.environment, capture_output=True, check=False)
        return done.returncode

    def book(self) -> list[str]:
        """Return what the tasks wrote down."""
        path = self.folder / "book"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, condition: Callable[[list[str]], bool]) -> list[str]:
        """Return the book once it fulfils the condition."""
        deadline = time.monotonic() + PATIENCE
        while not condition(book := self.book()):
            assert time.monotonic() < deadline, f"{book[-20:]}\n{self.log.read_text()[-3000:]}"
            time.sleep(0.05)
        return book

    def close(self) -> None:
        """End those that still run."""
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(PATIENCE)
