"""Print the routes of `main.app` as one JSON document; run in the root of a project."""

import inspect
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# In place of this folder: for as long as our own modules are imported, then never again.
sys.path[0] = str(Path(__file__).parents[3])

from paxx.running.inside import failures  # noqa: E402

sys.path[0] = str(Path.cwd())


def facts() -> "dict[str, Any]":
    """Return the routes, or why there are none."""
    try:
        app = import_module("main").app
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the project raises
        return {"failure": failures.told(error)}
    return {"routes": list(_of_app(app, ""))}


def _of_app(app: Any, prefix: str) -> "Iterator[dict[str, Any]]":
    yield from _of_routes(getattr(app, "routes", []), prefix)
    # FastAPI tries the files of a front end after all routes.
    listed = getattr(getattr(app, "router", app), "_iter_low_priority_routes", tuple)
    for group in listed():
        within = prefix + (getattr(group, "frontend_prefix", None) or "")
        for route in getattr(getattr(group, "original_route", group), "routes", []):
            yield _row("mount", route, (within + route.path.rstrip("/")) or "/")


def _of_routes(routes: "Iterable[Any]", prefix: str) -> "Iterator[dict[str, Any]]":
    # Since FastAPI 0.137 a router that was included is one route, and this looks inside.
    contexts = getattr(import_module("fastapi.routing"), "iter_route_contexts", iter)
    for route in contexts(routes):
        kind = _kind(route)
        path = prefix + (getattr(route, "path", None) or getattr(route, "host", None) or "")
        yield _row(kind, route, path or "/")
        if kind in {"mount", "host"}:
            yield from _of_app(getattr(route, "_base_app", route.app), path)


def _kind(route: Any) -> str:
    routing = import_module("starlette.routing")
    original = getattr(route, "original_route", route)
    kinds = {"websocket": "WebSocketRoute", "mount": "Mount", "host": "Host", "http": "Route"}
    return next(
        (kind for kind, name in kinds.items() if isinstance(original, getattr(routing, name))),
        "other",
    )


def _row(kind: str, route: Any, path: str) -> "dict[str, Any]":
    given: Any = getattr(route, "endpoint", None)
    endpoint = inspect.unwrap(given)
    is_code = inspect.isroutine(endpoint) or inspect.isclass(endpoint)
    summary = getattr(route, "summary", None) or (endpoint.__doc__ if is_code else None) or ""
    return {
        "kind": kind,
        "methods": sorted(getattr(route, "methods", None) or ()),
        "path": path,
        "name": getattr(route, "name", None) or None,
        "tags": [str(getattr(tag, "value", tag)) for tag in getattr(route, "tags", None) or ()],
        "feature": _feature(endpoint),
        "summary": next(iter(summary.strip().splitlines()), None),
    }


def _feature(endpoint: Any) -> "str | None":
    first, _, rest = (getattr(endpoint, "__module__", None) or "").partition(".")
    return rest.partition(".")[0] or None if first == "features" else None


def main() -> None:
    """Answer on what is now the standard output, which the project does not get to write to."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answer:
        os.dup2(2, 1)
        json.dump(facts(), answer)
    os._exit(0)  # a thread of the project may still be waiting


if __name__ == "__main__":
    main()
