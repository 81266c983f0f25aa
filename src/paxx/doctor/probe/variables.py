"""What the project's settings make of the environment and of its dotenv files."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paxx.doctor.probe import secrecy, writes

if TYPE_CHECKING:
    from collections.abc import Iterator


def facts() -> "dict[str, Any]":
    """Import the settings; return what is wrong with them and with the dotenv files."""
    failure = _failure()
    try:
        classes = list(_settings_classes())
        files, values, unreadable = _dotenv(classes)
    except ImportError as error:
        return {"failure": secrecy.told(failure or error)}
    known = _learn(classes, {**values, **os.environ})
    return {
        "dotenv": files,
        "unreadable": unreadable,
        "known": sorted(known),
        "unknown": [name for name in values if not _is_known(name, known, classes)],
        **_told(failure, classes),
    }


def _failure() -> "Exception | None":
    try:
        import_module("settings")
    except Exception as error:  # noqa: BLE001 - whatever the project raises
        return error
    return None


def _settings_classes() -> "Iterator[Any]":
    # All that is defined in the project: one may be made of others, each with its variables.
    waiting = import_module("pydantic_settings").BaseSettings.__subclasses__()
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        file = getattr(sys.modules.get(cls.__module__), "__file__", None)
        if file is None or "site-packages" not in Path(file).parts:
            yield cls


def _dotenv(classes: "list[Any]") -> "tuple[list[str], dict[str, str], list[str]]":
    parse = import_module("dotenv.parser").parse_stream
    values: dict[str, str] = {}
    unreadable = []
    files = _dotenv_files(classes)
    for name in files:
        with Path(name).open(encoding="utf-8-sig", errors="replace") as lines:
            for each in parse(lines):
                if each.error or (each.key and each.value is None):
                    unreadable.append(f"{name}:{_line_of(each)}")
                elif each.key:
                    values[each.key] = each.value
    return files, values, unreadable


def _line_of(binding: Any) -> int:
    # It begins with the blank lines in front of it.
    written: str = binding.original.string
    line: int = binding.original.line
    return line + written[: len(written) - len(written.lstrip())].count("\n")


def _dotenv_files(classes: "list[Any]") -> "list[str]":
    found: dict[str, None] = {}
    for cls in classes:
        named = cls.model_config.get("env_file") or ()
        for each in [named] if isinstance(named, (str, os.PathLike)) else named:
            if Path(each).is_file():
                found[os.fspath(each)] = None
    return list(found)


def _learn(classes: "list[Any]", values: "dict[str, str]") -> "set[str]":
    upper = {name.upper(): value for name, value in values.items()}
    known = set()
    for cls in classes:
        for name, field in cls.model_fields.items():
            secrecy.learn(name, str(field.annotation), field.default)
            for variable in names_of(cls, name):
                known.add(variable)
                secrecy.learn(name, str(field.annotation), upper.get(variable.upper(), ""))
    return known


def names_of(cls: Any, name: str) -> "list[str]":
    """Return the variables that a field is read from, as pydantic-settings names them."""
    config = cls.model_config
    prefix, target = config.get("env_prefix") or "", config.get("env_prefix_target") or "variable"
    alias = cls.model_fields[name].validation_alias
    if config.get("validate_by_alias") is False:
        alias = None
    choices = getattr(alias, "choices", [alias] if alias else [])
    aliases = [str(getattr(each, "path", [each])[0]) for each in choices]
    aliases = [f"{prefix}{each}" if target != "variable" else each for each in aliases]
    if aliases and not (config.get("populate_by_name") or config.get("validate_by_name")):
        return aliases
    own = name if target == "alias" else f"{prefix}{name}"
    return [own if config.get("case_sensitive") else own.upper(), *aliases]


def _is_known(name: str, known: "set[str]", classes: "list[Any]") -> bool:
    delimiters = {cls.model_config.get("env_nested_delimiter") or "" for cls in classes} - {""}
    upper = {each.upper() for each in known}
    return not upper.isdisjoint({name.upper(), *(name.upper().split(d)[0] for d in delimiters)})


def _told(failure: "Exception | None", classes: "list[Any]") -> "dict[str, Any]":
    if failure is None:
        return {}
    if not hasattr(failure, "errors"):
        return {"failure": secrecy.told(failure), "refused": writes.refusal(failure)}
    return {"invalid": [_invalid(each, classes) for each in failure.errors(include_url=False)]}


def _invalid(error: "dict[str, Any]", classes: "list[Any]") -> "dict[str, Any]":
    name = str(error["loc"][0]) if error["loc"] else ""
    owner = next((cls for cls in classes if name in cls.model_fields), None)
    return {
        "variable": names_of(owner, name)[0] if owner else name,
        "message": secrecy.redacted(error["msg"].removeprefix("Value error, ")),
        "missing": error["type"] == "missing",
    }
