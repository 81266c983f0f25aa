"""The code of a feature, whatever it and its fields are called."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
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
LONG = (
    "point",
    "enum(" + "|".join(f"{'a' * 44}{letter}" for letter in "abcdef") + "):optional",
    *(
        "str:default=" + "long " * 14,
        "text:default=" + "日" * 40,
        "decimal(70,0):default=" + "9" * 70,
    ),
    "date:default=2026-01-31",
)
TARGET = Model(feature="targets", name="Target", table="t" * names.LONGEST, key="int")


def described(length: int) -> tuple[fields.Field, ...]:
    """Return a field of each kind, indexed and not, with names of this length."""
    kinds = [*KINDS, *(f"{kind}:index" for kind in INDEXABLE), "str:unique:optional", *LONG]
    return fields.parse(f"{'f' * (length - 2)}{n:02}:{kind}" for n, kind in enumerate(kinds))


@pytest.mark.parametrize(
    ("module", "length"),
    [
        ("tea", 10),
        ("product_category", 24),
        ("shipping_addresses", 24),
        ("customer_subscription_events", 22),
        ("international_customer_addresses", 36),
        ("teas", 42),
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
    given = fields.parse([f"{'f' * 57}:int:index", "x:int"])
    with pytest.raises(UsageError, match="`f{57}` is too long: a line .* 107 characters") as caught:
        blueprint.build(names.parse("a" * names.LONGEST), given, {})
    assert caught.value.path is None


def code(stem: str, module: str, *texts: str, targets: Sequence[Model] = ()) -> str:
    """Return a module of a feature whose first references lead to these models."""
    given = fields.parse(texts)
    references = [each.name for each in given if each.kind == "ref"]
    feature = blueprint.build(
        names.parse(module), given, dict(zip(references, targets, strict=True))
    )
    return (feature.generated or {})[f"files/features/{module}/{stem}.py"].decode()


def test_types_of_fields_have_names_of_their_own() -> None:
    schemas = code("schemas", "parcels", "a_1:str", "a1:str", "create:text", "create_value:str")
    assert "    a_1: ParcelA1\n    a1: ParcelA1Value\n    create: ParcelCreateValue\n" in schemas
    assert "    create_value: ParcelCreateValue2\n" in schemas
    assert "\nAsyncSessionValue = Annotated[" in code("schemas", "asyncs", "session:str")


def test_the_type_of_a_field_is_not_the_model_that_another_refers_to() -> None:
    item = Model("order_items", "OrderItem", "order_items", "int")
    models = code("models", "orders", "item:enum(a|b)", "first:ref:order_items", targets=[item])
    assert "class OrderItemValue(StrEnum):" in models
    assert "from features.order_items.models import OrderItem\n" in models
    assert "item: Mapped[OrderItemValue] = " in models
    assert "ForeignKey(OrderItem.id, " in models


def test_models_of_the_same_name_are_referred_to_by_their_tables() -> None:
    same = [Model(each, "Text", f"{each}_texts", "int") for each in ("a", "b")]
    models = code("models", "orders", "a:ref:a", "b:ref:b", "body:text", targets=same)
    assert 'ForeignKey("a_texts.id", ' in models
    assert 'ForeignKey("b_texts.id", ' in models
    assert "from sqlalchemy import ForeignKey, Index, Text\n" in models


def test_operations_are_named_and_summarised_in_english() -> None:
    router = code("router", "order_items", "name:str")
    operations = re.findall(r'summary="(.+?)".*?async def (\w+)', router, re.DOTALL)
    assert operations == [
        ("Create an order item", "create_order_item"),
        ("List order items", "list_order_items"),
        ("Get an order item", "get_order_item"),
        ("Update an order item", "update_order_item"),
        ("Delete an order item", "delete_order_item"),
    ]


def test_a_point_has_an_index_by_default() -> None:
    assert "index=True" in code("models", "places", "place:point")


@pytest.mark.parametrize(
    ("text", "is_skipped"), [("place:point", True), ("place:ref:targets", True), ("x:int", False)]
)
def test_tests_that_may_have_points_are_skipped_on_sqlite(text: str, *, is_skipped: bool) -> None:
    given = fields.parse([text])
    targets = {each.name: TARGET for each in given if each.kind == "ref"}
    feature = blueprint.build(names.parse("visits"), given, targets)
    tests = (feature.generated or {})["files/tests/features/visits/test_visits.py"].decode()
    assert ("pytest.skip(" in tests) is is_skipped


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
