"""Connections to Redis for the WebSocket manager; redis-py is imported when one is needed."""

import asyncio
import importlib
import re
from collections.abc import Iterable
from typing import Any

CONNECT_TIMEOUT = 1.0

# The text of the error, because redis-py 5 has a class for it on connections to a cluster alone.
MOVED = re.compile(r"(?:MOVED )?\d+ (?P<host>.*):(?P<port>\d+)")

# What a subscribed connection says, by its names without and with shards.
KINDS = {
    b"message": "message",
    b"smessage": "message",
    b"subscribe": "subscribed",
    b"ssubscribe": "subscribed",
    b"unsubscribe": "unsubscribed",
    b"sunsubscribe": "unsubscribed",
}


class RedisLink:
    """Opens connections to one server, or to the node of a cluster that has our channels."""

    def __init__(self, url: str) -> None:
        try:
            self.redis: Any = importlib.import_module("redis.asyncio")
        except ModuleNotFoundError as error:
            raise RuntimeError(
                "WS_REDIS_URL is set, but the package `redis` is not installed:"
                " run `uv add 'redis>=5.3'`"
            ) from error
        self.errors: Any = importlib.import_module("redis.exceptions")
        backoff: Any = importlib.import_module("redis.backoff")
        self.is_sharded = False
        # Everything is said here, because defaults differ between releases of redis-py.
        self._pool = self.redis.ConnectionPool.from_url(
            url,
            protocol=2,
            decode_responses=False,
            health_check_interval=0,
            socket_timeout=None,
            socket_connect_timeout=CONNECT_TIMEOUT,
            retry=self.redis.retry.Retry(backoff.NoBackoff(), 0),
        )
        self._first_address = {
            key: self._pool.connection_kwargs.get(key) for key in ("host", "port")
        }

    async def open(self) -> Any:
        """Return a new connection; raises when the server is away or takes too long."""
        connection = self._pool.make_connection()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await connection.connect()
                self.is_sharded = await self._is_cluster(connection)
        except BaseException:
            await self.drop(connection)
            raise
        return connection

    async def drop(self, connection: Any) -> None:
        """Close a connection without waiting for the server."""
        await connection.disconnect(nowait=True)

    def follow(self, error: BaseException) -> bool:
        """Turn to the node that a cluster names; False for any other error.

        After another error the next connection goes to the server of the URL again.
        """
        kwargs = self._pool.connection_kwargs
        moved = MOVED.fullmatch(str(error))
        if moved and isinstance(error, self.errors.ResponseError):
            kwargs["host"], kwargs["port"] = moved["host"] or kwargs["host"], int(moved["port"])
            return True
        kwargs.update({key: value for key, value in self._first_address.items() if value})
        return False

    async def publish(self, connection: Any, messages: Iterable[tuple[str, str]]) -> None:
        """Publish to channels, in order and in one round trip."""
        verb = "SPUBLISH" if self.is_sharded else "PUBLISH"
        commands = [(verb, channel, payload) for channel, payload in messages]
        packed = connection.pack_commands(commands)
        await connection.send_packed_command(packed, check_health=False)
        for _ in commands:
            await connection.read_response()

    async def subscribe(self, connection: Any, channels: Iterable[str]) -> None:
        """Ask for channels; the answers come through `read`."""
        verb = "SSUBSCRIBE" if self.is_sharded else "SUBSCRIBE"
        await connection.send_command(verb, *channels, check_health=False)

    async def unsubscribe(self, connection: Any, channels: Iterable[str]) -> None:
        """Give channels up; the answers come through `read`."""
        verb = "SUNSUBSCRIBE" if self.is_sharded else "UNSUBSCRIBE"
        await connection.send_command(verb, *channels, check_health=False)

    async def ping(self, connection: Any) -> None:
        """Ask for a sign of life, which comes through `read`."""
        await connection.send_command("PING", check_health=False)

    async def read(self, connection: Any) -> tuple[str, str, bytes]:
        """Return kind, channel and content of what comes next on a subscribed connection."""
        answer = await connection.read_response(disconnect_on_error=False)
        if not isinstance(answer, list):  # a ping before the first subscription
            return "", "", b""
        kind, channel, *rest = answer
        content = rest[0] if rest and isinstance(rest[0], bytes) else b""
        name = (channel or b"").decode(errors="replace")
        return KINDS.get(kind, ""), name, content

    async def _is_cluster(self, connection: Any) -> bool:
        try:
            await connection.send_command("INFO", "cluster", check_health=False)
            return b"cluster_enabled:1" in await connection.read_response()
        except self.errors.ResponseError:  # the user may not ask
            return False
