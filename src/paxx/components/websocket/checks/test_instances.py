"""Several instances over Redis: exactly once, outages of Redis, the death of an instance."""

import asyncio
import json
import os
import random
import signal
import sys
import time
from contextlib import AsyncExitStack

import httpx2
import pytest
from checks.websocket.serving import (
    PATIENCE,
    Client,
    Serve,
    Shop,
    client,
    clients,
    eventually,
)
from redis.asyncio import Redis

import core._ws.pubsub
import core._ws.subscriber
import servers
from core._ws.connection import REPLACED
from core._ws.pubsub import ALL, CONTROL, PREFIX
from core.ws import manager
from settings import settings

Pair = tuple[Shop, Shop]

PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "of these checks alone, as long as it takes",
    "ALLOWED_HOSTS": "*",
}


async def command(redis: servers.Redis, *words: str) -> object:
    async with Redis.from_url(redis.url) as connection:
        return await connection.execute_command(*words)


async def channels(redis: servers.Redis) -> set[str]:
    found = await command(redis, "PUBSUB", "CHANNELS")
    assert isinstance(found, list)
    return {name.decode() for name in found}


async def pubsub_clients(redis: servers.Redis) -> int:
    found = await command(redis, "CLIENT", "LIST", "TYPE", "pubsub")
    assert isinstance(found, bytes | str | list)
    return len(found) if isinstance(found, list) else len(found.splitlines())


async def numbered(everybody: list[Client], count: int) -> None:
    for each in everybody:
        await each.until(count)
    for each in everybody:
        assert each.numbers == list(range(count))


async def test_4_everybody_gets_everything_exactly_once(pair: Pair) -> None:
    here, there = pair
    async with clients(here, 3, "here") as ours, clients(there, 3, "there") as theirs:
        await here.post("/broadcast", count=1000)
        await numbered(ours + theirs, 1000)
        await there.post("/broadcast", count=1)
        await numbered([], 0)
        for each in ours + theirs:
            await each.until(1001)
        await asyncio.sleep(0.3)
        assert {len(each.texts) for each in ours + theirs} == {1001}
    here.assert_no_errors()
    there.assert_no_errors()


async def test_4_rooms_span_instances(pair: Pair, redis: servers.Redis) -> None:
    here, there = pair
    async with (
        client(here, "/rooms/a") as a,
        client(there, "/rooms/b") as b,
        client(there, "/rooms/c") as c,
    ):
        await a.do(do="join", room="tea")
        await b.do(do="join", room="tea")
        await c.do(do="join", room="coffee")
        await here.post("/rooms/tea/broadcast", count=100)
        await there.post("/rooms/coffee/broadcast", count=1)
        await a.until(101)
        await b.until(101)
        await c.until(2)
        assert (a.numbers, b.numbers, c.numbers) == (list(range(100)), list(range(100)), [0])
        assert await channels(redis) == {ALL, CONTROL, PREFIX + "room:tea", PREFIX + "room:coffee"}
        await c.do(do="leave", room="coffee")
        await b.do(do="leave", room="tea")
        await here.post("/rooms/tea/broadcast", count=1)
        await a.until(102)
        await asyncio.sleep(0.2)
        assert len(b.numbers) == 100
    await here.until(clients=0, rooms=0)
    await there.until(clients=0, rooms=0)

    async def only_the_permanent_ones() -> bool:
        return await channels(redis) == {ALL, CONTROL}

    await eventually(only_the_permanent_ones)


async def test_a_client_that_reconnects_elsewhere_is_replaced_there(pair: Pair) -> None:
    here, there = pair
    async with client(here, "/ws/x") as old, client(there, "/ws/x") as new:
        assert await old.ended() == REPLACED
        await here.until(clients=0)
        await here.post("/clients/x", text="for you")
        await new.until(1)
        assert new.texts == ["for you"]


async def test_the_newest_connection_stays_whatever_the_clocks_say(
    serve: Serve, redis: servers.Redis
) -> None:
    here = serve(WS_REDIS_URL=redis.url)
    behind = serve(WS_REDIS_URL=redis.url, CLOCK_OFFSET="-60")
    await live(here, behind)
    async with client(here, "/ws/x") as old, client(behind, "/ws/x") as new:
        assert await old.ended() == REPLACED
        async with client(here, "/ws/x") as newest:
            assert await new.ended() == REPLACED
            await behind.post("/clients/x", text="for you")
            await newest.until(1)


async def test_outside_development_an_unauthenticated_client_replaces_nobody(
    serve: Serve, redis: servers.Redis
) -> None:
    here, there = (serve(WS_REDIS_URL=redis.url, **PRODUCTION) for _ in range(2))
    await live(here, there)
    async with client(here, "/private/x?token=tea") as user:
        async with client(here, "/ws/x") as intruder:
            assert await intruder.ended() == 1008
        async with client(there, "/ws/x") as intruder, client(there, "/ws/y"):
            await there.until(clients=2)
            await here.post("/broadcast")
            await user.until(1)
            assert user.code is None
            async with client(there, "/private/x?token=tea") as same_user:
                assert await user.ended() == REPLACED
                assert await intruder.ended() == REPLACED
                await here.post("/clients/x", text="for you")
                await same_user.until(1)


@pytest.mark.nightly
async def test_clients_get_a_resync_message_after_a_lost_subscription(
    pair: Pair, redis: servers.Redis
) -> None:
    here, there = pair
    async with client(here, "/ws/a") as a, client(there, "/ws/b") as b:
        await command(redis, "CLIENT", "KILL", "TYPE", "pubsub")
        for each in (a, b):
            await each.until(1)
            assert each.texts == ['{"type":"resync"}']


async def live(*shops: Shop) -> None:
    for shop in shops:
        await shop.until(live=True)


async def lost(count: int, *shops: Shop) -> None:
    """Wait until each has noticed so many losses of its subscription."""

    async def noticed() -> bool:
        return all(len(shop.lines("subscription to Redis lost")) == count for shop in shops)

    await eventually(noticed)


async def readiness(shop: Shop) -> object:
    return (await shop.get("/ready")).json()["checks"]["websocket"]


@pytest.mark.nightly
async def test_5_killed_subscriptions_come_back(pair: Pair, redis: servers.Redis) -> None:
    here, there = pair
    async with client(here, "/rooms/a") as a, client(there, "/rooms/b") as b:
        await a.do(do="join", room="tea")
        await b.do(do="join", room="tea")
        for turn in range(3):
            assert await command(redis, "CLIENT", "KILL", "TYPE", "pubsub") == 2
            await lost(turn + 1, here, there)
            await live(here, there)
            a.texts.clear()
            b.texts.clear()
            await here.post("/rooms/tea/broadcast", count=10)
            await there.post("/broadcast", count=10)
            await a.until(20)
            await b.until(20)
    assert await pubsub_clients(redis) == 2


@pytest.mark.nightly
async def test_5_a_restart_of_redis_after_5_seconds(pair: Pair, redis: servers.Redis) -> None:
    here, there = pair
    async with client(here, "/ws/a") as a, client(there, "/ws/b") as b:
        redis.stop()
        down = time.monotonic()
        count = 0
        while time.monotonic() - down < 5:
            async with asyncio.timeout(30):  # half of the timeouts
                await here.post("/broadcast")
            count += 1
            await asyncio.sleep(0.05)
        await a.until(count)
        assert await readiness(here) == "ConnectionError"
        assert (await here.get("/health")).status_code == 200
        redis.start_again()
        await live(here, there)
        assert await readiness(here) == "ok"
        b.texts.clear()

        async def heard_across() -> bool:
            await here.post("/broadcast")
            return len(b.texts) > 0

        await eventually(heard_across)
    for shop in pair:
        assert len(shop.lines("subscription to Redis lost")) == 1
        assert len(shop.lines("subscribed to Redis again")) == 1
    assert len(here.lines("Redis is unreachable")) == 1
    assert len(here.lines("messages reach all instances again")) == 1


@pytest.mark.nightly
async def test_5_redis_is_away_at_the_start(serve: Serve, redis: servers.Redis) -> None:
    redis.stop()
    here = serve(WS_REDIS_URL=redis.url)
    there = serve(WS_REDIS_URL=redis.url)
    assert await readiness(here) == "ConnectionError"
    async with client(here, "/rooms/a") as a, client(there, "/rooms/b") as b:
        await a.do(do="join", room="tea")
        await b.do(do="join", room="tea")
        await here.post("/rooms/tea/broadcast")
        await a.until(2)
        redis.start_again()
        await live(here, there)
        b.texts.clear()

        async def heard_across() -> bool:
            await here.post("/rooms/tea/broadcast")
            return len(b.texts) > 0

        await eventually(heard_across)


@pytest.mark.nightly
async def test_5_a_redis_that_hangs_delays_nobody(serve: Serve, redis: servers.Redis) -> None:
    limits = {"PUBLISH_TIMEOUT": "1", "HANDSHAKE_TIMEOUT": "1", "SILENCE_LIMIT": "5"}
    here, there = (serve(WS_REDIS_URL=redis.url, **limits) for _ in range(2))
    await live(here, there)
    async with clients(here, 20) as everybody:
        redis.pause()
        try:
            await here.post("/broadcast", count=3000)
            for each in everybody:
                await each.until(3000)
                assert each.numbers == list(range(3000))
            await there.until(live=False)
        finally:
            redis.resume()
        await live(here, there)


async def test_7_starting_and_stopping_twice_changes_nothing(
    redis: servers.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core._ws.pubsub, "START_TIMEOUT", PATIENCE)
    monkeypatch.setattr(core._ws.subscriber, "HANDSHAKE_TIMEOUT", PATIENCE)
    settings.ws_redis_url = redis.url
    try:
        before = asyncio.all_tasks()
        for _ in range(2):
            await asyncio.gather(manager.start_pubsub(), manager.start_pubsub())
            await manager.start_pubsub()
            await manager.ready()
            assert await pubsub_clients(redis) == 1
            await manager.broadcast("x")
            await manager.stop_pubsub()
            await manager.stop_pubsub()
            with pytest.raises(ConnectionError):
                await manager.ready()
            assert asyncio.all_tasks() == before

            async def nobody_is_left() -> bool:
                found = await command(redis, "CLIENT", "LIST")
                return len(found) == 1 if isinstance(found, list) else True

            await eventually(nobody_is_left)
    finally:
        settings.ws_redis_url = ""


async def test_7_a_start_without_redis_py_names_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "ws_redis_url", "redis://localhost:1/0")
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(RuntimeError, match="uv add"):
        await manager.start_pubsub()


async def test_8_what_is_no_message_is_skipped_with_a_warning(
    pair: Pair, redis: servers.Redis
) -> None:
    here, _ = pair
    bad = ["{", "[]", "1", '{"from":1}', '{"from":"x","text":1}', '{"from":"x","at":"y"}', "\udcff"]
    async with client(here, "/ws/a") as a:
        async with Redis.from_url(redis.url) as connection:
            for text in bad:
                for channel in (ALL, CONTROL):
                    await connection.publish(channel, text.encode(errors="surrogateescape"))
            await connection.publish(ALL, json.dumps({"from": "somebody", "text": "fine"}))
        await a.until(1)
        assert a.texts == ["fine"]
    assert len(here.lines("skipped a message")) == 2 * len(bad)
    here.assert_no_errors()


@pytest.mark.nightly
async def test_10000_rooms_survive_a_restart_of_redis(serve: Serve, redis: servers.Redis) -> None:
    shop, other = serve(WS_REDIS_URL=redis.url), serve(WS_REDIS_URL=redis.url)
    async with client(shop, "/rooms/a") as a:
        for number in range(10_000):
            order = {"do": "join", "room": str(number)}
            await a.socket.send(json.dumps(order))
        await a.until(10_000)
        assert (await shop.state())["rooms"] == 10_000
        assert len(await channels(redis)) == 10_002
        await command(redis, "CLIENT", "KILL", "TYPE", "pubsub")
        await lost(1, shop, other)
        await live(shop, other)
        a.texts.clear()
        for number in random.Random(7).sample(range(10_000), 20):
            await other.post(f"/rooms/{number}/broadcast")
        await a.until(20)
    await shop.until(clients=0, rooms=0)

    async def freed() -> bool:
        return len(await channels(redis)) == 2

    await eventually(freed)


@pytest.mark.nightly
async def test_killed_redis_loses_nothing_for_local_clients(
    pair: Pair, redis: servers.Redis
) -> None:
    here, there = pair
    async with clients(here, 10, "here") as ours, client(there, "/ws/there") as theirs:
        sending = asyncio.create_task(here.post("/broadcast", count=3000, pause=0.001))
        await theirs.until(300)
        os.kill(redis.pid or 0, signal.SIGKILL)
        await asyncio.sleep(1)
        redis.stop()  # what is left of it
        redis.start_again()
        acknowledged = (await sending).json()
        for each in ours:
            await each.until(acknowledged)
            assert each.numbers == list(range(3000))
        await live(here, there)
        received = sum(len(each.numbers) for each in ours)
        print(f"broadcast to 10 local clients: sent {10 * acknowledged}, received {received}")
        assert received == 10 * acknowledged
        assert len(theirs.numbers) == len(set(theirs.numbers)) < 3000
        assert theirs.numbers == sorted(theirs.numbers)


@pytest.mark.nightly
async def test_a_killed_instance_takes_nothing_from_the_other(pair: Pair) -> None:
    here, there = pair
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(clients(here, 10, "here"))
        await stack.enter_async_context(clients(there, 10, "there"))
        sending = asyncio.create_task(here.post("/broadcast", count=2000, pause=0.001))
        noise = asyncio.create_task(there.post("/rooms/x/broadcast", count=100_000))
        await ours[0].until(300)
        there.process.kill()
        with pytest.raises(httpx2.TransportError):
            await noise
        acknowledged = (await sending).json()
        for each in ours:
            await each.until(acknowledged)
        received = sum(len(each.numbers) for each in ours)
        print(f"broadcast to 10 clients: sent {10 * acknowledged}, received {received}")
        assert received == 10 * acknowledged
        assert all(each.numbers == list(range(2000)) for each in ours)
        assert await readiness(here) == "ok"
    here.assert_no_errors()
