"""Whether the services answer that the project works with, and how long that takes."""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from paxx.doctor.probe import migrations, secrecy, writes

PATIENCE = 5.0  # seconds, for each of the two times

_PORTS = {"http": 80, "https": 443}

Check = Callable[[], Awaitable[None]]


def facts(question: "dict[str, list[str]]") -> "dict[str, Any]":
    """Ask the readiness checks except those to `skip`, and reach the addresses to `reach`.

    Also tells the addresses of all `servers`. All three are names of settings or checks.
    """
    addresses = {name: _address(name) for name in question["servers"]}
    try:
        listed = import_module("wiring").READINESS
    except Exception as error:  # noqa: BLE001 - whatever the project raises
        return {"failure": secrecy.told(error), "refused": writes.refusal(error)}
    checks = {name: check for name, check in listed.items() if name not in question["skip"]}
    reached = {name: addresses[name] for name in question["reach"] if addresses[name]}
    asked = checks | {
        f"{name}=": functools.partial(_reach, address) for name, address in reached.items()
    }
    # The loop is left as it is: closing it would wait for what does not answer.
    answers, database = asyncio.new_event_loop().run_until_complete(_ask(asked))
    return {
        "addresses": {name: secrecy.redacted(each) for name, each in addresses.items() if each},
        "checks": {name: answers[name] for name in checks},
        "reached": {name: answers[f"{name}="] for name in reached},
        "migrations": database,
    }


async def _ask(checks: "dict[str, Check]") -> "tuple[dict[str, Any], dict[str, Any]]":
    # Twice: the first time clients are imported and built, which takes longer than the answer
    # and keeps the others from being heard.
    await _ask_all(checks)
    return await _ask_all(checks), await _bounded(migrations.facts)


async def _ask_all(checks: "dict[str, Check]") -> "dict[str, Any]":
    answers = await asyncio.gather(*(_bounded(check) for check in checks.values()))
    return dict(zip(checks, answers, strict=True))


async def _bounded(check: "Callable[[], Awaitable[Any]]") -> "dict[str, Any]":
    started = time.perf_counter()
    task = asyncio.ensure_future(check())
    # Not wait_for, which would wait on for one that does not give up.
    await asyncio.wait([task], timeout=PATIENCE)
    answer: dict[str, Any] = {"milliseconds": round((time.perf_counter() - started) * 1000, 1)}
    if not task.done():
        task.cancel()
        return {**answer, "error": f"no answer within {PATIENCE:.0f} s"}
    error = task.exception()
    if error is None:
        return {**answer, **(task.result() or {})}
    return {**answer, "error": secrecy.told(error), "refused": writes.refusal(error)}


async def _reach(address: str) -> None:
    parts = urlsplit(address if "://" in address else f"//{address}")
    port = parts.port or _PORTS.get(parts.scheme)
    if port is None:
        message = "the address has no port"
        raise ValueError(message)
    _, writer = await asyncio.open_connection(parts.hostname, port)
    writer.close()


def _address(setting: str) -> str:
    # The project may have renamed or dropped it.
    value = getattr(import_module("settings").settings, setting, None)
    return value if isinstance(value, str) else str(value or "")
