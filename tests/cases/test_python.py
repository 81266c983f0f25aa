"""Shapes of settings.py, wiring.py and main.py: the numbers are those of docs/cases.md."""

import ast
import subprocess
import sys

import pytest

from tests.cases.by_hand import added, manual, refused, replace, unchanged_by_a_second_time
from tests.harness import Shop

IMPORT = "from pydantic_settings import BaseSettings\n\n\n"
FIELD = 'redis_url: str = "redis://localhost:6379/0"'


def test_07_a_comment_stays_with_what_it_speaks_of(shop: Shop) -> None:
    replace(shop, "wiring.py", "    db.database.lifespan,\n", "    db.database.lifespan,  # pool\n")
    replace(shop, "wiring.py", "import db.database", "# The pool is below.\nimport db.database")
    replace(shop, "settings.py", "    # Database\n", "    # Where rows are kept.\n    # Database\n")
    added(shop, "settings.py")
    wiring, settings = (shop / "wiring.py").read_text(), (shop / "settings.py").read_text()
    assert "# The pool is below.\nimport db.database\n" in wiring
    assert "db.database.lifespan,  # pool\n" in wiring
    assert "    # Where rows are kept.\n    # Database\n    database_url" in settings


def test_07_a_docstring_of_a_field_stays_below_it(shop: Shop) -> None:
    field = ' = "development"\n'
    documented = f'{field}    """Where it runs."""\n'
    replace(shop, "settings.py", field, documented)
    added(shop, "settings.py")
    assert f"{documented}\n    # Redis\n" in (shop / "settings.py").read_text()


def test_07_the_comment_that_a_file_begins_with_stays_its_beginning(shop: Shop) -> None:
    lines = (shop / "wiring.py").read_text().partition("import db.database")[2]
    header = "# Copyright 2026 the shop\n# All rights reserved\n"
    imports = "from collections.abc import Mapping, Sequence\nfrom fastapi import APIRouter\n"
    (shop / "wiring.py").write_text(f"{header}import db.database{lines}{imports}")
    assert shop.add("redis").code == 0
    assert (shop / "wiring.py").read_text().startswith(f"{header}import core.cache\n")


def test_08_a_comment_behind_the_last_item_without_a_comma(shop: Shop) -> None:
    replace(shop, "wiring.py", "    db.database.lifespan,\n", "    db.database.lifespan  # last\n")
    assert shop.add("redis").code == 0
    expected = "    db.database.lifespan,  # last\n    core.cache.lifespan\n]"
    wiring = (shop / "wiring.py").read_text()
    assert expected in wiring.replace("core.cache.lifespan,", "core.cache.lifespan")


@pytest.mark.parametrize(
    "options",
    [
        ("--line-length", "200", "--config", "format.skip-magic-trailing-comma=true"),
        ("--line-length", "20", "--config", "format.quote-style='single'"),
        ("--config", "format.indent-style='tab'"),
    ],
)
def test_13_other_formatting_is_what_it_was(shop: Shop, options: tuple[str, ...]) -> None:
    shop.add("redis")
    files = ("settings.py", "wiring.py")
    command = [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache", *options, *files]
    subprocess.run(command, cwd=shop.root, check=True)
    unchanged_by_a_second_time(shop)


def test_15_the_same_text_elsewhere_is_not_taken_for_the_place(shop: Shop) -> None:
    decoy = (
        '    """Everything.\n\n    database_url: str = "x"\n    """\n\n'
        "    class Nested:\n        database_url: str = 'y'\n\n"
    )
    replace(shop, "settings.py", "    model_config", f"{decoy}    model_config")
    text = 'EXAMPLE = """\nLIFESPANS = [\n    db.database.lifespan,\n]\n"""\n\n# Entered'
    replace(shop, "wiring.py", "# Entered", text)
    assert FIELD in added(shop, "settings.py")
    tree = ast.parse((shop / "settings.py").read_text())
    [settings] = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    fields = [ast.unparse(each.target) for each in settings.body if isinstance(each, ast.AnnAssign)]
    assert {"redis_url", "database_url"} <= set(fields)
    wiring = (shop / "wiring.py").read_text()
    assert wiring.count("core.cache.lifespan") == 1
    assert "core.cache.lifespan" not in wiring.partition('"""\n\n# Entered')[0]


def test_45_a_settings_class_of_another_name(shop: Shop) -> None:
    replace(shop, "settings.py", "class Settings(", "class Configuration(")
    replace(shop, "settings.py", "Settings()", "Configuration()")
    assert FIELD in added(shop, "settings.py")


@pytest.mark.parametrize(
    ("imported", "base"),
    [
        ("from pydantic_settings import BaseSettings as Base", "Base"),
        ("import pydantic_settings", "pydantic_settings.BaseSettings"),
        ("import pydantic_settings as ps", "ps.BaseSettings"),
    ],
)
def test_45_a_base_by_another_name(shop: Shop, imported: str, base: str) -> None:
    replace(shop, "settings.py", "from pydantic_settings", f"{imported}\nfrom pydantic_settings")
    replace(shop, "settings.py", "import BaseSettings, ", "import ")
    replace(shop, "settings.py", "(BaseSettings)", f"({base})")
    assert FIELD in added(shop, "settings.py")


@pytest.mark.parametrize(
    "classes",
    [
        "class A(BaseSettings):\n    a: int = 1\n\n\nclass B(BaseSettings):\n    b: int = 1\n",
        "@dataclass\nclass Settings:\n    a: int = 1\n",
        "settings = Dynaconf()\n",
    ],
    ids=["several", "dataclass", "dynaconf"],
)
def test_45_what_is_not_clear_is_left_to_the_user(shop: Shop, classes: str) -> None:
    (shop / "settings.py").write_text(IMPORT + classes)
    manual(shop, "settings.py", FIELD)


def test_45_of_several_classes_the_one_that_settings_is_made_of(shop: Shop) -> None:
    (shop / "settings.py").write_text(
        f"{IMPORT}class Settings(BaseSettings):\n    a: int = 1\n\n\n"
        "class Main(BaseSettings):\n    b: int = 1\n\n\nsettings = Main()\n"
    )
    added(shop, "settings.py")
    assert "    b: int = 1\n\n    # Redis\n" in (shop / "settings.py").read_text()


def split(shop: Shop, *modules: str) -> None:
    """Make settings.py a package with these modules, the last of which is what it was."""
    (shop / "settings").mkdir()
    (shop / "settings.py").rename(shop / "settings" / modules[-1])
    for module in modules[:-1]:
        name = module.removesuffix(".py").capitalize()
        text = f"{IMPORT}class {name}Settings(BaseSettings):\n    {name.lower()}: int = 1\n"
        (shop / "settings" / module).write_text(text)
    module = modules[-1].removesuffix(".py")
    (shop / "settings/__init__.py").write_text(f"from settings.{module} import settings\n")


def test_45_in_a_package_the_module_with_the_settings(shop: Shop) -> None:
    split(shop, "auth.py", "main.py")
    before = (shop / "settings/auth.py").read_bytes()
    assert FIELD in added(shop, "settings/main.py")
    assert (shop / "settings/auth.py").read_bytes() == before


def test_45_in_a_package_where_it_is_not_clear(shop: Shop) -> None:
    split(shop, "auth.py", "main.py")
    replace(shop, "settings/main.py", "class Settings(", "class MainSettings(")
    replace(shop, "settings/main.py", "settings = Settings()", "")
    manual(shop, "settings/__init__.py", FIELD)
    assert "redis_url" not in (shop / "settings/auth.py").read_text()


def test_45_a_package_wins_over_a_module_as_it_does_in_python(shop: Shop) -> None:
    old = (shop / "settings.py").read_bytes()
    split(shop, "main.py")
    (shop / "settings.py").write_bytes(old)
    assert FIELD in added(shop, "settings/main.py")
    assert (shop / "settings.py").read_bytes() == old


@pytest.mark.parametrize(
    "body",
    [
        '    """Only words."""\n',
        "    pass\n",
        "    pass  # nothing yet\n    # really\n",
        "    a: int = 1\n    model_config = {'extra': 'ignore'}\n",
        "    a: int = Field(1, alias='A')\n",
        "    @property\n    def a(self) -> int:\n        return 1\n",
    ],
)
def test_46_any_body_of_the_class(shop: Shop, body: str) -> None:
    (shop / "settings.py").write_text(f"{IMPORT}class Settings(BaseSettings):\n{body}")
    assert FIELD in added(shop, "settings.py")
    tree = ast.parse((shop / "settings.py").read_text())
    found = [ast.unparse(each) for each in ast.walk(tree) if isinstance(each, ast.AnnAssign)]
    assert any(each.startswith("redis_url") for each in found)
    unchanged_by_a_second_time(shop)


def test_46_the_variable_has_the_prefix_of_the_class(shop: Shop) -> None:
    replace(
        shop, "settings.py", 'env_file=".env",', 'env_file=".env",\n        env_prefix="SHOP_",'
    )
    (shop / ".env").write_text("SHOP_REDIS_URL=redis://elsewhere\nREDIS_KEY_PREFIX=x\n")
    outcome = shop.add("redis", "--dry-run")
    assert "SHOP_REDIS_URL=redis://localhost:6379/0" in added(shop, ".env.example")
    assert "warning: `.env` sets `SHOP_REDIS_URL`" in outcome.stdout
    assert "REDIS_KEY_PREFIX`;" not in outcome.stdout


def test_46_the_container_gets_the_variable_that_the_class_reads(shop: Shop) -> None:
    options = 'env_prefix="SHOP_",\n        case_sensitive=True,'
    replace(shop, "settings.py", 'env_file=".env",', f'env_file=".env",\n        {options}')
    before = shop.tree()
    assert "SHOP_redis_url: redis://redis:6379/0" in added(shop, "docker-compose.yml")
    assert "SHOP_redis_url=redis://localhost:6379/0" in (shop / ".env.example").read_text()
    assert shop.remove("redis").code == 0
    assert shop.tree() == before


def test_46_a_prefix_that_is_computed(shop: Shop) -> None:
    replace(
        shop, "settings.py", 'env_file=".env",', 'env_file=".env",\n        env_prefix=f"{1}_",'
    )
    assert FIELD in added(shop, "settings.py")


def test_47_a_field_that_is_there_is_kept(shop: Shop) -> None:
    own = '    redis_url: RedisDsn | None = None\n    redis_key_prefix: str = "mine"\n'
    replace(shop, "settings.py", "    # Logging\n", f"{own}    # Logging\n")
    before = (shop / "settings.py").read_bytes()
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert "your type or default of `redis_url`, `redis_key_prefix` is kept" in outcome.stdout
    assert (shop / "settings.py").read_bytes() == before


def test_47_what_is_kept_is_told_where_the_rest_is_added(shop: Shop) -> None:
    replace(shop, "settings.py", "    # Logging\n", '    redis_url: str = "x"\n    # Logging\n')
    outcome = shop.add("redis")
    assert "your type or default of `redis_url` is kept" in outcome.stdout
    assert "redis_key_prefix" in (shop / "settings.py").read_text()


@pytest.mark.parametrize("path", ["settings.py", "wiring.py"])
def test_48_a_syntax_error_is_told_with_its_line(shop: Shop, path: str) -> None:
    (shop / path).write_text("x = 1\ny = = 2\n")
    refused(shop, f"{path}:2: not Python", 3)


def test_48_syntax_newer_than_the_interpreter_is_no_error(shop: Shop) -> None:
    replace(shop, "settings.py", "class Settings", "type Name = str\n\n\nclass Settings")
    assert FIELD in added(shop, "settings.py")


@pytest.mark.parametrize(
    "main",
    [
        "from fastapi import FastAPI\n\napp = FastAPI()\n",
        "from fastapi import FastAPI as F\n\napp: F = F()\nadmin = F()\n",
        "def create_app():\n    def inner():\n        return FastAPI()\n    return inner()\n",
        "class App(Starlette): ...\n",
        "not even ( Python\n",
    ],
)
def test_49_the_application_is_never_edited(shop: Shop, main: str) -> None:
    (shop / "main.py").write_text(main)
    assert shop.add("redis", "metrics").code == 0
    assert (shop / "main.py").read_text() == main


@pytest.mark.parametrize("variable", ["LIFESPANS", "READINESS"])
@pytest.mark.parametrize("form", ["build({})", "[*{}, other]", "{} + others"])
def test_50_what_is_computed_is_left_to_the_user(shop: Shop, variable: str, form: str) -> None:
    text = (shop / "wiring.py").read_text()
    head, _, rest = text.partition(f"{variable}: ")
    rest = rest.partition("\n\n")[2]
    (shop / "wiring.py").write_text(f"{head}{variable} = {form.format('mine')}\n\n{rest}")
    outcome = shop.add("redis")
    assert outcome.code == 5
    assert f"# in {variable}" in outcome.stdout
    wiring = (shop / "wiring.py").read_text()
    assert f"{variable} = {form.format('mine')}\n" in wiring


def test_50_a_lifespan_of_the_users_own_stays_in_its_place(shop: Shop) -> None:
    replace(
        shop, "wiring.py", "    db.database.lifespan,\n", "    mine,\n    db.database.lifespan,\n"
    )
    assert "core.cache.lifespan," in added(shop, "wiring.py")
    assert "[\n    mine,\n    db.database.lifespan,\n" in (shop / "wiring.py").read_text()


IMPORTED = [
    "from core import cache",
    "import core.cache as caching",
    "from core.cache import lifespan, ready",
    "from core.cache import (\n    lifespan,\n    ready as is_ready,\n)",
    "try:\n    import core.cache\nexcept ImportError:\n    raise",
]


@pytest.mark.parametrize("statement", IMPORTED)
def test_51_an_import_that_is_there_is_used(shop: Shop, statement: str) -> None:
    replace(shop, "wiring.py", "import db.database\n", f"import db.database\n{statement}\n")
    came = "".join(added(shop, "wiring.py"))
    assert "import" not in came
    assert "lifespan" in came
    unchanged_by_a_second_time(shop)


@pytest.mark.parametrize(
    "header",
    [
        "if TYPE_CHECKING:\n    import core.cache\n",
        "from core.cache import *\n",
        "from . import cache\n",
    ],
)
def test_51_an_import_that_does_not_count_is_added_to(shop: Shop, header: str) -> None:
    replace(shop, "wiring.py", "\n# Entered", f"\n{header}\n# Entered")
    assert "import core.cache" in added(shop, "wiring.py")


@pytest.mark.parametrize(
    "beginning",
    [
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n",
        '"""Words."""\n\nfrom __future__ import annotations\n',
        "# /// script\n# dependencies = []\n# ///\n",
    ],
)
def test_51_what_a_file_has_to_begin_with_stays_first(shop: Shop, beginning: str) -> None:
    body = (shop / "wiring.py").read_text().partition('"""\n\n')[2]
    (shop / "wiring.py").write_text(beginning + body)
    assert "import core.cache" in added(shop, "wiring.py")
    assert (shop / "wiring.py").read_text().startswith(beginning)
    ast.parse((shop / "wiring.py").read_text())


def test_52_regions_and_pragmas_of_linters_stay(shop: Shop) -> None:
    replace(
        shop,
        "wiring.py",
        "    db.database.lifespan,\n",
        "    db.database.lifespan,  # noqa: E501\n",
    )
    replace(shop, "wiring.py", "READINESS", "# fmt: off\nREADINESS")
    end = '# fmt: on\n\nif __name__ == "__main__":\n    print(LIFESPANS)\n'
    (shop / "wiring.py").write_text((shop / "wiring.py").read_text() + end)
    added(shop, "wiring.py")
    wiring = (shop / "wiring.py").read_text()
    assert "    db.database.lifespan,  # noqa: E501\n" in wiring
    assert wiring.endswith(end)
    assert "core.cache" not in wiring.partition("# fmt: on")[2]
