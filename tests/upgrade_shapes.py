"""Three releases of paxx with a component `ledger`, and projects whose upgrade has a known shape.

From 1.0 to 2.0 `core/ledger.py` changes in three separate places, `core/ledger_rules.json` and the
template of `core/ledger_report.py` in one; `core/ledger_audit.py` comes, `core/ledger_legacy.py`
goes; a setting and an entry of `wiring.py` come, a default, a floor and an image change. 2.1
changes a fourth place and drops that setting. The component `clock` changes in 2.1 alone.

The folder of a release holds what differs from the one before.
"""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from paxx import catalog
from tests.harness import Shop

RELEASES = Path(__file__).parent / "fixtures" / "upgrade"

LEDGER = "core/ledger.py"
RULES = "core/ledger_rules.json"
REPORT = "core/ledger_report.py"
ADDED = "core/ledger_audit.py"
REMOVED = "core/ledger_legacy.py"

PLACES = (
    ("rounding=decimal.ROUND_HALF_UP)", "rounding=decimal.ROUND_DOWN)"),
    ("return sum(booking.amount for booking in bookings) == 0", "return not total(bookings)"),
    ("bookings[start : start + size] for", "tuple(bookings[start : start + size]) for"),
)
"""Where 2.0 changes `core/ledger.py`: the text of 1.0, and what a user may make of it."""

MINE = """

def total(bookings: Iterable[Booking]) -> Decimal:
    \"\"\"Return what the bookings add up to.\"\"\"
    return sum((booking.amount for booking in bookings), Decimal(0))
"""


def use(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Let paxx be the release that has `ledger` in this version."""
    monkeypatch.setattr(catalog, "FOLDER", Path(release(version).name))


@cache  # which keeps the folder until the tests end
def release(version: str) -> TemporaryDirectory[str]:
    """Return a folder with the components of a release."""
    folder = TemporaryDirectory(prefix="paxx-release-")
    for path in sorted(RELEASES.iterdir()):
        if path.name <= version:
            shutil.copytree(path, folder.name, dirs_exist_ok=True)
    gone = Path(folder.name, "ledger/files", REMOVED)
    if version != "1.0":
        gone.unlink()
    return folder


def replace(shop: Shop, path: str, old: str, new: str) -> None:
    """Replace the one occurrence of a text in a file, whatever its line endings are."""
    before = (shop / path).read_bytes()
    assert before.count(old.encode()) == 1, (path, old)
    (shop / path).write_bytes(before.replace(old.encode(), new.encode()))


def edit_ledger(shop: Shop, *, conflicts: int) -> None:
    """Edit `core/ledger.py` of 1.0 where 2.0 leaves it alone, and in up to three places besides.

    The upgrade to 2.0 has a conflict in each of these places, and no other one.
    """
    replace(shop, LEDGER, "Bookings that add up", "Our bookings, which add up")
    with (shop / LEDGER).open("ab") as file:
        file.write(MINE.encode())
    for old, new in PLACES[:conflicts]:
        replace(shop, LEDGER, old, new)


def edit_ledger_alike(shop: Shop) -> None:
    """Change a place of `core/ledger.py` as 2.0 does: no conflict."""
    replace(shop, LEDGER, "ROUND_HALF_UP", "ROUND_HALF_EVEN")


def edit_rules(shop: Shop, *, conflict: bool) -> None:
    """Edit `core/ledger_rules.json`, where no markers may stand, beside or in what 2.0 changes."""
    if conflict:
        replace(shop, RULES, '"card": "0.30"', '"card": "0.35"')
    else:
        replace(shop, RULES, '"month": 20000', '"month": 50000')


def edit_report(shop: Shop) -> None:
    """Edit what came of a template, beside what 2.0 changes."""
    with (shop / REPORT).open("ab") as file:
        file.write(b'\n\nSIGNED = "the treasurer"\n')


def edit_removed(shop: Shop) -> None:
    """Edit the file that 2.0 brings no more."""
    replace(shop, REMOVED, "of older systems", "of our older systems")


def put_in_the_way(shop: Shop) -> None:
    """Write a file of one's own where 2.0 brings a new one."""
    (shop / ADDED).write_text('"""Our own audit."""\n')
