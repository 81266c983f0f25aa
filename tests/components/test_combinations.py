"""Components in hand-edited projects, and with each other, in every order."""

import subprocess
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from paxx import catalog
from tests.harness import Shop, changed_lines, tree

Edit = Callable[[str], str]

PAIRS = list(combinations(catalog.names(), 2))
NOT_EVERYWHERE = {".env.example"}  # read line by line by tools that know no byte order mark

HAND_EDITS: dict[str, Edit] = {
    "settings.py": lambda text: text.replace(
        "    # Database\n", "    # Where our data lives\n    tax_rate: float = 0.19  # percent\n\n"
    ),
    "docker-compose.yml": lambda text: "# our stack\n" + text + "\n# the end\n",
    "pyproject.toml": lambda text: text.replace('"fastapi', '"zeep>=4",  # soap\n  "fastapi'),
    "wiring.py": lambda text: text.replace("LIFESPANS", "# ours\nLIFESPANS", 1),
    ".env.example": lambda text: "# copy me\n" + text,
}


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_pair_gives_the_same_in_both_orders_and_at_once(shop: Shop, one: str, other: str) -> None:
    start = shop.tree()
    results = []
    for commands in ([(one,), (other,)], [(other,), (one,)], [(one, other)]):
        shop.restore(start)
        for names in commands:
            assert shop.add(*names, "--yes").code == 0
        results.append(shop.tree())
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize(
    ("one", "other", "conflicts", "missing"),
    [
        ("arq", "storage", ["pyproject.toml"], []),
        ("metrics", "redis", [], []),
        ("metrics", "storage", ["docker-compose.yml", "wiring.py"], []),
        ("redis", "websocket", ["wiring.py"], ["WS_REDIS_URL"]),
        ("storage", "websocket", [".env.example", "settings.py", "wiring.py"], []),
    ],
)
def test_branches_that_add_a_component_each_merge(
    shop: Shop, one: str, other: str, conflicts: list[str], missing: list[str]
) -> None:
    """With both sides of each conflict kept, no line is lost and all can be removed again."""
    start = shop.tree()
    branches = []
    for name in (one, other):
        shop.restore(start)
        shop.add(name, "--yes")
        branches.append(shop.tree())
    merged, found = branches[0] | branches[1], []
    for path in sorted(start.keys() & merged.keys()):
        texts = (branches[0][path], start[path], branches[1][path])
        merged[path], is_clean = merge(texts, shop.root.parent)
        found += [] if is_clean else [path]
    shop.restore(merged)
    assert found == conflicts
    status = shop.run("status", "--json").json["components"]
    assert [step["key"] for each in status for step in each["missing"]] == missing
    assert [step for each in status for step in each["changed"]] == []
    if not conflicts:
        shop.restore(start)
        shop.add(one, other, "--yes")
        written = shop.tree()
        assert {path: written[path] for path in start} == {path: merged[path] for path in start}
        shop.restore(merged)
    assert shop.remove(one, other).code == 0
    assert shop.tree() == start


def merge(texts: tuple[bytes, bytes, bytes], folder: Path) -> tuple[bytes, bool]:
    """Merge one version, the base and the other as git does, keeping both sides of conflicts.

    The second value is False where there were conflicts.
    """
    paths = [folder / name for name in ("one", "base", "other")]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text)
    command = ["git", "merge-file", "--stdout"]
    plain = subprocess.run([*command, *paths], capture_output=True, check=False)
    if plain.returncode == 0:
        return plain.stdout, True
    union = subprocess.run([*command, "--union", *paths], capture_output=True, check=True)
    return union.stdout, False


def test_all_in_reverse_order_equal_a_bootstrap_with_all(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "at-once").mkdir()
    names = catalog.names()
    where = ("--output-dir", str(tmp_path / "at-once"), "--no-git", "--no-sync", "--yes")
    assert shop.run("bootstrap", "shop", "--with", ",".join(names), *where).code == 0
    for name in reversed(names):
        assert shop.add(name, "--yes").code == 0
    assert shop.tree() == tree(tmp_path / "at-once" / "shop")


@pytest.mark.parametrize("name", catalog.names())
def test_the_diff_of_a_dry_run_is_what_is_applied(shop: Shop, name: str, tmp_path: Path) -> None:
    before = shop.tree()
    diff = shop.add(name, "--full-diff").stdout
    planned = shop.add(name, "--dry-run", "--json").json
    assert shop.tree() == before
    assert shop.add(name, "--json").json["changes"] == planned["changes"]
    after = shop.tree()
    shop.restore(before)
    (tmp_path / "plan.diff").write_text(diff)
    subprocess.run(["git", "apply", "--unsafe-paths", str(tmp_path / "plan.diff")], check=True)
    assert shop.tree() == after


@pytest.mark.parametrize("name", catalog.names())
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_the_diff_of_a_hand_edited_project_holds_only_our_lines(
    shop: Shop, name: str, newline: str, mark: bytes
) -> None:
    for path, edit in HAND_EDITS.items():
        edited = edit((shop / path).read_text())
        assert edited != (shop / path).read_text()
        bom = b"" if path in NOT_EVERYWHERE else mark
        (shop / path).write_bytes(bom + edited.replace("\n", newline).encode())
    before = shop.tree()
    is_replacing = bool(catalog.load(name).manifest.compose.images)
    replaced = (b"image:", b"DATABASE_URL=") if is_replacing else ()
    assert shop.add(name, "--yes").code == 0
    after = shop.tree()
    for path, content in before.items():
        gone, came = changed_lines(content, after[path])
        # An empty list is opened up, an image or a URL replaced; apart from that nothing goes.
        assert all(any(each in line for each in (b"= []", *replaced)) for line in gone), path
        if path in HAND_EDITS:
            assert all(line.endswith(newline.encode()) for line in came), path
            assert after[path].startswith(mark) or path in NOT_EVERYWHERE
