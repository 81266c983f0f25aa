"""Tell what a command did to a Compose file, by taking it out of the data again."""

from typing import Any

from paxx import catalog
from tests.corpus import languages
from tests.corpus.meaning import of_kind
from tests.corpus.shapes import Step

Data = dict[str, Any]


def check(before: bytes, after: bytes, steps: list[Step]) -> None:
    """What was planned is there, once and as it should be; without it all is as before."""
    old, new = languages.yaml(before) or {}, languages.yaml(after) or {}
    for step in of_kind(steps, "service", "planned"):
        assert new["services"].pop(step["key"]) in _fragments(step, "services", [*old["services"]])
    for step in of_kind(steps, "volume", "planned"):
        assert new["volumes"].pop(step["key"]) in _fragments(step, "volumes", [])
    theirs = old.get("services", {})
    for step in of_kind(steps, "app environment", "planned"):
        _take(theirs, new["services"], "environment", step["key"])
    for step in of_kind(steps, "app depends_on", "planned"):
        _take(theirs, new["services"], "depends_on", step["key"])
    if of_kind(steps, "image", "planned"):
        _put_back_image(theirs, new["services"])
    assert _without_empty(new) == _without_empty(old)


def _fragments(step: Step, section: str, services: list[str]) -> list[Any]:
    """Return what the component brings, for each service that could be the application."""
    text = catalog.load(step["component"]).fragment
    fragments = (
        languages.yaml(text.replace("{{ app }}", app).encode()) for app in [*services, "app"]
    )
    return [each[section][step["key"]] for each in fragments]


def _take(theirs: Data, services: Data, section: str, key: str) -> None:
    """Take an entry out of the one service that has it now, and of those that merge that one."""
    came = [
        name
        for name, service in services.items()
        if key in _keys(service.get(section)) and key not in _keys(theirs[name].get(section))
    ]
    assert came, (section, key)
    for name in came:
        entries = services[name][section]
        found = [each for each in entries if str(each).partition("=")[0] == key]
        assert len(found) == 1
        if isinstance(entries, dict):
            services[name] = {
                **services[name],
                section: {each: entries[each] for each in entries if each != key},
            }
        else:
            services[name] = {
                **services[name],
                section: [each for each in entries if each not in found],
            }


def _keys(section: Any) -> list[str]:
    return [str(each).partition("=")[0] for each in section or ()]


def _put_back_image(theirs: Data, services: Data) -> None:
    changed = [name for name in theirs if services[name].get("image") != theirs[name].get("image")]
    for name in changed:
        assert services[name]["image"].startswith("postgis/postgis:")
        services[name] = {**services[name], "image": theirs[name]["image"]}
    assert changed


def _without_empty(data: Any) -> Any:
    """Return the data without sections that hold nothing."""
    if isinstance(data, dict):
        kept = {key: _without_empty(value) for key, value in data.items()}
        return {key: value for key, value in kept.items() if value not in ({}, [], None)}
    return [_without_empty(each) for each in data] if isinstance(data, list) else data
