"""Every file operation of every command fails once: the project is as before, or as after.

The operations are those of `apply.commit`, the one place that writes; the plans are those of the
commands. Each operation fails in one of six ways and is killed once in STRIDE; the nightly run
lets each fail in every way and kills at each.
"""

import errno
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from paxx import apply, catalog, project, skeleton
from paxx.changes import Plan
from paxx.errors import ApplyError
from paxx.feature.request import Request
from paxx.plan import addition, removal, unfinished, upgrade
from paxx.skeleton import NewProject
from tests.faults.operations import Faults, Tree, killed_at, raising, snapshot
from tests.releases import make_next

pytestmark = pytest.mark.slow

FAULTS: tuple[BaseException, ...] = (
    OSError(errno.ENOSPC, "No space left on device"),
    MemoryError(),
    KeyboardInterrupt(),
)
STRIDE = 6
"""One for each way to fail: begun at different operations, together they reach all."""


@dataclass(frozen=True, slots=True)
class Way:
    """How operations fail, and which: from `first` on, each `step`-th."""

    fault: BaseException
    late: bool
    first: int
    step: int

    def __str__(self) -> str:
        time = "behind" if self.late else "before"
        return f"{type(self.fault).__name__}-{time}-{'each' if self.step == 1 else 'some'}"


PAIRS = list(itertools.product(FAULTS, (False, True)))
WAYS = [
    *(Way(*pair, first, STRIDE) for first, pair in enumerate(PAIRS)),
    *(pytest.param(Way(*pair, 0, 1), marks=pytest.mark.nightly) for pair in PAIRS),
]
STEPS = [STRIDE, pytest.param(1, marks=pytest.mark.nightly)]


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in memory where there is one: each file is flushed to it many times."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def bootstrapping(folder: Path, _: Path) -> Plan:
    new = NewProject(folder / "shop", "shop", "shop", "A shop", "", "3.12")
    return skeleton.build(new, (), catalog.load_all())


def adding(folder: Path, pristine: Path) -> Plan:
    root = folder / "shop"
    shutil.copytree(pristine, root)
    (root / "settings.py").chmod(0o640)
    (root / "wiring.py").rename(root / "the_wiring.py")
    (root / "wiring.py").symlink_to("the_wiring.py")
    chosen = [catalog.load(name) for name in ("metrics", "redis")]
    return addition.build(project.load(root), chosen, catalog.load_all())


def removing(folder: Path, pristine: Path) -> Plan:
    added = adding(folder, pristine)
    apply.commit(added)
    (added.root / "core/cache.py").chmod(0o750)
    return removal.build(project.load(added.root), ("metrics", "redis"), catalog.load_all())


def creating(folder: Path, pristine: Path) -> Plan:
    root = folder / "shop"
    shutil.copytree(pristine, root)
    shop = project.load(root)
    request = Request("products", ("name:str:unique", "price:decimal(10,2):index"))
    return addition.build(shop, request.components(shop), catalog.load_all())


def taking_out(folder: Path, pristine: Path) -> Plan:
    created = creating(folder, pristine)
    apply.commit(created)
    (created.root / "features/products/service.py").write_text("# mine\n")
    names = ("crud", "features.products")
    return removal.build(project.load(created.root), names, catalog.load_all())


def upgrading(folder: Path, pristine: Path) -> Plan:
    """Return the plan of an upgrade with a conflict in Python and one beside a file."""
    root = folder / "shop"
    shutil.copytree(pristine, root)
    newer = make_next(folder.parent / "releases" / folder.name)
    (newer / "redis/files/redis.conf").write_text("port 6380\n")
    apply.commit(addition.build(project.load(root), [catalog.load("redis")], catalog.load_all()))
    for path in ("core/cache.py", "redis.conf"):
        text = (root / path).read_text() if (root / path).exists() else ""
        (root / path).write_text(f"# mine\n{text}")
    return upgrade.build(project.load(root), ("redis",), catalog.load_all(newer))


def aborting(folder: Path, pristine: Path) -> Plan:
    upgraded = upgrading(folder, pristine)
    apply.commit(upgraded)
    (upgraded.root / "core/cache.py").write_text("# half resolved\n")
    return unfinished.abort(project.load(upgraded.root))


def finishing(folder: Path, pristine: Path) -> Plan:
    upgraded = upgrading(folder, pristine)
    apply.commit(upgraded)
    (upgraded.root / "core/cache.py").write_text("# resolved\n")
    (upgraded.root / "redis.conf.paxx-new").unlink()
    return unfinished.finish(project.load(upgraded.root))


Command = Callable[[Path, Path], Plan]
COMMANDS: tuple[Command, ...] = (
    bootstrapping,
    adding,
    removing,
    creating,
    taking_out,
    upgrading,
    aborting,
    finishing,
)


@pytest.fixture
def after(tmp_path: Path, pristine_shop: Path, command: Command) -> Tree:
    """Return what the project looks like when nothing fails."""
    folder = tmp_path / "after"
    folder.mkdir()
    apply.commit(command(folder, pristine_shop))
    return snapshot(folder)


@pytest.fixture
def planned(tmp_path: Path, pristine_shop: Path, command: Command) -> Plan:
    """Return the plan, in a directory where nothing was written yet."""
    folder = tmp_path / "project"
    folder.mkdir()
    return command(folder, pristine_shop)


def allowed_after(outcome: BaseException | None, before: Tree, after: Tree) -> list[Tree]:
    """Return what a project may look like: an error that is told means as before."""
    if outcome is None:
        return [after]
    # The others may strike behind the last operation that matters.
    return [before] if isinstance(outcome, ApplyError) else [before, after]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_an_exception_at_any_operation_leaves_the_project_as_it_was(
    planned: Plan,
    after: Tree,
    way: Way,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    folder, failed = planned.root.parent, 0
    before, start = snapshot(folder), saved(folder, tmp_path)
    for turn in itertools.count(way.first, way.step):
        faults = Faults(turn, raising(way.fault), way.late)
        outcome: BaseException | None = None
        with faults.injected():
            try:
                apply.commit(planned)
            except BaseException as error:  # noqa: BLE001 - all kinds are thrown here
                outcome = error
        if outcome is not None and not isinstance(outcome, ApplyError):
            assert outcome is way.fault
            apply.recover(planned.root)  # removes a journal that no longer counts, if it is there
        found = snapshot(folder)
        assert found in allowed_after(outcome, before, after), turn
        if found != before:
            start_again(planned, start)
        if not faults.reached:
            break
        failed += 1
    assert turn > len(planned.changes)
    record_property("total operations failed, one at a time", failed)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_operation_is_undone_by_the_next_command(
    planned: Plan,
    after: Tree,
    step: int,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    folder = planned.root.parent
    before, start = snapshot(folder), saved(folder, tmp_path)
    finished = 0
    for turn in itertools.count(0, step):
        was_killed = killed_at(turn, lambda: apply.commit(planned))
        apply.recover(planned.root)
        if planned.root.is_dir() and not any(planned.root.iterdir()):
            planned.root.rmdir()  # made before the journal was, and empty
        found = snapshot(folder)
        assert found in (before, after), turn
        if found == after:
            finished += 1
            start_again(planned, start)
        if not was_killed:
            break
    assert finished >= 1
    assert turn > len(planned.changes)
    record_property("total operations at which it was killed", turn // step)


@pytest.mark.parametrize("command", COMMANDS[1:2])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_while_undoing_is_undone_as_well(planned: Plan, step: int) -> None:
    folder = planned.root.parent
    before = snapshot(folder)
    middle = middle_of(planned)
    for turn in itertools.count(0, step):
        assert killed_at(middle, lambda: apply.commit(planned))
        was_killed = killed_at(turn, lambda: apply.recover(planned.root))
        apply.recover(planned.root)
        assert snapshot(folder) == before, turn
        if not was_killed:
            break
    assert turn > len(planned.changes) / 2


def middle_of(planned: Plan) -> int:
    """Return an operation at which a good part of the files is replaced."""
    for turn in itertools.count(0, 7):
        assert killed_at(turn, lambda: apply.commit(planned)), "it ended before that"
        undone = apply.recover(planned.root)
        if undone and len(undone.restored) > len(planned.changes) / 3:
            return turn
    raise AssertionError


def saved(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "start", symlinks=True))


def start_again(planned: Plan, start: Path) -> None:
    shutil.rmtree(planned.root.parent)
    shutil.copytree(start, planned.root.parent, symlinks=True)
