"""The migrations, on a database of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def alembic(*arguments: str, database: Path) -> None:
    """Run Alembic as a developer does; it has an event loop of its own."""
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "alembic", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": f"sqlite+aiosqlite:///{database}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        pytest.fail(result.stdout + result.stderr)


def test_up_and_down_and_up_again_match_the_models(tmp_path: Path) -> None:
    database = tmp_path / "migrated.db"
    alembic("upgrade", "head", database=database)
    alembic("check", database=database)
    alembic("downgrade", "base", database=database)
    alembic("upgrade", "head", database=database)
