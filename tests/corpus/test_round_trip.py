"""What is added and removed again leaves every project of the corpus as it was, byte for byte."""

from pathlib import Path

import pytest

from tests.corpus.shapes import CASES, SHAPES, Case, Shape, identify, is_default
from tests.corpus.snapshots import RecordProperty, snapshot
from tests.harness import Run
from tests.tiers import tiered

pytestmark = pytest.mark.slow

OPTIONS = ("--no-sync", "--allow-dirty", "--json")
ADDED = [case for case in CASES if not case.shape.refusal(case.names)]
WIRED = [shape for shape in SHAPES if not shape.refusal(("redis",))]


@pytest.mark.parametrize("case", tiered(ADDED, is_default=is_default, identify=identify))
def test_add_and_remove_leave_the_tree_as_it_was(
    case: Case,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: RecordProperty,
) -> None:
    shape, names = case
    monkeypatch.chdir(shape.write_to(tmp_path))
    before = snapshot(tmp_path)
    assert run("infra", "add", *names, *OPTIONS).code in {0, 5}
    removed = run("infra", "remove", *names, "--force", *OPTIONS)
    used = [step for step in removed.json["steps"] if step["kind"] == "use"]
    assert removed.code == (5 if used else 0), removed.stderr  # prepared imports stay
    assert snapshot(tmp_path) == before
    record_property("total commands run", 2)


@pytest.mark.parametrize("shape", tiered(WIRED, is_default=is_default, identify=identify))
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
