"""Turn what the user types into a project name, or say which rule it breaks."""

import keyword
import re
import sys
import unicodedata
from dataclasses import dataclass

from paxx.errors import UsageError

LONGEST = 40
"""Leaves room below the 63 characters of a PostgreSQL identifier and of a host name."""

_OWN = {"app", "core", "db", "features", "main", "settings", "test", "tests", "wiring"}
_WINDOWS = {"aux", "con", "nul", "prn"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10)}
_DEPENDENCIES = {
    *("aiofiles", "aiobotocore", "aioboto3", "aiosqlite", "alembic", "anyio", "arq", "asyncpg"),
    *("boto3", "fastapi", "geoalchemy2", "greenlet", "grpcio", "httpx", "httpx2", "mypy"),
    *("opentelemetry", "prometheus-client", "pydantic", "pydantic-settings", "pytest"),
    *("pytest-asyncio", "redis", "ruff", "sqlalchemy", "starlette", "uvicorn", "uvloop"),
    *("websockets", "wrapt"),
}


@dataclass(frozen=True, slots=True)
class ProjectName:
    """`name` is a normalised distribution name, `slug` a lower-case identifier made of it."""

    name: str
    slug: str


def parse(text: str) -> ProjectName:
    """Return the project name for what the user typed; `My Shop` becomes `my-shop`.

    Raises UsageError, naming the rule and where possible a name that would do.
    """
    name = re.sub(r"[\s_.-]+", "-", text.strip().lower()).strip("-")
    broken = _broken_rule(text, name)
    if broken:
        raise UsageError(f"`{text}` cannot be a project name: {broken}", hint=_hint(name))
    return ProjectName(name, name.replace("-", "_"))


def _broken_rule(text: str, name: str) -> str | None:
    slug = name.replace("-", "_")
    rules = (
        (not name and text.isascii(), "it has no letters"),
        ("/" in text or "\\" in text, "it holds a path separator"),
        (not text.isascii(), "only ASCII letters, digits and hyphens are allowed"),
        (re.search(r"[^a-z0-9-]", name), "only ASCII letters, digits and hyphens are allowed"),
        (not name[:1].isalpha(), "it has to begin with a letter"),
        (len(name) > LONGEST, f"it is longer than {LONGEST} characters"),
        (keyword.iskeyword(slug) or keyword.issoftkeyword(slug), "it is a keyword of Python"),
        (slug in sys.stdlib_module_names, "it is a module of the standard library"),
        (name in _DEPENDENCIES, "it is the name of a dependency of the project"),
        (name in _OWN, "the project has a module of that name"),
        (name in _WINDOWS, "it is a reserved file name on Windows"),
    )
    return next((rule for broken, rule in rules if broken), None)


def _hint(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    if not words:
        return "try a name such as `shop`"
    if _broken_rule(words, words) is None:
        suggestion = words
    elif words[0].isalpha():
        suggestion = f"{words[: LONGEST - 4].strip('-')}-api"
    else:
        suggestion = f"app-{words[: LONGEST - 4]}"
    return f"try `{suggestion}`; to choose the place use `--output-dir`"
