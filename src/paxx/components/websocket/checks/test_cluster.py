"""Sharded pub/sub on a cluster of two nodes, and a slot that moves from one to the other."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from checks.websocket.serving import Serve, client, eventually
from redis.asyncio import Redis

import servers
from core._ws.pubsub import CONTROL

pytestmark = pytest.mark.nightly

SLOTS = 16384


@dataclass(frozen=True, slots=True)
class Cluster:
    """Two nodes; the first has the slot of our channels."""

    owner: servers.Redis
    other: servers.Redis
    slot: int

    async def move_slot(self) -> None:
        """Give the slot to the other node."""
        target = (await command(self.other, "CLUSTER", "MYID")).decode()
        for node in (self.other, self.owner):
            await command(node, "CLUSTER", "SETSLOT", self.slot, "NODE", target)


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
async def cluster(nodes: list[servers.Redis]) -> Cluster:
    first, second = nodes
    await command(first, "CLUSTER", "ADDSLOTSRANGE", 0, SLOTS // 2 - 1)
    await command(second, "CLUSTER", "ADDSLOTSRANGE", SLOTS // 2, SLOTS - 1)
    bus = second.options[-1]
    await command(first, "CLUSTER", "MEET", "127.0.0.1", second.port, bus)

    async def is_fine() -> bool:
        states = [str(await command(node, "CLUSTER", "INFO")) for node in nodes]
        return all(re.search("cluster_state\\W+ok", state) for state in states)

    await eventually(is_fine)
    slot = await command(first, "CLUSTER", "KEYSLOT", CONTROL)
    owner, other = nodes if slot < SLOTS // 2 else nodes[::-1]
    return Cluster(owner, other, slot)


async def shards(redis: servers.Redis) -> int:
    return len(await command(redis, "PUBSUB", "SHARDCHANNELS"))


async def test_instances_find_the_node_of_their_channels_and_follow_it(
    serve: Serve, cluster: Cluster
) -> None:
    here, there = serve(WS_REDIS_URL=cluster.owner.url), serve(WS_REDIS_URL=cluster.other.url)
    await here.until(live=True)
    await there.until(live=True)
    async with client(here, "/rooms/a") as a, client(there, "/rooms/b") as b:
        await a.do(do="join", room="tea")
        await b.do(do="join", room="tea")
        assert (await shards(cluster.owner), await shards(cluster.other)) == (3, 0)
        await here.post("/rooms/tea/broadcast", count=100)
        await there.post("/broadcast", count=100)
        await a.until(201)
        await b.until(201)
        await asyncio.sleep(0.2)
        assert (len(a.texts), len(b.texts)) == (201, 201)
        await cluster.move_slot()

        async def moved() -> bool:
            return (await shards(cluster.owner), await shards(cluster.other)) == (0, 3)

        await eventually(moved)
        await here.until(live=True)
        await there.until(live=True)
        await here.post("/rooms/tea/broadcast", count=1)
        await there.post("/broadcast", count=1)
        await a.until(203)
        await b.until(203)
