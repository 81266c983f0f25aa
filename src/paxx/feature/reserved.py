"""Names that a feature or a field cannot have, and why."""

import builtins
import keyword
import re
import unicodedata

from paxx.errors import UsageError

# Columns and filters that every feature has.
_OWN = {"id", "version", "created_at", "updated_at", "cursor", "limit", "sort"}
# Attributes of pydantic's BaseModel, and of SQLAlchemy's declarative base.
_PYDANTIC = {
    *("construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw"),
    *("schema", "schema_json", "update_forward_refs", "validate"),
}
_SQLALCHEMY = {"metadata", "registry", "self"}
# What the bodies of the classes refer to: a field of that name would hide it from those below.
_ANNOTATIONS = {"bool", "float", "int", "str"}
_CALLED = {"absent", "choice", "dt", "mapped_column"}
# `dict(row)` takes what has `keys` for a mapping; pydantic's plugin for mypy has its own `kwargs`.
_MISTAKEN = {"keys", "kwargs"}
# Reserved key words of PostgreSQL: appendix C of its manual.
SQL = {
    *(
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
    ),
    *("binary", "both", "case", "cast", "check", "collate", "collation", "column", "concurrently"),
    *("constraint", "create", "cross", "current_catalog", "current_date", "current_role"),
    *("current_schema", "current_time", "current_timestamp", "current_user", "default"),
    *("deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for"),
    *("foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in", "initially"),
    *("inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left", "like"),
    *("limit", "localtime", "localtimestamp", "natural", "not", "notnull", "null", "offset", "on"),
    *("only", "or", "order", "outer", "overlaps", "placing", "primary", "references", "returning"),
    *("right", "select", "session_user", "similar", "some", "symmetric", "system_user", "table"),
    *("tablesample", "then", "to", "trailing", "true", "union", "unique", "user", "using"),
    *("variadic", "verbose", "when", "where", "window", "with"),
}


def check_field(name: str, longest: int) -> None:
    """Raise UsageError for a field that cannot have this name."""
    rules = (
        (not re.fullmatch(r"[a-z][a-z0-9_]*", name), "use lower-case letters, digits and `_`"),
        (len(name) > longest, f"it is longer than {longest} characters"),
        (keyword.iskeyword(name), "it is a keyword of Python"),
        ("__" in name or name.endswith("_"), "single underscores stand between words"),
        (name in _OWN, "every feature has one, or a filter of that name"),
        (name in _PYDANTIC or name.startswith("model_"), "pydantic's models have it"),
        (name in _SQLALCHEMY, "SQLAlchemy's models have it"),
        (name in _ANNOTATIONS, "it is the name of a type"),
        (name in _CALLED, "the classes of a feature call something else so"),
        (name in _MISTAKEN, "pydantic takes it for something else"),
        (name == "l", "it looks like a 1"),
    )
    _raise(f"`{name}` cannot be a field", rules, _hint(name, "choose another word", longest))


def check_feature(name: str, longest: int) -> None:
    """Raise UsageError for a feature that cannot have this name."""
    rules = (
        ("/" in name or "\\" in name, "it holds a path separator"),
        (not re.fullmatch(r"[a-z][a-z0-9_]*", name), "use lower-case letters, digits and `_`"),
        (len(name) > longest, f"it is longer than {longest} characters"),
        (keyword.iskeyword(name) or keyword.issoftkeyword(name), "it is a keyword of Python"),
        ("__" in name or name.endswith("_"), "single underscores stand between words"),
        (name in SQL, "it is a reserved word of SQL"),
        (name in dir(builtins), "it is a name of Python's own"),
    )
    otherwise = f"try `{name}{'es' if name.endswith('s') else 's'}`, or another word"
    _raise(f"`{name}` cannot be a feature", rules, _hint(name, otherwise, longest))


def _raise(message: str, rules: tuple[tuple[bool, str], ...], hint: str) -> None:
    for is_broken, rule in rules:
        if is_broken:
            raise UsageError(f"{message}: {rule}", hint=hint)


def _hint(name: str, otherwise: str, longest: int) -> str:
    """Return the nearest name that would do."""
    if len(name) > longest:
        return "choose a shorter one"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    spread = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    words = re.sub(r"\A[0-9_]+", "", re.sub(r"[^a-z0-9]+", "_", spread).strip("_"))
    if not words:
        return "try a name such as `products`"
    return otherwise if words == name else f"try `{words}`"
