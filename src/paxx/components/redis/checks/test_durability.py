"""What the Compose file's server has acknowledged is there after it was killed."""

import os
import re
import signal
from pathlib import Path

import pytest

import servers
from core._redis.client import close_redis
from core.cache import get_redis
from settings import settings

pytestmark = pytest.mark.nightly

COUNT = 1000


def compose_options() -> list[str]:
    """Return the words that the Compose file gives the server."""
    composed = Path("docker-compose.yml").read_text(encoding="utf-8")
    [command] = re.findall(r'command: \["redis-server", (.+)\]', composed)
    return re.findall(r'"([^"]+)"', command)


async def test_what_was_acknowledged_survives_a_kill() -> None:
    defaults = ["--appendonly", "no", "--appendfsync", "everysec"]
    with servers.Redis.start(options=[*defaults, *compose_options()]) as server:
        settings.redis_url = server.url
        await close_redis()
        redis = await get_redis()
        acknowledged = 0
        for number in range(COUNT):
            acknowledged += await redis.rpush("jobs", number) == number + 1
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        server.stop()
        server.start_again()
        found = await redis.llen("jobs")
        print(f"acknowledged {acknowledged}, found {found}")
        assert found == acknowledged == COUNT
