"""Every component in every project of the corpus: added correctly, and removed byte for byte."""

import sys
from pathlib import Path
from typing import Any

import pytest

from paxx import catalog
from tests.corpus import languages, meaning, stack
from tests.corpus.shapes import CASES, IN_DEPTH, SHAPES, Case, Shape, Step, identify, is_default
from tests.corpus.snapshots import RecordProperty, snapshot
from tests.harness import Outcome, Run
from tests.tiers import tiered

pytestmark = pytest.mark.slow

OPTIONS = ("--no-sync", "--allow-dirty", "--json")


def allowed(shape: Shape) -> list[str]:
    return [name for name in catalog.names() if not shape.refusal((name,))]


# Where some components are refused, so are all at once: only this shows what the others do.
DRY_RUNS = tiered(
    filter(allowed, SHAPES), is_default=lambda shape: bool(shape.refused), identify=identify
)

WIRED = tiered(
    (shape for shape in SHAPES if not shape.refusal(("redis",))),
    is_default=is_default,
    identify=identify,
)


def test_there_are_enough_projects_and_each_says_what_is_special(
    record_property: RecordProperty,
) -> None:
    assert len({shape.sentence for shape in SHAPES}) == len(SHAPES) >= 36
    assert {shape.name for shape in SHAPES} > IN_DEPTH
    record_property("differently shaped projects", len(SHAPES))


@pytest.mark.parametrize("case", tiered(CASES, is_default=is_default, identify=identify))
def test_added_components_are_correct_and_their_removal_restores_the_tree(
    case: Case,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: RecordProperty,
) -> None:
    shape, names = case
    root = shape.write_to(tmp_path)
    monkeypatch.chdir(root)
    before = snapshot(tmp_path)

    def add(*options: str) -> Outcome:
        return run("infra", "add", *names, *OPTIONS, *options)

    check = add("--check")
    assert snapshot(tmp_path) == before
    first = add()
    if refused := shape.refusal(names):
        record_property("total commands run", 2)
        assert check.code == first.code == refused.code, first
        assert refused.message in first.json["error"]["message"]
        assert snapshot(tmp_path) == before
        return
    report = first.json
    assert first.code == (5 if has_manual(report) else 0), first.stderr
    assert (check.code, check.json["changes"]) == (10, report["changes"])
    check_outcomes(shape, report)
    if names == catalog.names():
        check_expectations(shape, report)
    after = snapshot(tmp_path)
    prefix = f"{root.relative_to(tmp_path).as_posix()}/"
    check_files(shape, below(before, prefix), below(after, prefix), report)

    second = add()
    assert second.code == first.code
    assert second.json["status"] == "unchanged"
    assert manual(second.json) == manual(report)
    assert snapshot(tmp_path) == after

    remove(run, names)
    assert snapshot(tmp_path) == before
    record_property("total commands run", 4)


@pytest.mark.parametrize("shape", WIRED)
def test_a_feature_that_is_created_and_removed_leaves_the_tree_as_it_was(
    shape: Shape,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: RecordProperty,
) -> None:
    monkeypatch.chdir(shape.write_to(tmp_path))
    before = snapshot(tmp_path)
    created = run("feature", "create", "things", "name:str", *OPTIONS)
    assert created.code in {0, 5}, created
    assert snapshot(tmp_path) != before
    removed = run("feature", "remove", "things", *OPTIONS)
    assert removed.code == 0, removed
    assert snapshot(tmp_path) == before
    record_property("total commands run", 2)


@pytest.mark.parametrize("shape", DRY_RUNS)
def test_a_dry_run_shows_everything_that_a_shape_expects(
    shape: Shape,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: RecordProperty,
) -> None:
    monkeypatch.chdir(shape.write_to(tmp_path))
    before = snapshot(tmp_path)
    outcome = run("infra", "add", *allowed(shape), *OPTIONS, "--dry-run")
    record_property("total commands run", 1)
    assert outcome.code == 0
    assert snapshot(tmp_path) == before
    check_expectations(shape, outcome.json)


def below(files: dict[str, bytes], prefix: str) -> dict[str, bytes]:
    """Return the files below a folder, by their paths in it; none may be elsewhere and new."""
    return {
        path.removeprefix(prefix): content
        for path, content in files.items()
        if path.startswith(prefix)
    }


def manual(report: dict[str, Any]) -> list[Step]:
    return [step for step in report["steps"] if step["status"] == "manual"]


def has_manual(report: dict[str, Any]) -> bool:
    return bool(manual(report))


def remove(run: Run, names: tuple[str, ...]) -> None:
    removed = run("infra", "remove", *names, "--force", *OPTIONS)
    used = [step for step in removed.json["steps"] if step["kind"] == "use"]
    assert removed.code == (5 if used else 0), removed.stderr  # prepared imports stay


def check_outcomes(shape: Shape, report: dict[str, Any]) -> None:
    """Exactly the steps that the shape expects are left to the user or kept."""
    for step in report["steps"]:
        for status, expected in (("manual", shape.manual), ("kept", shape.kept)):
            is_expected = any(each.covers(step) for each in expected)
            assert is_expected or step["status"] != status, [*step.values()]
        if step["status"] == "manual":
            assert step["path"]
            assert step["note"]
            languages.check_snippet(step["kind"], step["key"], step["snippet"])


def check_expectations(shape: Shape, report: dict[str, Any]) -> None:
    """Every step and warning that the shape expects is reported, with all components at once."""
    for status, expected in (("manual", shape.manual), ("kept", shape.kept)):
        steps = [step for step in report["steps"] if step["status"] == status]
        for each in expected:
            assert any(each.covers(step) for step in steps), each
    for warning in shape.warnings:
        assert any(warning in each for each in report["warnings"]), warning


def check_files(
    shape: Shape, before: dict[str, bytes], after: dict[str, bytes], report: dict[str, Any]
) -> None:
    """Every file parses, the user's lines are all there, and the edits mean what they should."""
    steps, newer = report["steps"], shape.syntax > sys.version_info[:2]
    assert before.keys() <= after.keys()
    touched = {change["path"] for change in report["changes"]}
    reached = {path for path in after if before.get(path) != after[path]}
    for path in reached:
        languages.check(path, after[path], newer=newer)
        if path in before:
            meaning.check_insertions(before[path], after[path], images=path.endswith("ml"))
    assert touched <= reached
    pyproject = "pyproject.toml"
    meaning.check_dependencies(before[pyproject], after[pyproject], steps)
    meaning.check_lines(after, steps)
    for path in {step["path"] for step in meaning.of_kind(steps, "service", "volume", "image")}:
        stack.check(before.get(path, b""), after.get(path, b""), steps)
    example = ".env.example"
    meaning.check_variables(before.get(example, b""), after.get(example, b""), steps)
    if not newer:
        meaning.check_wiring(before["wiring.py"], after["wiring.py"], steps)
        for path in {step["path"] for step in meaning.of_kind(steps, "settings")} & after.keys():
            package = meaning.package_of(path)
            meaning.check_settings(before[path], after[path], steps, package)
