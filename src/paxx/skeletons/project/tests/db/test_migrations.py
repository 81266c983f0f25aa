"""The migrations, on a database of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
UP_AND_DOWN = """
from alembic import command
from alembic.config import Config

config = Config(toml_file="pyproject.toml")
command.upgrade(config, "head")
command.check(config)
command.downgrade(config, "base")
command.upgrade(config, "head")
"""


def test_up_and_down_and_up_again_match_the_models(tmp_path: Path) -> None:
    # A process of its own knows the models of the application and none of the tests'.
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-c", UP_AND_DOWN],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/migrated.db"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        pytest.fail(result.stdout + result.stderr)
