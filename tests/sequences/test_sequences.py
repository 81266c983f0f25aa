"""Random sequences of commands and edits of the user end where the model says."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from paxx import catalog
from tests.harness import Shop
from tests.releases import make_next
from tests.sequences.model import MINE, OWNED, USER_EDITS, Model, State, make
from tests.tiers import tiered

pytestmark = pytest.mark.slow

SEQUENCES = 200
LONGEST = 9
IN_ONE_TEST = 10
TURNS = range(SEQUENCES // IN_ONE_TEST)
BY_DEFAULT = 1


@pytest.fixture(scope="session")
def next_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the components of a paxx that is one release newer."""
    return make_next(tmp_path_factory.mktemp("next") / "components")


@pytest.fixture
def model(shop: Shop, next_release: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Return a model of the project, which is fresh."""
    return Model(shop, shop.tree(), {1: catalog.FOLDER, 2: next_release}, monkeypatch)


@pytest.mark.parametrize("turn", tiered(TURNS, is_default=lambda turn: turn < BY_DEFAULT))
def test_a_sequence_ends_where_the_model_says(
    shop: Shop, model: Model, turn: int, record_property: Callable[[str, object], None]
) -> None:
    steps = 0
    for number in range(turn * IN_ONE_TEST, (turn + 1) * IN_ONE_TEST):
        draw = random.Random(number)
        shop.restore(model.fresh)
        state, history = State(), []
        for _ in range(draw.randint(3, LONGEST)):
            model.use(state.release)
            state, what = take_step(shop, state, draw)
            history.append(what)
        steps += len(history)
        actual = shop.tree()
        expected = model.tree(state)
        different = {
            path for path in {*actual, *expected} if actual.get(path) != expected.get(path)
        }
        assert not different, (number, history)
    record_property("sequences", IN_ONE_TEST)
    record_property("steps of sequences", steps)


def take_step(shop: Shop, state: State, draw: random.Random) -> tuple[State, str]:
    """Do one thing to the project and to its model, and return what it was."""
    actions = [add, remove, edit, write_below, upgrade, next_paxx, preview]
    weights = [6, 4, 3, 3, 6 if state.is_outdated else 1, 3 if state.release == 1 else 0, 1]
    [action] = draw.choices(actions, weights)
    return action(shop, state, draw)


def add(shop: Shop, state: State, draw: random.Random) -> tuple[State, str]:
    left_behind = [name for name, _ in sorted(state.orphans)]
    name = draw.choice(sorted(OWNED) + left_behind * 6)
    outcome = shop.add(name, "--without-requires")
    if name in {orphan for orphan, _ in state.orphans}:
        assert outcome.code == 4, outcome  # a file of theirs is in the way
        return state, f"add {name}: refused"
    assert outcome.code == 0, outcome
    return (state if name in state.names else state.added(name)), f"add {name}"


def remove(shop: Shop, state: State, draw: random.Random) -> tuple[State, str]:
    name = draw.choice(sorted(state.names or OWNED))
    outcome = shop.remove(name, "--cascade", "--force")
    assert outcome.code == (5 if name in state.touched else 0), outcome
    return (state.removed(name) if name in state.names else state), f"remove {name}"


def edit(shop: Shop, state: State, draw: random.Random) -> tuple[State, str]:
    which = draw.choice(sorted(USER_EDITS))
    if which in state.edits:
        return state, "nothing"
    make(shop, which)
    return replace(state, edits=(*state.edits, which)), f"edit {which}"


def write_below(shop: Shop, state: State, draw: random.Random) -> tuple[State, str]:
    untouched = sorted(state.names - state.touched)
    if not untouched:
        return state, "nothing"
    name = draw.choice(untouched)
    path = shop / OWNED[name]
    path.write_bytes(path.read_bytes() + MINE)
    return replace(state, touched=state.touched | {name}), f"write below {OWNED[name]}"


def upgrade(shop: Shop, state: State, draw: random.Random) -> tuple[State, str]:
    del draw
    outcome = shop.upgrade("--all")
    assert outcome.code == 0, outcome
    return state.upgraded(), "upgrade"


def next_paxx(shop: Shop, state: State, draw: random.Random) -> tuple[State, str]:
    del shop, draw
    return replace(state, release=2), "next release"


def preview(shop: Shop, state: State, draw: random.Random) -> tuple[State, str]:
    before = shop.tree()
    command = draw.choice([shop.add, shop.remove])
    command(draw.choice(sorted(OWNED)), "--dry-run")
    shop.run("status")
    assert shop.tree() == before
    return state, "preview"
