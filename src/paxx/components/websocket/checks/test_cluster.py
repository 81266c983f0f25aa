"""Two instances on a cluster of Redis, each connected to another node."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from checks.websocket.serving import Serve, client, eventually
from redis.asyncio import Redis

import servers

pytestmark = pytest.mark.nightly

SLOTS = 16384


async def command(redis: servers.Redis, *words: Any) -> Any:
    async with Redis.from_url(redis.url) as connection:
        return await connection.execute_command(*words)


def node() -> servers.Redis:
    bus = str(servers.free_port())
    options = ("--cluster-enabled", "yes", "--cluster-port", bus)
    return servers.Redis.start(password="tea", options=options)


@pytest.fixture
def nodes() -> Iterator[list[servers.Redis]]:
    with ExitStack() as stack:
        yield [stack.enter_context(node()) for _ in range(2)]


@pytest.fixture
async def cluster(nodes: list[servers.Redis]) -> list[servers.Redis]:
    first, second = nodes
    await command(first, "CLUSTER", "ADDSLOTSRANGE", 0, SLOTS // 2 - 1)
    await command(second, "CLUSTER", "ADDSLOTSRANGE", SLOTS // 2, SLOTS - 1)
    bus = second.options[-1]
    await command(first, "CLUSTER", "MEET", "127.0.0.1", second.port, bus)

    async def is_fine() -> bool:
        states = [str(await command(node, "CLUSTER", "INFO")) for node in nodes]
        return all(re.search("cluster_state\\W+ok", state) for state in states)

    await eventually(is_fine)
    return nodes


async def test_instances_on_different_nodes_exchange_each_message_once(
    serve: Serve, cluster: list[servers.Redis]
) -> None:
    here, there = (serve(WS_REDIS_URL=node.url) for node in cluster)
    await here.until(live=True)
    await there.until(live=True)
    async with client(here, "/rooms/a") as a, client(there, "/rooms/b") as b:
        await a.do(do="join", room="tea")
        await b.do(do="join", room="tea")
        await here.post("/rooms/tea/broadcast", count=100)
        await there.post("/broadcast", count=100)
        await a.until(201)
        await b.until(201)
        await asyncio.sleep(0.2)
        assert (len(a.texts), len(b.texts)) == (201, 201)
