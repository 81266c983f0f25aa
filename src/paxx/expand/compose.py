"""Edits of the Compose file that a component asks for."""

import re
from collections.abc import Iterator
from dataclasses import replace
from textwrap import indent

from paxx.edits.naming import EXACT, sort_key
from paxx.edits.yaml.images import name_of
from paxx.expand import fragments
from paxx.expand.scope import Edit, Scope
from paxx.manifest import AppService


def services(scope: Scope) -> Iterator[Edit]:
    """Yield the services of a component, and the volumes that go with them."""
    fragment = fragments.of(scope.component, scope)
    services, volumes = fragments.names(scope.catalog)
    compose_file = scope.project.compose_file()
    for name, block in fragment.services.items():
        body = _reachable(block, scope.stack.network)
        yield Edit(
            scope.component.name,
            "service",
            compose_file,
            name,
            "yaml.add_service",
            {
                "name": name,
                "block": body,
                "before": _behind(name, services),
            },
            creates=True,
            snippet=_snippet("services", name, body),
        )
    for name, block in fragment.volumes.items():
        yield Edit(
            scope.component.name,
            "volume",
            compose_file,
            name,
            "yaml.add_volume",
            {
                "name": name,
                "block": block,
                "before": _behind(name, volumes),
                "service": fragment.user_of(name),
            },
            creates=True,
            only_with=("service", fragment.user_of(name)),
            snippet=_snippet("volumes", name, block),
        )


def _snippet(section: str, name: str, block: str) -> str:
    return f"{section}:\n  {name}:\n{indent(block, '    ')}".rstrip()


def _reachable(block: str, network: str | None) -> str:
    """Return a body with the network of the application; what extends it is on that already."""
    is_there = re.search(r"(?m)^(extends|networks|network_mode):", block)
    return block if network is None or is_there else f"{block}\nnetworks:\n  - {network}"


def _behind(name: str, names: list[str]) -> list[str]:
    """Return the names that sort behind one, those of the project template included."""
    return [each for each in names if sort_key(each) > sort_key(name)]


def app(scope: Scope) -> Iterator[Edit]:
    """Yield what the project's own service gets."""
    for service in scope.component.manifest.compose.app:
        if service.when is None or service.when in scope.present:
            yield from app_service(scope, service)


def images(scope: Scope) -> Iterator[Edit]:
    """Yield the replacement of an image."""
    found = scope.component.manifest.compose.images
    if found:
        yield Edit(
            scope.component.name,
            "image",
            scope.project.compose_file(),
            name_of(found[0].replace),
            "yaml.replace_image",
            {
                "rules": [(each.match, each.replace) for each in found],
                "hint": next((each.help for each in found if each.help), ""),
                "example": next((each.example for each in found if each.example), ""),
            },
        )


def app_service(scope: Scope, service: AppService) -> Iterator[Edit]:
    """Yield the environment and the dependencies of one entry for the project's own service."""
    if scope.stack.app is None:
        return
    compose_file = scope.project.compose_file()
    values = {name: scope.filled_in(each) for name, each in service.environment.items()}
    # Half of a connection is none.
    missing = next((reason for _, reason in values.values() if reason), "")
    for name, (value, _) in values.items():
        key, setting = scope.app_variable(name), scope.setting(name)
        naming = scope.naming(setting) if setting else EXACT
        yield Edit(
            scope.component.name,
            "app environment",
            compose_file,
            key,
            "yaml.add_environment",
            {
                "service": scope.stack.app,
                "key": naming.find(key, scope.spelled) or key,
                "value": value,
                "naming": replace(naming, no_value=missing),
            },
        )
    for name in service.depends_on:
        condition = fragments.start_condition(name, scope.catalog)
        yield Edit(
            scope.component.name,
            "app depends_on",
            compose_file,
            name,
            "yaml.add_depends_on",
            {"service": scope.stack.app, "name": name, "condition": condition},
            service=name,
            snippet=f"    depends_on:\n      {name}:\n        condition: {condition}",
        )
