"""The environment variables of settings, by the rule of pydantic-settings."""

import pytest

from paxx.edits import python
from paxx.edits.inspected import Variables

HEAD = """\
from typing import Annotated, ClassVar, Final

import pydantic
from pydantic import AliasChoices, AliasGenerator, AliasPath, ConfigDict, Field
from pydantic.alias_generators import to_camel, to_pascal, to_snake
from pydantic_settings import BaseSettings, SettingsConfigDict

from elsewhere import ANYTHING, Far

"""


def variables(body: str, *settings: str) -> Variables:
    """Return the variables of settings of a module."""
    return python.settings_variables(HEAD + body, settings or ("redis_url",))


def config(expression: str, above: str = "") -> str:
    """Return a module with a Settings class that has this configuration."""
    return f"{above}\nclass Settings(BaseSettings):\n    model_config = {expression}\n"


COMPLETE = """\
COMMON = dict(
    env_prefix='A_', case_sensitive=False, alias_generator=None, validate_by_alias=True,
)
"""

KNOWN = {
    "none": ("class Settings(BaseSettings):\n    pass\n", "REDIS_URL"),
    "literal": (config("SettingsConfigDict(env_prefix='A_')"), "A_REDIS_URL"),
    "mapping": (config("{'env_prefix': 'A_'}"), "A_REDIS_URL"),
    "unset": (config("SettingsConfigDict(env_prefix=None)"), "REDIS_URL"),
    "annotated": (
        "class Settings(BaseSettings):\n"
        "    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_prefix='A_')\n",
        "A_REDIS_URL",
    ),
    "name": (config("COMMON", "COMMON = SettingsConfigDict(env_prefix='A_')"), "A_REDIS_URL"),
    "annotated-name": (
        config("COMMON", "COMMON: Final = dict(env_prefix='A_')"),
        "A_REDIS_URL",
    ),
    "name-of-a-name": (
        config("COMMON", "COMMON = BASE\nBASE = {'env_prefix': 'A_'}"),
        "A_REDIS_URL",
    ),
    "keywords-of-a-name": (
        config("SettingsConfigDict(**COMMON, extra='ignore')", "COMMON = {'env_prefix': 'A_'}"),
        "A_REDIS_URL",
    ),
    "later-keyword": (
        config("SettingsConfigDict(**ANYTHING, **COMMON)", COMPLETE),
        "A_REDIS_URL",
    ),
    "spread": (config("{**COMMON, 'extra': 'x'}", "COMMON = {'env_prefix': 'A_'}"), "A_REDIS_URL"),
    "union": (
        config("COMMON | {'env_prefix': 'B_'}", "COMMON = {'env_prefix': 'A_'}"),
        "B_REDIS_URL",
    ),
    "copy": (config("COMMON.copy()", "COMMON = {'env_prefix': 'A_'}"), "A_REDIS_URL"),
    "prefix-by-name": (
        config("SettingsConfigDict(env_prefix=PREFIX)", "PREFIX = 'A_'"),
        "A_REDIS_URL",
    ),
    "prefix-put-together": (
        config("SettingsConfigDict(env_prefix=f'{NAME}_{1}' + 'B_')", "NAME = 'A'"),
        "A_1B_REDIS_URL",
    ),
    "argument-by-position": (config("SettingsConfigDict({'env_prefix': 'A_'})"), "A_REDIS_URL"),
    "attribute-of-another-class": (
        "class Meta:\n    env_prefix = 'B_'\n" + config("{'title': Meta.env_prefix}"),
        "REDIS_URL",
    ),
    "plain-base": (
        "class Plain:\n    x = 1\n\nclass Settings(Plain, BaseSettings): ...\n",
        "REDIS_URL",
    ),
    "keyword-of-the-class": (
        "class Settings(BaseSettings, env_prefix='A_'):\n    model_config = {'env_prefix': 'B_'}\n",
        "A_REDIS_URL",
    ),
    "nested-class": (
        "class Settings(BaseSettings):\n    class Meta:\n        env_prefix = 'B_'\n\n"
        "    class Config:\n        '''Doc.'''\n        env_prefix = 'A_'\n",
        "A_REDIS_URL",
    ),
    "base": (
        "class Base(BaseSettings, env_prefix='A_'): ...\nclass Settings(Base): ...\n",
        "A_REDIS_URL",
    ),
    "base-that-is-overridden": (
        "class Base(BaseSettings, env_prefix='A_'): ...\n"
        + config("{'env_prefix': 'B_'}").replace("(BaseSettings)", "(Base)"),
        "B_REDIS_URL",
    ),
    "configuration-of-a-base": (
        "class Base(BaseSettings, env_prefix='A_'): ...\n"
        + config("SettingsConfigDict(**Base.model_config, extra='x')"),
        "A_REDIS_URL",
    ),
    "configuration-of-the-first-base": (
        config("BaseSettings.model_config | SettingsConfigDict(env_prefix='A_')"),
        "A_REDIS_URL",
    ),
    "argument-of-the-call": (
        "class Settings(BaseSettings): ...\n\nsettings = Settings(_env_prefix='A_', app='x')\n",
        "A_REDIS_URL",
    ),
    "entry-in-the-class": (
        config("{'env_prefix': 'B_'}") + "    model_config['env_prefix'] = 'A_'\n",
        "A_REDIS_URL",
    ),
    "update-in-the-class": (
        config("SettingsConfigDict()") + "    model_config.update({}, env_prefix='A_')\n",
        "A_REDIS_URL",
    ),
    "final-class": ("@typing.final\nclass Settings(BaseSettings): ...\n", "REDIS_URL"),
    "call-of-another-class": (
        "class Other(BaseSettings): ...\nclass Settings(BaseSettings): ...\n"
        "other = Other(_env_prefix='B_')\n",
        "REDIS_URL",
    ),
    "class-that-is-instantiated": (
        "class Settings(BaseSettings): ...\n\nclass Shop(Settings):\n"
        "    model_config = {'env_prefix': 'A_'}\n\nsettings = Shop()\n",
        "A_REDIS_URL",
    ),
    "keyword-of-the-class-that-is-instantiated": (
        "class Settings(BaseSettings): ...\nclass Shop(Settings, env_prefix='A_'): ...\n"
        "settings = Shop()\n",
        "A_REDIS_URL",
    ),
    "class-of-the-same-name": (
        "class Settings(BaseSettings, env_prefix='A_'): ...\n"
        "class Settings(Settings):\n    x: int = 1\n",
        "A_REDIS_URL",
    ),
    "case-sensitive": (config("{'case_sensitive': True}"), "redis_url"),
    "not-case-sensitive": (config("{'case_sensitive': False}"), "REDIS_URL"),
    "case-sensitive-by-the-call": (
        "class Settings(BaseSettings): ...\n\nsettings = Settings(_case_sensitive=True)\n",
        "redis_url",
    ),
    "camel": (config("{'alias_generator': to_camel, 'env_prefix': 'A_'}"), "REDISURL"),
    "camel-case-sensitive": (
        config("{'alias_generator': to_camel, 'case_sensitive': True}"),
        "redisUrl",
    ),
    "pascal": (config("{'alias_generator': to_pascal, 'case_sensitive': True}"), "RedisUrl"),
    "snake": (config("{'alias_generator': to_snake}"), "REDIS_URL"),
    "upper": (config("{'alias_generator': str.upper}"), "REDIS_URL"),
    "generator-by-name": (config("{'alias_generator': SHOUT}", "SHOUT = to_camel"), "REDISURL"),
    "generator-of-aliases": (
        config("{'alias_generator': AliasGenerator(alias=to_pascal, validation_alias=to_camel)}"),
        "REDISURL",
    ),
    "generator-of-serialization": (
        config("{'alias_generator': AliasGenerator(serialization_alias=to_camel)}"),
        "REDIS_URL",
    ),
    "generator-beside-names": (
        config("{'alias_generator': to_camel, 'populate_by_name': True, 'env_prefix': 'A_'}"),
        "A_REDIS_URL",
    ),
    "generator-that-is-ignored": (
        config("{'alias_generator': to_camel, 'validate_by_alias': False}"),
        "REDIS_URL",
    ),
    "prefix-of-aliases": (
        config("{'alias_generator': to_camel, 'env_prefix': 'A_', 'env_prefix_target': 'all'}"),
        "A_REDISURL",
    ),
    "no-settings-class": ("class Settings: ...\n", "REDIS_URL"),
    "sources": (
        "class Settings(BaseSettings):\n    @classmethod\n"
        "    def settings_customise_sources(cls, settings_cls, init_settings, env_settings, **_):\n"
        "        return init_settings, env_settings\n",
        "REDIS_URL",
    ),
}


@pytest.mark.parametrize(("body", "name"), KNOWN.values(), ids=KNOWN)
def test_variable_is_the_one_that_the_class_reads(body: str, name: str) -> None:
    found = variables(body)
    assert found.unknown == {}
    assert found.of("redis_url")[0] == name


FIELDS = {
    "alias": ("redis_url: str = Field('x', alias='CACHE_URL')", ("CACHE_URL",)),
    "validation-alias": (
        "redis_url: str = pydantic.Field(alias='A', validation_alias='B')",
        ("B",),
    ),
    "choices": (
        "redis_url: str = Field(validation_alias=AliasChoices('A', AliasPath('C', 0), 'B'))",
        ("A", "B", "C"),
    ),
    "annotated": ("redis_url: Annotated[str, Field(alias='A')] = 'x'", ("A",)),
    "annotated-without-a-default": ("redis_url: Annotated[str, Field(alias='A')]", ("A",)),
    "by-a-name": ("redis_url: str = Field('x', alias=NAME)", ("OWN",)),
    "no-alias": ("redis_url: str = Field('x', description='y')", ("P_REDIS_URL",)),
    "another-field": ("other: str = Field('x', alias='A')", ("P_REDIS_URL",)),
}


@pytest.mark.parametrize(("line", "names"), FIELDS.values(), ids=FIELDS)
def test_field_that_is_there_is_read_by_its_alias(line: str, names: tuple[str, ...]) -> None:
    found = variables(config("{'env_prefix': 'P_'}", "NAME = 'OWN'") + f"    {line}\n")
    assert (found.of("redis_url"), found.unknown) == (names, {})


DOUBLED = "".join(f"A{n + 1} = A{n} + A{n}\n" for n in range(40))
PREFIX = "`env_prefix` of `Settings` is not a constant of its module"
CONFIG = "`model_config` of `Settings` is not all in its module"
UNKNOWN = {
    "imported": (config("ANYTHING"), CONFIG),
    "imported-wins": (config("{'env_prefix': 'A_', **ANYTHING}"), CONFIG),
    "imported-beside": (
        config("SettingsConfigDict(**ANYTHING, env_prefix='A_', case_sensitive=False)"),
        CONFIG,
    ),
    "imported-prefix": (config("{'env_prefix': ANYTHING}"), PREFIX),
    "called": (config("make()", "def make():\n    return {'env_prefix': 'A_'}\n"), CONFIG),
    "computed": (config("{'env_prefix': 'A_' if ANYTHING else ''}"), PREFIX),
    "formatted": (config("{'env_prefix': f'{1:02}'}"), PREFIX),
    "put-together": (config("{'env_prefix': f'{ANYTHING}_'}"), PREFIX),
    "added-number": (config("{'env_prefix': 'A' + 1}"), PREFIX),
    "method-of-an-import": (config("{'env_prefix': ANYTHING.upper()}"), PREFIX),
    "method-of-a-text": (config("{'env_prefix': 'A'.replace('B')}"), PREFIX),
    "bound-by-a-loop": (
        config("{'env_prefix': P}", "P = 'A_'\nfor P in ['B_']:\n    pass\n"),
        PREFIX,
    ),
    "imported-in-a-branch": (
        config("{'env_prefix': P}", "P = 'A_'\nif ANYTHING:\n    from far import P\n"),
        PREFIX,
    ),
    "bound-by-an-exception": (
        config("{'env_prefix': P}", "P = 'A_'\ntry:\n    f()\nexcept KeyError as P:\n    pass\n"),
        PREFIX,
    ),
    "beside-what-is-too-deep": (
        config("{'env_prefix': P}", f"P = 'A_'\nx = {'(' * 300}1{')' * 300}\n"),
        PREFIX,
    ),
    "too-deep": (config(f"{'(' * 300}ANYTHING{')' * 300}"), CONFIG),
    "doubled": (
        config("{'env_prefix': A40}", "A0 = 'A_'\n" + DOUBLED),
        PREFIX,
    ),
    "twice-its-own": (
        config("SettingsConfigDict({**Settings.model_config, **Settings.model_config})"),
        CONFIG,
    ),
    "bound-twice": (config("COMMON", "COMMON = {}\nCOMMON = {'env_prefix': 'A_'}"), CONFIG),
    "bound-in-a-branch": (config("COMMON", "if ANYTHING:\n    COMMON = {}"), CONFIG),
    "changed": (config("COMMON", "COMMON = {}\nCOMMON['env_prefix'] = 'A_'"), CONFIG),
    "updated": (config("COMMON", "COMMON = {}\nCOMMON.update(env_prefix='A_')"), CONFIG),
    "circle-of-the-class": (config("SettingsConfigDict(**Settings.model_config)"), CONFIG),
    "circle": (config("COMMON", "COMMON = {**COMMON}"), CONFIG),
    "changed-afterwards": (config("{}") + "Settings.model_config['env_prefix'] = 'A_'\n", CONFIG),
    "in-a-branch": (
        "class Settings(BaseSettings):\n    if ANYTHING:\n        model_config = {}\n",
        CONFIG,
    ),
    "declared-alone": ("class Settings(BaseSettings):\n    model_config: dict\n", CONFIG),
    "base-of-another-module": ("class Settings(Far, BaseSettings): ...\n", CONFIG),
    "nested-class-with-a-base": (
        "class Settings(BaseSettings):\n    class Config(Far.Config):\n        extra = 'x'\n",
        CONFIG,
    ),
    "keywords-of-the-class": ("class Settings(BaseSettings, env_prefix=ANYTHING): ...\n", PREFIX),
    "otherwise-in-the-class": (config("{}") + "    model_config.clear()\n", CONFIG),
    "another-entry-in-the-class": (config("{}") + "    model_config[ANYTHING] = 'A_'\n", CONFIG),
    "decorator": ("@ANYTHING\nclass Settings(BaseSettings): ...\n", CONFIG),
    "set-by-name": (config("{}") + "setattr(Settings, 'model_config', {})\n", CONFIG),
    "mapping-of-the-call": (
        "class Settings(BaseSettings): ...\nsettings = Settings(**{'_env_prefix': 'A_'})\n",
        CONFIG,
    ),
    "partial-call": (
        "class Settings(BaseSettings): ...\nmake = partial(Settings, _env_prefix='A_')\n",
        CONFIG,
    ),
    "call-of-the-base": (
        "class Settings(BaseSettings):\n    def __init__(self):\n"
        "        super().__init__(_env_prefix='A_')\n",
        CONFIG,
    ),
    "argument-of-the-call": (
        "class Settings(BaseSettings): ...\n\nsettings = Settings(_env_prefix=ANYTHING)\n",
        PREFIX,
    ),
    "case": (
        config("{'case_sensitive': ANYTHING}"),
        "`case_sensitive` of `Settings` is not a constant of its module",
    ),
    "generator": (
        config("{'alias_generator': ANYTHING}"),
        "`alias_generator` of `Settings` is not a constant of its module",
    ),
    "generator-of-aliases": (
        config("{'alias_generator': AliasGenerator(alias=ANYTHING)}"),
        "`alias_generator` of `Settings` is not a constant of its module",
    ),
    "generator-that-counts": (
        config("{'alias_generator': named}", "def named(field):\n    n = 1\n    return f'{n}'\n"),
        "`alias_generator` of `Settings` is not a constant of its module",
    ),
    "generator-with-arguments": (
        config("{'alias_generator': lambda name, more=1: name}"),
        "`alias_generator` of `Settings` is not a constant of its module",
    ),
    "alias": (
        config("{}") + "    redis_url: str = Field(alias=ANYTHING)\n",
        "the alias of `redis_url` is not a constant of its module",
    ),
    "path": (
        config("{}") + "    redis_url: str = Field(validation_alias=AliasPath('A', 'b'))\n",
        "the alias of `redis_url` is a path into a variable",
    ),
    "sources": (
        "class Settings(BaseSettings):\n    @classmethod\n"
        "    def settings_customise_sources(cls, settings_cls, init_settings, env_settings, **_):\n"
        "        return (init_settings,)\n",
        "`settings_customise_sources` of `Settings` leaves the environment out",
    ),
}


@pytest.mark.parametrize(("body", "reason"), UNKNOWN.values(), ids=UNKNOWN)
def test_variable_that_the_file_does_not_hold_is_unknown(body: str, reason: str) -> None:
    found = variables(body)
    assert (found.names, found.unknown) == ({}, {"redis_url": reason})
    assert found.of("redis_url") == ("REDIS_URL",)


def test_case_counts_only_where_the_class_says_so() -> None:
    assert variables(config("{'case_sensitive': True}")).is_case_sensitive
    assert not variables(config("{}")).is_case_sensitive
    assert not variables("x = 1\n").is_case_sensitive


def test_each_setting_has_its_own_variables() -> None:
    body = config("{'alias_generator': to_snake}") + "    a: int = Field(1, alias='B')\n"
    found = variables(body, "a", "storage_s3_bucket")
    assert found.of("a") == ("B",)
    assert found.of("storage_s3_bucket") == ("STORAGE_S_3_BUCKET",)


MODULES = (
    (".base", "from .far import Far\n\nclass Base(Far, env_prefix='A_'): ...\n"),
    (".far", "from .base import Base\n\nclass Far(Base): ...\n"),
)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("from .base import Base", "A_REDIS_URL"),
        ("from .base import Base as Other, Far as Base", None),
        ("from .elsewhere import Base", None),
    ],
)
def test_base_in_a_module_of_the_same_package_is_read(line: str, name: str | None) -> None:
    body = f"{HEAD}{line}\n\nclass Settings(Base, BaseSettings): ...\n"
    found = python.settings_variables(body, ("redis_url",), MODULES)
    assert found.names == ({"redis_url": (name,)} if name else {})
