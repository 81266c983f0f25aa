"""One instance: slow, dead, replaced and hostile clients, and the end of the process."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from statistics import quantiles

import pytest
from checks.websocket.serving import PATIENCE, Client, Serve, Shop, client, clients
from checks.websocket.stalled import Stalled
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from core._ws.connection import REPLACED

MEBIBYTE = 1024 * 1024


async def p99(everybody: list[Client], sender: Client) -> float:
    """Send 50 messages, each when the one before has reached everybody."""
    delays: list[float] = []
    for number in range(50):
        count = len(everybody[0].texts)
        sent = time.monotonic()
        await sender.socket.send(json.dumps({"number": number, "text": "x" * 1024}))
        for each in everybody:
            await each.until(count + 1)
        delays += [each.at[-1] - sent for each in everybody]
    return quantiles(delays, n=100)[98]


@pytest.mark.nightly
async def test_1_a_stalled_client_of_200_holds_up_nobody(serve: Serve) -> None:
    shop = serve(CLOSE_TIMEOUT="60")  # for the stalled client to read what it was sent
    async with clients(shop, 199) as everybody:
        with Stalled(shop, "/ws/stalled") as stalled:
            before = (await shop.until(clients=200))["memory"]
            await shop.post("/fill/stalled")
            resumed = asyncio.create_task(rest_after_the_close(shop, stalled))
            await shop.post("/broadcast", count=500, size=1024)
            for each in everybody:
                await each.until(500)
                assert each.numbers == list(range(500))
            assert (1013).to_bytes(2, "big") + b"too slow" in (await resumed)[-40:]
        assert (await shop.state())["memory"] - before < 64 * MEBIBYTE
    shop.assert_no_errors()


async def rest_after_the_close(shop: Shop, stalled: Stalled) -> bytes:
    await shop.until(clients=199)
    return await asyncio.to_thread(stalled.rest_of_it)


@pytest.mark.nightly
async def test_1_the_latency_of_the_healthy_stays_low(serve: Serve) -> None:
    shop = serve()
    async with clients(shop, 199) as everybody, client(shop, "/ws/sender") as sender:
        without_it = await p99(everybody, sender)
        with Stalled(shop, "/ws/stalled"):
            await shop.post("/fill/stalled")
            beside_it = await p99(everybody, sender)
        assert all(each.numbers == [*range(50), *range(50)] for each in everybody)
        assert beside_it < 2 * without_it + 1.0  # both suffer from a busy machine


@pytest.mark.nightly
async def test_1_a_client_that_never_reads_again_is_cut_off(serve: Serve) -> None:
    shop = serve()
    with Stalled(shop, "/ws/stalled"):
        files = (await shop.until(clients=1))["files"]
        await shop.post("/fill/stalled")
        await shop.post("/broadcast")
        await shop.until(clients=0)
        await shop.until(files=files - 1, tasks=0)


@pytest.mark.nightly
async def test_1_a_queue_that_is_full_closes_at_once(serve: Serve) -> None:
    shop = serve(SEND_TIMEOUT=str(10 * PATIENCE))
    async with client(shop, "/ws/healthy") as healthy:
        with Stalled(shop, "/ws/stalled"):
            await shop.until(clients=2)
            await shop.post("/fill/stalled")
            await shop.post("/broadcast", count=20, size=MEBIBYTE // 2, pause=0.02)
            await shop.until(clients=1)
            await healthy.until(20)


@pytest.mark.nightly
async def test_1_a_burst_is_no_stall(serve: Serve) -> None:
    shop = serve()
    async with clients(shop, 20) as everybody:
        await shop.until(clients=20)
        await shop.post("/broadcast", count=5000, size=100)
        for each in everybody:
            await each.until(5000)
            assert each.numbers == list(range(5000))


async def test_2_a_reconnect_replaces_and_the_old_handler_takes_nothing_along(
    serve: Serve,
) -> None:
    shop = serve()
    async with client(shop, "/rooms/x") as old:
        await old.do(do="join", room="tea")
        async with client(shop, "/rooms/x") as new:
            assert await old.ended() == REPLACED
            await shop.until(clients=1, rooms=1)
            await shop.post("/rooms/tea/broadcast", count=1)
            await shop.post("/broadcast", count=1)
            await new.until(2)
            assert len(new.texts) == 2
    await shop.until(clients=0, rooms=0, tasks=0)
    async with client(shop, "/ws/y") as first, client(shop, "/ws/y") as second:
        assert await first.ended() == REPLACED
        await shop.post("/broadcast", count=1)
        await second.until(1)


@pytest.mark.nightly
async def test_3_joins_and_leaves_during_broadcasts_leave_nothing_behind(serve: Serve) -> None:
    shop = serve()
    choose = random.Random(7)

    async def visit(number: int) -> None:
        await asyncio.sleep(choose.random() * 2)
        async with client(shop, f"/rooms/{number % 60}") as visitor:
            for room in choose.sample(range(20), 3):
                order = {"do": "join", "room": str(room)}
                try:
                    await visitor.socket.send(json.dumps(order))
                    await visitor.socket.send(json.dumps(order | {"do": "leave"}))
                    await visitor.socket.send(json.dumps(order))
                except ConnectionClosed:
                    assert visitor.socket.close_code == REPLACED
                    return
            await asyncio.sleep(choose.random() / 4)
            if choose.random() < 0.3:
                visitor.socket.transport.abort()

    async def broadcasts() -> None:
        await asyncio.gather(
            shop.post("/broadcast", count=1000, pause=0.002),
            *(shop.post(f"/rooms/{room}/broadcast", count=100) for room in range(20)),
        )

    async with clients(shop, 5, "steady") as steady:
        await asyncio.gather(broadcasts(), *(visit(number) for number in range(500)))
        for each in steady:
            await each.until(1000)
            assert each.numbers == list(range(1000))
    await shop.until(clients=0, rooms=0, tasks=0)
    shop.assert_no_errors()


PEER = """
import asyncio, sys
from websockets.asyncio.client import connect

async def main():
    async with connect(sys.argv[1], ping_interval=None, proxy=None) as socket:
        print("connected", flush=True)
        async for text in socket:
            if sys.argv[2] == "answers" and text == '{"type":"ping"}':
                await socket.send('{"type":"pong"}')
                print("answered", flush=True)

asyncio.run(main())
"""


@contextmanager
def peer(url: str, kind: str) -> Iterator[subprocess.Popen[str]]:
    """Run a client as a process that can be frozen."""
    command = [sys.executable, "-c", textwrap.dedent(PEER), url, kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "connected\n"
            if kind == "answers":
                assert process.stdout.readline() == "answered\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("kind", [pytest.param("answers", marks=pytest.mark.nightly), "reads"])
async def test_6_a_frozen_peer_is_gone_within_two_intervals(serve: Serve, kind: str) -> None:
    interval = 2.0
    shop = serve(WS_HEARTBEAT_INTERVAL=str(interval))
    with peer(shop.ws("/ws/peer"), kind) as process:
        await asyncio.sleep(interval * 3)
        assert (await shop.state())["clients"] == 1, "a peer that lives stays"
        os.kill(process.pid, signal.SIGSTOP)
        start = time.monotonic()
        await shop.until(clients=0, tasks=0)
        assert time.monotonic() - start < interval * 2 + 10  # for a busy machine
        os.kill(process.pid, signal.SIGCONT)


async def test_9_a_message_of_10_mebibytes_closes_its_own_connection_alone(serve: Serve) -> None:
    shop = serve()
    async with client(shop, "/ws/big") as big, client(shop, "/ws/other") as other:
        await big.socket.send("x" * (10 * MEBIBYTE))
        assert await big.ended() == 1009
        await shop.until(clients=1)
        await other.socket.send("still here")
        await other.until(1)
        assert other.texts == ["still here"]
    shop.assert_no_errors()


async def test_9_the_size_of_a_message_is_counted_in_bytes(serve: Serve) -> None:
    shop = serve(WS_MAX_MESSAGE_BYTES="10")
    async with client(shop, "/ws/a") as a:
        await a.socket.send("x" * 10)
        await a.until(1)
        await a.socket.send("ü" * 6)
        assert await a.ended() == 1009


async def test_9_invalid_json_ends_its_own_connection_alone(serve: Serve) -> None:
    shop = serve()
    async with client(shop, "/rooms/bad") as bad, client(shop, "/rooms/good") as good:
        await bad.do(do="join", room="tea")
        await good.do(do="join", room="tea")
        await bad.socket.send("{not json")
        await bad.ended()
        await shop.until(clients=1, rooms=1)
        await shop.post("/rooms/tea/broadcast")
        await good.until(2)
    await shop.until(clients=0, rooms=0, tasks=0)


async def test_9_bytes_where_text_is_expected_end_their_own_connection_alone(serve: Serve) -> None:
    shop = serve()
    async with client(shop, "/ws/bytes") as bad, client(shop, "/ws/other") as other:
        await bad.socket.send(b"\x00")
        await bad.ended()
        await shop.until(clients=1)
        await other.socket.send("x")
        await other.until(1)


async def test_9_sending_after_the_end_is_harmless(serve: Serve) -> None:
    shop = serve()
    async with clients(shop, 3) as everybody:
        await shop.until(clients=3)
        everybody[0].socket.transport.abort()
        await everybody[1].close()
        await shop.post("/broadcast", count=20)
        await everybody[2].until(20)
        await shop.until(clients=1)
        await shop.post("/kick/c2")
        assert await everybody[2].ended() == 1000
        await shop.post("/broadcast", count=20)
        await shop.post("/clients/c2", text="hello")
    await shop.until(clients=0, tasks=0)
    shop.assert_no_errors()


async def test_a_client_that_sends_too_fast_waits(serve: Serve) -> None:
    shop = serve(WS_MESSAGES_PER_SECOND="50")
    async with client(shop, "/ws/fast") as fast:
        start = time.monotonic()
        for number in range(600):
            await fast.socket.send(str(number))
        await fast.until(600)
        assert time.monotonic() - start > 1.5, "500 at once, 50 a second from then on"
        assert fast.texts == [str(number) for number in range(600)]


async def test_the_origin_of_a_page_has_to_be_the_host(serve: Serve) -> None:
    shop = serve(WS_ALLOWED_ORIGINS="")
    assert await answer(shop, "/ws/x") == 101
    assert await answer(shop, "/ws/x", shop.url) == 101
    assert await answer(shop, "/ws/x", "http://evil.example") == 403
    for origin in ("null", "127.0.0.1", "http://[", f"https://[::1]127.0.0.1:{shop.port}"):
        assert await answer(shop, "/ws/x", origin) == 403
    shop.assert_no_errors()


async def test_the_origin_of_a_page_has_to_be_in_the_list(serve: Serve) -> None:
    shop = serve(WS_ALLOWED_ORIGINS="https://a.example, https://b.example/")
    assert await answer(shop, "/ws/x", "https://b.example") == 101
    assert await answer(shop, "/ws/x", "https://a.example.evil.example") == 403


async def test_any_origin_is_allowed_by_an_asterisk(serve: Serve) -> None:
    shop = serve(WS_ALLOWED_ORIGINS="*")
    assert await answer(shop, "/ws/x", "http://evil.example") == 101


async def answer(shop: Shop, path: str, origin: str | None = None) -> int:
    try:
        async with connect(shop.ws(path), origin=origin, proxy=None):  # type: ignore[arg-type]
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_a_client_that_is_not_authenticated_is_refused_before_accept(serve: Serve) -> None:
    shop = serve()
    assert await answer(shop, "/private/x") == 403
    assert await answer(shop, "/private/x?token=coffee") == 403
    assert await answer(shop, "/private/x?token=tea") == 101
    shop.assert_no_errors()


@pytest.mark.nightly
async def test_10_a_stop_tells_200_clients_and_waits_for_no_stalled_one(serve: Serve) -> None:
    shop = serve(SEND_TIMEOUT=str(10 * PATIENCE), CLOSE_TIMEOUT="10")
    async with AsyncExitStack() as stack:
        everybody = await stack.enter_async_context(clients(shop, 200))
        stack.enter_context(Stalled(shop, "/ws/stalled"))
        await shop.until(clients=201)
        await shop.post("/fill/stalled")
        await asyncio.to_thread(shop.stop)
        codes = [await each.ended() for each in everybody]
        assert set(codes) <= {1001, 1012}
        assert shop.process.returncode in {0, -signal.SIGTERM}
    shop.assert_no_errors()


async def test_the_libraries_have_the_attributes_that_the_component_uses(serve: Serve) -> None:
    async with client(serve(), "/attributes") as a:
        await a.until(1)
        missing = [name for name, is_there in json.loads(a.texts[0]).items() if not is_there]
        assert not missing, f"core/_ws/connection.py and core/_ws/server.py use {missing}"


async def test_the_numbers_are_there_for_prometheus(serve: Serve) -> None:
    shop = serve()
    async with clients(shop, 3) as everybody:
        await shop.until(clients=3)
        await shop.post("/broadcast", count=10)
        for each in everybody:
            await each.until(10)
        numbers = (await shop.get("/metrics")).text
        assert "ws_connections 3.0" in numbers
        assert "ws_messages_sent_total 30.0" in numbers
    await shop.until(clients=0)
    assert "ws_connections 0.0" in (await shop.get("/metrics")).text
