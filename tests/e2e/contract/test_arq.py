"""The contract's examples of background tasks, unchanged, with a real worker."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import servers
from tests.e2e.real import PATIENCE, RealShop, as_script, clean_environment, uv

pytestmark = pytest.mark.xdist_group("all")

TASKS = '''
async def send_welcome_email(ctx, user_id: int):
    """Send welcome email to a new user."""
    # Your email sending logic here
    print(f"Sending welcome email to user {user_id}")

class WorkerSettings:
    functions = [send_welcome_email]
    redis_settings = RedisSettings.from_dsn(settings.arq_redis_url)
'''

ENQUEUE = """
from core.arq import enqueue

# Enqueue a task
await enqueue("send_welcome_email", user_id=123)
"""

DELAYED = """
# With delay
await enqueue("send_reminder", user_id=123, _defer_by=timedelta(hours=24))
"""


@pytest.fixture
def environment(redis: servers.Redis, environment: dict[str, str]) -> dict[str, str]:
    """Return the settings, with a database of Redis that no other test uses."""
    return environment | {"ARQ_REDIS_URL": redis.url.replace("/0", "/11")}


@contextmanager
def worker(shop: RealShop, env: dict[str, str], log: Path) -> Iterator[None]:
    """Run the contract's command for the worker."""
    command = [uv(), "run", "--no-sync", "arq", "core.tasks.WorkerSettings"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=shop.root,
            env=clean_environment() | env | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_for(log: Path, line: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while line not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert line in log.read_text()


def test_both_examples_of_enqueue_run(full_shop: RealShop, environment: dict[str, str]) -> None:
    script = as_script(ENQUEUE + DELAYED, before="from datetime import timedelta")
    assert full_shop.tool("python", "-c", script, env=environment).endswith("ran\n")


def test_the_tasks_of_the_example_are_run_by_the_worker(
    full_shop: RealShop, environment: dict[str, str], tmp_path: Path
) -> None:
    tasks = full_shop.root / "core" / "tasks.py"
    original = tasks.read_text()
    # In the place of the tasks and settings that paxx wrote: imports and the last line stay.
    first = re.search(r"^(@|async def |class )", original, re.MULTILINE)
    last = re.search(r"^class WorkerSettings.*?\n(?=\S)", original, re.MULTILINE | re.DOTALL)
    assert first is not None
    assert last is not None
    tasks.write_text(original[: first.start()] + TASKS + "\n\n" + original[last.end() :])
    log = tmp_path / "worker.log"
    try:
        with worker(full_shop, environment, log):
            full_shop.tool("python", "-c", as_script(ENQUEUE), env=environment)
            wait_for(log, "Sending welcome email to user 123")
    finally:
        tasks.write_text(original)
