"""Properties of the edits of Python files, on files that hypothesis writes."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.edits.properties.drawing import (
    COMMENTS,
    ENDS,
    NAMES,
    Pair,
    check_removal_without_patches,
    entries,
    reversible,
    sequences,
)

pytestmark = pytest.mark.slow

LAST: Pair = (
    reversible(
        "python.add_item",
        variable="X",
        item="core.cache.x",
        before=["core.metrics.x", "core.zeta.lifespan"],
    ),
    reversible(
        "python.add_item", variable="X", item="core.metrics.x", before=["core.zeta.lifespan"]
    ),
)
FIRST: Pair = (
    reversible("python.add_item", variable="X", item="core.cache.x", first=True),
    reversible(
        "python.add_item",
        variable="X",
        item="core.metrics.x",
        first=True,
        first_peers=["core.cache.x"],
    ),
)
KEYED: Pair = (
    reversible("python.add_item", variable="X", item="core.cache.x", key="cache"),
    reversible(
        "python.add_item",
        variable="X",
        item="core.metrics.x",
        key="metrics",
        before=["core.cache.x"],
    ),
)
IMPORTS: Pair = (
    reversible("python.add_import", module="core.cache"),
    reversible("python.add_import", module="core.metrics"),
)
FIELDS: Pair = (
    reversible(
        "python.add_fields",
        comment="Cache",
        fields=[("cache_url", "SecretStr", 'SecretStr("x")'), ("cache_time", "int", "1")],
        before=["metrics_enabled", "zeta"],
    ),
    reversible(
        "python.add_fields",
        comment="Metrics",
        fields=[("metrics_enabled", "bool", "True"), ("metrics_key", "SecretStr", "...")],
        before=["zeta"],
    ),
)


@st.composite
def lists(draw: st.DrawFn) -> str:
    indent = draw(st.sampled_from(["    ", "  ", "\t"]))
    inside = draw(sequences("core.{0}.lifespan", indent))
    is_tuple = draw(st.booleans()) and isinstance(
        ast.parse(f"({inside})", mode="eval").body, ast.Tuple
    )
    literal = f"({inside})" if is_tuple else f"[{inside}]"
    return f"import core.cache\nimport core.metrics\n\nX = {literal}" + draw(ENDS)


@st.composite
def dicts(draw: st.DrawFn) -> str:
    inside = draw(sequences('"{0}": core.{0}.ready', draw(st.sampled_from(["    ", "\t"]))))
    return f"import core.cache\nimport core.metrics\n\nX = {{{inside}}}" + draw(ENDS)


@st.composite
def canonical_lists(draw: st.DrawFn) -> str:
    names = draw(st.lists(NAMES, unique=True, max_size=4))
    lines = [f"    core.{name}.lifespan,{draw(COMMENTS)}\n" for name in names]
    inside = "\n" + "".join(lines) if lines else ""
    return f"import core.cache\nimport core.metrics\n\nX: list[object] = [{inside}]\n"


@st.composite
def imports(draw: st.DrawFn) -> str:
    head = draw(st.sampled_from(["", '"""Doc."""\n\n', "# License\n\n"]))
    third = draw(st.sampled_from(["", "import os\n\n", "from fastapi import APIRouter\n\n"]))
    plain = draw(st.lists(NAMES, unique=True, max_size=3).map(sorted))
    own = "".join(f"import core.{name}{draw(COMMENTS)}\n" for name in plain)
    named = draw(st.sampled_from(["", "from core.health import ready\n"]))
    return head + third + own + named + ("\n" if own or named else "") + "x = 1" + draw(ENDS)


PYDANTIC = [
    "",
    "import pydantic\n",
    "from pydantic import Field\n",
    "from pydantic import (\n    Field,\n    model_validator,\n)\n",
    "from pydantic import Field, model_validator  # of theirs\n",
]


@st.composite
def settings_classes(draw: st.DrawFn) -> str:
    indent = draw(st.sampled_from(["    ", "\t"]))
    docstring = draw(st.sampled_from(["", f'{indent}"""Doc."""\n\n']))
    config = draw(st.sampled_from(["", f"{indent}model_config = {{}}\n"]))
    fields = draw(st.one_of(st.just(""), entries("NAME: int = 1", indent)))
    tail = draw(st.sampled_from(["", f"\n{indent}def f(self) -> None: ...\n"]))
    body = docstring + config + fields + tail or f"{indent}pass\n"
    head = "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n"
    return draw(st.sampled_from(PYDANTIC)) + head + body.rstrip("\n") + draw(ENDS)


@st.composite
def canonical_settings(draw: st.DrawFn) -> str:
    imports = draw(st.sampled_from(PYDANTIC)) + "from pydantic_settings import BaseSettings\n"
    names = draw(st.lists(NAMES, unique=True, min_size=1, max_size=4))
    blocks = [f"    # {name}\n    {name}: int = 1{draw(COMMENTS)}\n" for name in names]
    docstring = draw(st.sampled_from(["", '    """Doc."""\n\n']))
    method = draw(st.sampled_from(["", "\n    def f(self) -> None: ...\n"]))
    body = docstring + "\n".join(blocks) + method
    return f"{imports}\n\nclass Settings(BaseSettings):\n{body}\n\nsettings = Settings()\n"


EDITS = [
    pytest.param(lists(), LAST, ast.parse, id="items-of-lists"),
    pytest.param(lists(), FIRST, ast.parse, id="first-items-of-lists"),
    pytest.param(dicts(), KEYED, ast.parse, id="items-of-dicts"),
    pytest.param(imports(), IMPORTS, ast.parse, id="imports"),
    pytest.param(settings_classes(), FIELDS, ast.parse, id="fields"),
]


@given(canonical_lists())
def test_removal_of_items_needs_no_patches_in_formatted_files(content: str) -> None:
    check_removal_without_patches(content, *LAST, *FIRST)


@given(imports())
def test_removal_of_imports_needs_no_patches_in_formatted_files(content: str) -> None:
    check_removal_without_patches(content, *IMPORTS)


@given(canonical_settings())
def test_removal_of_fields_needs_no_patches_in_formatted_files(content: str) -> None:
    check_removal_without_patches(content, *FIELDS)
