"""Tell what a command did to the files of a user, by what the files mean before and after."""

import difflib
import inspect
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from paxx import catalog
from tests.corpus import languages
from tests.corpus.shapes import Step
from tests.corpus.stand_ins import StandIn, execute

Files = Mapping[str, bytes]
LISTS = ("LIFESPANS", "MIDDLEWARE", "ROUTERS", "READINESS", "MIGRATIONS")


def of_kind(steps: Iterable[Step], kind: str, *statuses: str) -> list[Step]:
    """Return the steps of a kind, with one of these statuses where some are given."""
    return [
        step
        for step in steps
        if step["kind"] == kind and (not statuses or step["status"] in statuses)
    ]


def check_insertions(before: bytes, after: bytes, *, images: bool) -> None:
    """All lines of the user survive in their order; a line may only have grown.

    With `images`, a line that names an image may say another one.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag in {"equal", "insert"}:
            continue
        gone, came = b"".join(old[a:b]), b"".join(new[c:d])
        is_image = images and b"image" in gone and b"postgis" in came
        assert is_image or _has_grown(gone.strip(), came), (gone, came)


def _has_grown(gone: bytes, came: bytes) -> bool:
    remaining = iter(came)
    kept = gone.replace(b": {}", b":")  # an empty mapping of Compose is opened
    return all(character in remaining for character in kept if not chr(character).isspace())


def check_dependencies(before: bytes, after: bytes, steps: list[Step]) -> None:
    """Each requirement that was added is there once, and nothing else is different."""
    old, new = languages.toml(before), languages.toml(after)
    added = [step["key"] for step in of_kind(steps, "dependency", "planned")]
    present = new.get("project", {}).get("dependencies", [])
    names = [_package(each) for each in present]
    for step in of_kind(steps, "dependency", "planned", "already", "kept"):
        assert names.count(_package(step["key"])) == 1, step
    remaining = [each for each in present if each not in added]
    assert remaining == old["project"].get("dependencies", [])
    old["project"].pop("dependencies", None)
    new["project"].pop("dependencies", None)
    assert old == new


def _package(requirement: str) -> str:
    name = re.match(r"[\w.-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def check_settings(before: bytes, after: bytes, steps: list[Step], package: str) -> None:
    """The class that `settings` is made of has the fields, each with its default."""
    old, new = (execute(raw, "settings", package) for raw in (before, after))
    for step in of_kind(steps, "settings", "planned", "already", "kept"):
        owned = _settings_class(new, step["key"].split(", "))
        known = _settings_class(old, ())
        for setting in catalog.load(step["component"]).manifest.settings:
            is_ours = setting.name not in _annotations(known)
            if is_ours and setting.type != "SecretStr" and "{{" not in str(setting.default):
                assert getattr(owned, setting.name) == setting.default
    assert old.keys() <= new.keys()


def _settings_class(bound: dict[str, Any], fields: Iterable[str]) -> type:
    found = type(bound["settings"]) if "settings" in bound else None
    if found in {None, StandIn}:
        classes = [each for each in bound.values() if isinstance(each, type)]
        found = next(each for each in classes if {*fields} <= _annotations(each).keys())
    assert found is not None
    assert {*fields} <= _annotations(found).keys(), (found, fields)
    return found


def _annotations(owner: type) -> dict[str, object]:
    merged: dict[str, object] = {}
    for each in reversed(owner.__mro__):
        merged |= inspect.get_annotations(each)
    return merged


def check_variables(before: bytes, after: bytes, steps: list[Step]) -> None:
    """Each variable is there once, and those of the user are as they were."""
    old, new = languages.variables(before), languages.variables(after)
    there = of_kind(steps, "environment", "planned", "already", "kept")
    wanted = [key for step in there for key in step["key"].split(", ")]
    keys = [key for key, _ in new]
    assert all(keys.count(key) == 1 for key in wanted)
    theirs = {key for key, _ in old}
    assert [each for each in new if each[0] in theirs or each[0] not in wanted] == old


def check_wiring(before: bytes, after: bytes, steps: list[Step]) -> None:
    """Executed, each list holds what was added to it once, and what it held before in order."""
    old, new = execute(before, "wiring"), execute(after, "wiring")
    added: dict[str, list[str]] = {name: [] for name in LISTS}
    for step in of_kind(steps, "wiring", "planned", "already"):
        item, name = step["key"].split(" in ")
        assert [repr(each) for each in _items(new[name])].count(item) == 1, step
        if step["status"] == "planned":
            added[name].append(item)
    for name in LISTS:
        if name in old:
            assert type(new[name]) is type(old[name])
            ours = added[name]
            assert [each for each in _pairs(new[name]) if repr(each[1]) not in ours] == (
                _pairs(old[name])
            )
    assert old.keys() <= new.keys()


def _items(value: Any) -> list[object]:
    return list(value.values() if isinstance(value, dict) else value)


def _pairs(value: Any) -> list[tuple[object, object]]:
    return list(value.items()) if isinstance(value, dict) else [(None, each) for each in value]


def check_lines(files: Files, steps: list[Step]) -> None:
    """Each line is in its file once."""
    for step in of_kind(steps, "line"):
        assert files[step["path"]].decode().splitlines().count(step["key"]) == 1


def package_of(path: str) -> str:
    """Return the package that a settings module belongs to, nothing for a module alone."""
    return Path(path).parent.name
