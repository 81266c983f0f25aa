"""Which route answered a request, as a template: a name for it that clients cannot choose."""

from typing import Any

from starlette.routing import Mount, Route
from starlette.types import Scope

UNMATCHED_PATH = "unmatched"


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
