"""Warnings about the Compose file: ports that meet, services that are not reached or not read."""

from collections.abc import Collection, Iterator

from paxx import edits
from paxx.expand import fragments
from paxx.expand.scope import Scope


def connections(scope: Scope, text: str) -> Iterator[str]:
    """Yield what keeps the application from the servers of a component in the planned file."""
    if scope.stack.app is None:
        yield from _without_application(scope, text)
        return
    services = {name for each in scope.component.manifest.compose.app for name in each.depends_on}
    names = sorted(services | {*fragments.read(scope.component.fragment).services})
    for problem in edits.function("yaml.connection_problems")(text, scope.stack.app, names):
        yield f"{scope.project.compose_file()}: {problem}"


def unread_files(scope: Scope, text: str) -> Iterator[str]:
    """Yield the files with more services of the Compose file, which may be those of a component."""
    services = fragments.read(scope.component.fragment).services
    if not services:
        return
    listed = ", ".join(f"`{name}`" for name in sorted(services))
    override = scope.project.compose_override()
    for file in (*edits.function("yaml.included_files")(text), *([override] if override else [])):
        yield f"paxx does not read `{file}`: check that it does not define or change {listed}"


def ports_taken(scope: Scope, text: str, added: Collection[str]) -> Iterator[str]:
    """Yield the ports of added services that others of the file on disk publish already."""
    compose_file = scope.project.compose_file()
    published = edits.function("yaml.published_ports")(text)
    services = fragments.read(scope.component.fragment).services
    for name in sorted({*added} & {*services}):
        for port, variable in fragments.ports(services[name]):
            if published.get(port, name) != name:
                yield (
                    f"port {port} is published by service `{published[port]}` in"
                    f" `{compose_file}` already; give `{name}` another one by `{variable}`"
                )


def _without_application(scope: Scope, text: str) -> Iterator[str]:
    entries = scope.component.manifest.compose.app  # alternatives may set the same variable
    keys = dict.fromkeys(scope.app_variable(key) for each in entries for key in each.environment)
    if not keys:
        return
    compose_file = scope.project.compose_file()
    listed = ", ".join(f"`{key}`" for key in keys)
    built = edits.function("yaml.built_services")(text)
    if len(built) > 1:
        names = ", ".join(f"`{name}`" for name in built)
        yield (
            f"cannot tell which service of `{compose_file}` is the application: {names};"
            f" set {listed} in its environment"
        )
    else:
        yield f"`{compose_file}` has no service for the application; set {listed} where it runs"
