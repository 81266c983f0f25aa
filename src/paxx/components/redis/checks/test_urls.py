"""REDIS_URL: what is accepted, and that no message contains a password."""

from contextlib import AsyncExitStack, nullcontext

import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from core._redis.client import check_url, connect, lifespan


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://secret@a:1",
        "redis+sentinel://secret@a:1/main",
        "sentinel://:secret@a:1/main",
        "redis://:secret@a:1,b:2/0",
        "http://secret@a",
        "redis://:se/secret@a:1/0",
        "redis://:1#secret@a:1/0",
        "redis://:secret@a:secret/0",
        "redis://:secret@[a/0",
        "redis:///0",
        "",
    ],
)
def test_check_url_rejects_a_url_that_does_not_name_one_server(url: str) -> None:
    with pytest.raises(ValueError, match="REDIS_URL") as caught:
        check_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://a:1/0",
        "rediss://u:p@a/0",
        "redis://u:p%2F,%23@a/0",
        "redis://u:p,q@a/0",
        "redis://[::1]:6379",
        "unix:///run/redis.sock",
        "unix://u:p@/run/redis.sock?db=1",
    ],
)
def test_check_url_accepts_a_url_of_one_server(url: str) -> None:
    check_url(url)


async def test_connect_rejects_an_unknown_option() -> None:
    with pytest.raises(ValueError, match="'colour'") as caught:
        connect("redis://:secret@a:1/0?colour=red")
    assert "secret" not in str(caught.value)


async def test_the_representation_of_a_client_has_no_password() -> None:
    assert "secret" not in repr(connect("redis://u:secret@a:1/0"))


@pytest.mark.parametrize("cluster_enabled", [0, 1])
async def test_the_start_rejects_a_server_in_cluster_mode(
    monkeypatch: pytest.MonkeyPatch, cluster_enabled: int
) -> None:
    async def info(_: Redis, section: str) -> dict[str, int]:
        return {f"{section}_enabled": cluster_enabled}

    monkeypatch.setattr(Redis, "info", info)
    refused = pytest.raises(ValueError, match="REDIS_URL points to a server in cluster mode")
    async with AsyncExitStack() as stack:
        with refused if cluster_enabled else nullcontext():
            await stack.enter_async_context(lifespan(FastAPI()))
