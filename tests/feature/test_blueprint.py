"""The code of a feature, whatever it and its fields are called."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from paxx.errors import UsageError
from paxx.feature import blueprint, fields, names, reserved
from paxx.feature.models import Model

KINDS = (
    *("str", "text", "int", "bigint", "float", "decimal(10,2)", "bool", "date", "datetime"),
    *("uuid", "json", "email", "url", "ref:targets", "enum(a|b)"),
)
INDEXABLE = [kind for kind in KINDS if kind not in {"text", "json"}]
TARGET = Model(feature="targets", name="Target", table="t" * names.LONGEST, key="int")


def described(length: int) -> tuple[fields.Field, ...]:
    """Return a field of each kind, indexed and not, with names of this length."""
    kinds = [*KINDS, *(f"{kind}:index" for kind in INDEXABLE), "str:unique:optional"]
    return fields.parse(f"{'f' * (length - 2)}{n:02}:{kind}" for n, kind in enumerate(kinds))


@pytest.mark.parametrize(
    ("module", "length"),
    [
        ("tea", 10),
        ("product_category", 24),
        ("shipping_addresses", 24),
        ("customer_subscription_events", 22),
        ("a" * names.LONGEST, 10),
    ],
)
def test_long_names_are_laid_out_as_the_formatter_does(
    tmp_path: Path, module: str, length: int
) -> None:
    described_fields = described(length)
    targets = {each.name: TARGET for each in described_fields if each.kind == "ref"}
    feature = blueprint.build(names.parse(module), described_fields, targets)
    for path, content in (feature.generated or {}).items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    ruff = (sys.executable, "-m", "ruff")
    for command in (
        ("format", "--diff", "--isolated", "--line-length=100", str(tmp_path)),
        ("check", "--isolated", "--line-length=100", "--select=E,F", str(tmp_path)),
    ):
        result = subprocess.run([*ruff, *command], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr


def test_a_line_that_names_make_too_long_is_told() -> None:
    given = fields.parse([f"{'f' * 57}:enum(a|b)"])
    with pytest.raises(UsageError, match="longer than 100 characters"):
        blueprint.build(names.parse("a" * names.LONGEST), given, {})


def referred(code: bytes) -> Iterator[str]:
    """Yield the names that bodies of classes look up."""
    for node in ast.walk(ast.parse(code)):
        for each in ast.walk(node) if isinstance(node, ast.ClassDef) else ():
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
                yield each.id


@pytest.mark.parametrize("stem", ["models", "schemas"])
def test_no_field_hides_what_its_class_refers_to(stem: str) -> None:
    kinds = [*KINDS, "point", *(f"{kind}:index" for kind in INDEXABLE)]
    defaults = ("str:default=a", "date:default=2026-01-31", "decimal(3,2):default=1")
    texts = [f"f{n}:{kind}" for n, kind in enumerate([*kinds, *defaults, "str:optional"])]
    given = fields.parse([*texts, "parent:ref:teas:optional"])
    targets = {each.name: TARGET for each in given if each.kind == "ref"}
    feature = blueprint.build(names.parse("teas"), given, targets)
    found = {*referred((feature.generated or {})[f"files/features/teas/{stem}.py"])}
    words = {name for name in found if re.fullmatch("[a-z][a-z0-9_]*", name)}
    assert len(words) >= 5
    for name in words:
        with pytest.raises(UsageError):
            reserved.check_field(name, fields.LONGEST)
