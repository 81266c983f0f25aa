"""The demonstration's own decisions: which directory it takes, and how it wires its feature."""

from pathlib import Path

import pytest

from demo import project
from demo.words import DemoError

IMPORTS = '"""What the application is made of."""\n\nimport db.database\n\n'
ENTRY = "    features.prices.router.router,\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ROUTERS: Sequence[APIRouter] = []\n", f"[\n{ENTRY}]\n"),
        ("ROUTERS: Sequence[APIRouter] = [\n    a.router,\n]\n", f"[\n{ENTRY}    a.router,\n]\n"),
    ],
)
def test_the_router_is_imported_and_listed(before: str, after: str) -> None:
    wired = project.with_router(IMPORTS + before)
    assert "\n\nimport db.database\nimport features.prices.router\n" in wired
    assert wired.endswith(f"ROUTERS: Sequence[APIRouter] = {after}")


def test_wiring_without_a_list_is_reported() -> None:
    with pytest.raises(DemoError, match="no imports or no list of ROUTERS"):
        project.with_router(f"{IMPORTS}ROUTERS = routers()\n")


def test_a_foreign_directory_is_refused_untouched(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "thesis.txt").write_text("mine")
    with pytest.raises(DemoError, match="is not empty and not from a demonstration\nhint: "):
        project.prepare(shop)
    assert [path.name for path in shop.iterdir()] == ["thesis.txt"]


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(directory: Path, *words: str) -> None:
        (directory / "shop").mkdir()
        (directory / "shop" / "half").write_text(words[0])
        raise KeyboardInterrupt

    monkeypatch.setattr(project, "paxx", interrupted)
    with pytest.raises(KeyboardInterrupt):
        project.prepare(tmp_path / "shop")
    assert list(tmp_path.iterdir()) == []


def test_a_failing_command_is_shown_with_what_it_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DemoError, match="`false` ended with code 3"):
        project.shown("false", ["sh", "-c", "echo why; exit 3"], tmp_path)
    assert capsys.readouterr().out == "  $ false\n    why\n"
