"""`paxx feature add`: features that paxx ships whole, and what of them comes beside what."""

import pytest

from tests.cases.by_hand import replace
from tests.corpus.snapshots import snapshot
from tests.harness import Outcome, Shop

NAME = "example_products"
FOLDER = "features/example_products"
SETS = [(), ("redis",), ("arq",), ("arq", "redis")]
TASK = "features.example_products.tasks.restock"


def add(shop: Shop, *arguments: str) -> Outcome:
    return shop.run("feature", "add", NAME, "--no-sync", *arguments)


def remove(shop: Shop, *arguments: str) -> Outcome:
    return shop.run("feature", "remove", NAME, "--no-sync", *arguments)


@pytest.mark.integration
@pytest.mark.parametrize("components", SETS, ids="-".join)
def test_it_brings_what_the_components_of_the_project_are_good_for(
    shop: Shop, components: tuple[str, ...]
) -> None:
    if components:
        shop.add(*components)
    before = snapshot(shop.root)
    outcome = add(shop)
    assert outcome.code == 0, outcome
    assert f"added feature `{NAME}` in" in outcome.stdout
    assert "paxx db migrate 'add example products'" in outcome.stdout
    assert ("cached" in (shop / f"{FOLDER}/service.py").read_text()) is ("redis" in components)
    assert (shop / f"{FOLDER}/tasks.py").exists() is ("arq" in components)
    if "arq" in components:
        tasks = (shop / "core/tasks.py").read_text()
        assert f"functions = [send_welcome_email, send_reminder, {TASK}]" in tasks
    assert remove(shop).code == 0
    assert snapshot(shop.root) == before


def test_a_second_time_changes_nothing(shop: Shop) -> None:
    add(shop)
    before = snapshot(shop.root)
    outcome = add(shop, "--json")
    assert (outcome.code, outcome.json["status"]) == (0, "unchanged")
    shop.add("redis")  # comes later, and changes no code that is the user's by now
    assert add(shop, "--check").code == 0
    shop.remove("redis")
    assert snapshot(shop.root) == before


def test_what_is_gone_of_it_is_put_back(shop: Shop) -> None:
    add(shop)
    before = snapshot(shop.root)
    (shop / f"{FOLDER}/errors.py").unlink()
    assert add(shop).code == 0
    assert snapshot(shop.root) == before


def test_previews_change_nothing(shop: Shop) -> None:
    before = snapshot(shop.root)
    assert add(shop, "--check").code == 10
    assert f"+++ b/{FOLDER}/service.py" in add(shop, "--diff").stdout
    assert add(shop, "--json", "--dry-run").json["command"] == "feature add"
    assert snapshot(shop.root) == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("example_product", "did you mean `example_products`?"),
        ("accounts", "bundled features: `example_products`"),
        ("../x", "no bundled feature is called `../x`"),
        ("", "no bundled feature is called ``"),
    ],
)
def test_a_name_that_is_none_is_told(shop: Shop, name: str, message: str) -> None:
    before = snapshot(shop.root)
    outcome = shop.run("feature", "add", name, "--no-sync")
    assert (outcome.code, snapshot(shop.root)) == (2, before)
    assert message in outcome.stderr


def test_a_table_of_somebody_else_is_told(shop: Shop) -> None:
    folder = shop / "features/shelf"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "models.py").write_text('class Row(Base):\n    __tablename__ = "example_products"\n')
    outcome = add(shop)
    assert outcome.code == 2
    assert "`features/shelf/models.py` has the table `example_products`" in outcome.stderr


def test_a_folder_of_that_name_is_told_but_caches_are_none(shop: Shop) -> None:
    caches = shop / FOLDER / "__pycache__"
    caches.mkdir(parents=True)
    assert add(shop, "--check").code == 10
    (shop / FOLDER / "notes.txt").touch()
    outcome = add(shop)
    assert (outcome.code, f"`{FOLDER}` is there already" in outcome.stderr) == (2, True)


def test_what_it_uses_does_not_go_before_it(shop: Shop) -> None:
    shop.add("arq", "redis")
    before = snapshot(shop.root)
    add(shop)
    outcome = shop.remove("redis")
    assert (outcome.code, f"feature `{NAME}` needs `redis`" in outcome.stderr) == (4, True)
    assert shop.remove("redis", "--cascade").code == 0
    shop.add("redis")
    assert snapshot(shop.root) == before


def test_tasks_in_a_form_of_ones_own_are_left_to_the_user(shop: Shop) -> None:
    shop.add("arq")
    replace(shop, "core/tasks.py", "functions = [", "functions = [*MORE, ")
    assert add(shop, "--strict").code == 4
    outcome = add(shop)
    assert outcome.code == 5
    assert f"# in WorkerSettings.functions\n    {TASK}," in outcome.stdout
    replace(shop, "core/tasks.py", "functions = [*MORE, ", f"functions = [*MORE, {TASK}, ")
    assert shop.run("status").code == 0


def test_tasks_of_the_user_stay(shop: Shop) -> None:
    shop.add("arq")
    replace(shop, "core/tasks.py", "send_reminder]", "send_reminder, report_of_the_day]")
    before = snapshot(shop.root)
    add(shop)
    assert f"report_of_the_day, {TASK}]" in (shop / "core/tasks.py").read_text()
    assert remove(shop).code == 0
    assert snapshot(shop.root) == before
