"""What is left to the user in projects of the corpus, done as it says: nothing is left then."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from textwrap import indent

import pytest

from tests.corpus import languages
from tests.corpus.shapes import SHAPES, Step
from tests.corpus.snapshots import RecordProperty
from tests.harness import Run

pytestmark = pytest.mark.slow

OPTIONS = ("--no-sync", "--allow-dirty", "--json")
COMPONENTS = ("metrics", "redis", "storage", "websocket")
Hand = Callable[[Path, Step], None]


def below(line: str) -> Hand:
    """Return the hand that pastes a snippet below the line that is so, indented."""

    def paste(path: Path, step: Step) -> None:
        replace(path, f"{line}\n", f"{line}\n{indent(step['snippet'], '    ')}\n")

    return paste


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def as_file(path: Path, step: Step) -> None:
    """Write a settings module, which there is none of."""
    head = "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n"
    text = path.read_text() if path.exists() else f"{head}\n\nsettings = Settings()\n"
    path.write_text(text.replace(head, f"{head}{indent(step['snippet'], '    ')}\n"))


def into_the_list(path: Path, step: Step) -> None:
    """Add what the last line of the snippet says, by a statement at the end."""
    name = step["key"].partition(" in ")[2]
    *_, comment, entry = step["snippet"].splitlines()
    assert comment == f"# in {name}"
    brackets = "{%s}" if entry.startswith('"') else "[%s]"
    operator = "|=" if entry.startswith('"') else "+="
    text = path.read_text()
    start = (
        f"{name} = {brackets % ''}\n" if not re.search(f"^{name}\\b", text, re.MULTILINE) else ""
    )
    path.write_text(f"{text}{start}{name} {operator} {brackets % entry}\n")


def into_json(path: Path, step: Step) -> None:
    """Put the snippet into a Compose file in flow style."""
    data, addition = json.loads(path.read_text()), languages.yaml(step["snippet"].encode())
    if step["kind"].startswith("app"):
        addition = {"services": {"app": addition}}
    path.write_text(json.dumps(merged(data, addition), indent=2))


def merged(data: object, addition: object) -> object:
    if isinstance(data, dict) and isinstance(addition, dict):
        keys = data | addition
        return {key: merged(data.get(key), addition.get(key)) for key in keys}
    return data if addition is None else addition


def into_the_anchor(path: Path, step: Step) -> None:
    """Put what the snippet has below its first line into the section of the anchor."""
    section, *lines = (line.removeprefix("  ") for line in step["snippet"].splitlines())
    replace(path, f"{section}\n", "\n".join([section, *lines]) + "\n")


def allowing(requirement: str) -> Hand:
    """Return the hand that lets the project have what a component needs."""

    def edit(path: Path, step: Step) -> None:
        replace(path, requirement, step["key"])

    return edit


def into_the_table(path: Path, step: Step) -> None:
    """Put the last line of the snippet below its first line, which the file has."""
    table, line = step["snippet"].splitlines()
    replace(path, f"{table}\n", f"{table}\n{line}\n")


HANDS: dict[str, dict[str, Hand]] = {
    "several-settings-classes": {"settings": below("class AppSettings(BaseSettings):")},
    "dataclass-settings": {"settings": below("class Settings:")},
    "pydantic-1-settings": {"settings": below("class Settings(BaseSettings):")},
    "no-settings-file": {"settings": as_file},
    "wiring-added-to": {"wiring": into_the_list},
    "wiring-without-all-lists": {"wiring": into_the_list},
    "wiring-bare-tuples": {"wiring": into_the_list},
    "compose-flow-style": dict.fromkeys(
        ("service", "volume", "app environment", "app depends_on"), into_json
    ),
    "compose-shared-environment": dict.fromkeys(
        ("app environment", "app depends_on"), into_the_anchor
    ),
    "dynamic-poetry": {"dependency": into_the_table},
    "redis-pinned-below": {"dependency": allowing("redis[hiredis]~=4.6.0")},
}


@pytest.mark.parametrize("name", HANDS)
def test_a_manual_step_that_is_done_is_no_longer_left(
    name: str,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: RecordProperty,
) -> None:
    [shape] = [each for each in SHAPES if each.name == name]
    root = shape.write_to(tmp_path)
    monkeypatch.chdir(root)
    first = run("infra", "add", *COMPONENTS, *OPTIONS)
    left = [step for step in first.json["steps"] if step["status"] == "manual"]
    assert first.code == 5
    assert {step["kind"] for step in left} == HANDS[name].keys()
    for step in left:
        HANDS[name][step["kind"]](root / step["path"], step)
    for path in {step["path"] for step in left}:
        languages.check(path, (root / path).read_bytes())
    again = run("infra", "add", *COMPONENTS, *OPTIONS, "--check")
    assert [step for step in again.json["steps"] if step["status"] == "manual"] == []
    assert (again.code, again.json["changes"]) == (0, [])
    record_property("total manual steps done", len(left))
