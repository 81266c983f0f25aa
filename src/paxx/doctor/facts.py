"""Ask the project itself: run the probe with the interpreter of its environment."""

import json
import re
import subprocess
from pathlib import Path

import msgspec

from paxx.environment import run_script
from paxx.errors import PreconditionError

PROBE = Path(__file__).parent / "probe"
PATIENCE = 60.0  # seconds for all of it; what the probe asks, it asks with limits of its own

_ANEW = "`uv sync` creates the environment again"


class Refused(msgspec.Struct, frozen=True):
    """Something that was not done because it writes to `path`."""

    path: str
    permitted: bool


class Answer(msgspec.Struct, frozen=True):
    """What became of asking a service."""

    milliseconds: float
    error: str | None = None
    refused: Refused | None = None


class Migrations(Answer, frozen=True):
    """How many revisions the database lacks, and those that the project does not have."""

    pending: int = 0
    heads: int = 0
    strange: tuple[str, ...] = ()


class Invalid(msgspec.Struct, frozen=True):
    """A value that the settings refuse; `variable` is empty where it is about several."""

    variable: str
    message: str
    missing: bool


class Facts(msgspec.Struct, frozen=True):
    """What only the project can tell; `failure` is why it could not be imported.

    `dotenv` are the files that were read, `unreadable` their lines that were not, as `file:line`.
    `addresses` and `reached` are by setting, `checks` by the name of the readiness check.
    """

    python: str
    failure: str | None = None
    refused: Refused | None = None
    dotenv: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    invalid: tuple[Invalid, ...] = ()
    addresses: dict[str, str] = {}
    checks: dict[str, Answer] = {}
    reached: dict[str, Answer] = {}
    migrations: Migrations | None = None


class Question(msgspec.Struct, frozen=True):
    """Settings that hold the address of a server, those of them to connect to, checks to skip."""

    servers: tuple[str, ...]
    reach: tuple[str, ...]
    skip: tuple[str, ...]


def ask(root: Path, interpreter: Path, question: Question) -> Facts:
    """Return the facts; raises PreconditionError, with a hint, where there are none."""
    asked = json.dumps(msgspec.to_builtins(question))
    try:
        result = run_script(root, interpreter, PROBE, asked, patience=PATIENCE)
        return msgspec.json.decode(result.stdout, type=Facts)
    except subprocess.TimeoutExpired as error:
        raise PreconditionError(
            f"it did not end within {PATIENCE:.0f} s",
            hint="something blocks when the project is imported, or in a check of `READINESS`",
        ) from error
    except OSError as error:
        raise PreconditionError(f"it does not run: {error.strerror}", hint=_ANEW) from error
    except msgspec.DecodeError as error:
        reason = _reason(result.stderr.decode("utf-8", "replace"))
        raise PreconditionError(f"it ended with {result.returncode}{reason}", hint=_ANEW) from error


def _reason(printed: str) -> str:
    # The kind of the error alone: its text may hold anything.
    kinds = re.findall(r"^([\w.]+(?:Error|Exception|Exit|Interrupt))\b", printed, re.MULTILINE)
    return f": {kinds[-1]}" if kinds else ""
