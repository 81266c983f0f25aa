"""Follow a request to the last byte of its response, and name the route that answered it."""

import asyncio
import time
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLIENT_CLOSED = 499  # a client that left, as nginx counts it
UNMATCHED_PATH = "unmatched"
BODY_MESSAGES = frozenset({"http.response.body", "http.response.pathsend"})


class RequestObserver:
    """Follows one request; a subclass says what to do at the end of its response.

    An exception counts as 500, a client that left as 499. Background tasks run after the end.
    """

    __slots__ = ("_forward", "_root_path", "is_finished", "scope", "start", "status")

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.status = 500
        self.start = time.perf_counter()
        self.is_finished = False
        self._forward = send
        self._root_path = scope.get("root_path", "")  # mounts append to it

    @property
    def route(self) -> str:
        """The template of the route that answered."""
        return path_template(self.scope, self._root_path)

    def on_end(self, error: BaseException | None) -> None:
        """Called once, with the exception that nothing has handled."""
        raise NotImplementedError

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        """Let the application answer."""
        try:
            await app(self.scope, receive, self._send)
        except BaseException as error:
            left = isinstance(error, (asyncio.CancelledError, ClientDisconnect))
            self.status = CLIENT_CLOSED if left else 500
            self._finish(error)
            raise
        self._finish(None)

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
        await self._forward(message)
        if kind in BODY_MESSAGES and not message.get("more_body", False):
            self._finish(None)

    def _finish(self, error: BaseException | None) -> None:
        if not self.is_finished:
            self.is_finished = True
            self.on_end(error)


def path_template(scope: Scope, root_path: str) -> str:
    """Return the template of the route that answered, with the prefix it is mounted under.

    To be asked after routing; `root_path` is the one the request came with, a matter of proxies
    that is left out. What a mounted application answers without a route of its own, such as
    files, shares one template, and what nothing answers is UNMATCHED_PATH.
    """
    route = scope.get("route")
    own: dict[str, Any] = scope.get("fastapi", {})
    context = own.get("effective_route_context")
    if context is not None and context.original_route is route:
        # Since 0.137 an included route does not know the prefix it was included with.
        route = context
    mounted = scope.get("root_path", "") != root_path
    template = None if isinstance(route, Mount) else getattr(route, "path", None)
    if mounted:
        return _mounted_template(scope, root_path, route, template)
    if template is not None:
        return str(template)
    if "frontend_path" in own:
        return _file_template(scope["path"].removeprefix(root_path), own["frontend_path"])
    return _plain_template(scope, context)


def _mounted_template(scope: Scope, root_path: str, route: object, template: str | None) -> str:
    # The scope has the prefix as the client wrote it; parameters go back into their braces.
    prefix: str = scope["root_path"].removeprefix(root_path)
    of_route = () if template is None else getattr(route, "param_convertors", ())
    for name, value in scope.get("path_params", {}).items():
        if name not in of_route:
            with_braces = f"{prefix}/".replace(f"/{value}/", f"/{{{name}}}/", 1)[:-1]
            if with_braces == prefix:
                return UNMATCHED_PATH
            prefix = with_braces
    return f"{prefix}{template or '/{path}'}"


def _file_template(path: str, file: str) -> str:
    prefix = path.removesuffix(f"/{file}")
    return UNMATCHED_PATH if prefix == path else f"{prefix}/{{path}}"


def _plain_template(scope: Scope, context: object) -> str:
    # Starlette's own routes, such as `/docs`, leave no more than their endpoint.
    endpoint = scope.get("endpoint")
    if endpoint is not None:
        included = getattr(context, "starlette_route", None)
        for route in (included, *scope["router"].routes):
            if isinstance(route, Route) and route.endpoint is endpoint:
                return route.path
    return UNMATCHED_PATH
