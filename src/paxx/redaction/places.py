"""Find where in a text the values of secrets stand, by the names and marks around them.

A value is a secret behind a name that says so (`DB_PASSWORD=…`), before the `@` of a URL, in what
grants access by itself, as the default of a variable of such a name, and as the body of a PEM
block. Nothing at all, a reference
such as `${VAR}`, a word that everybody takes for a placeholder, and a password that is the name
of a user beside it, as in a new project, are none.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from paxx.redaction import python_source
from paxx.redaction.words import FLAGS, NAME, is_placeholder, names_in, shortened, users_in

Span = tuple[int, int]

_NAMED = re.compile(rf"{NAME}[\"'\]]{{0,2}}[ \t]*(?P<sign>:=|:(?![-+?])|==?)", FLAGS)
_OPTION = re.compile(
    rf"(?<![\w-])--?[\w-]*?{NAME}(?:[ \t]+|[\"'],[ \t]*[\"'])(?P<value>[^\s\"'-][^\s\"']*)", FLAGS
)
_DEFAULT = re.compile(rf"\$\{{\w*?{NAME}:?[-+=](?P<value>[^{{}}]*)\}}", FLAGS)
_PARAMETER = re.compile(
    rf"[?&][\w.-]*?(?:{NAME}|signature|(?<=[?&])sig)=(?P<value>[^\s&\"'`<>{{][^\s&\"'`<>]*)", FLAGS
)
_BEARER = re.compile(
    r"""(?:(?<=hooks\.slack\.com/services/)|(?<=discord\.com/api/webhooks/)
    |(?<=discordapp\.com/api/webhooks/))[\w/-]+
    |(?<![\w-])(?:gh[opsru]_|github_pat_|glpat-|xox[a-z]-|[rs]k_(?:live|test)_)[\w-]{10,}
    |(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*""",
    re.VERBOSE,
)
_REFERENCE = re.compile(
    r"\$\w+|\$\{\w+(?::?\?[^{}]*)?\}|\$?\{\{[^{}]*\}\}|\$\{\w+:?[-+=](?P<default>[^{}]*)\}"
)
_QUOTED = re.compile(
    r"""[ \t]*(?:"{3}(?P<long>.*?)"{3}|"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:''|[^'])*)')
    (?=[\s,;}\])`'"]|$)""",
    re.VERBOSE | re.DOTALL,
)
_LINE = re.compile(r"[^\r\n]+")
_COMMENT = re.compile(r"[ \t]\#.*")
_PROPERTIES = re.compile(r"[&!]\S*|[|>][\d+-]*")
_OPENERS = {")": "(", "]": "[", "}": "{"}
_URL = re.compile(
    r"""://(?P<user>[^\s/@:'"`<>]*)
    (?::(?!\d{1,5}/)(?P<password>(?:(?!://)[^\s'"`<>])*|(?:(?!://)\S)*))?@""",
    re.VERBOSE,
)
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----(?P<value>.*?)(?:-----END|\Z)", re.DOTALL)


@lru_cache(maxsize=32)  # a file is searched for what to hide, then again to hide it
def of(text: str, path: str = "") -> tuple[Span, ...]:
    """Return where the secrets of a text are; spans may overlap.

    The suffix of `path` tells in which language the text is written.
    """
    users = users_in(text)
    spans = [found.span("value") for found in _PEM.finditer(text)]
    for span in _values(text, path):
        start, end = _without_reference(text, span)
        value = text[start:end]
        if value not in users and not is_placeholder(value):
            spans.append((start, end))
    return tuple(spans)


def _without_reference(text: str, span: Span) -> Span:
    """Return the default of what only refers to a variable, which may be nothing."""
    reference = _REFERENCE.fullmatch(text, *span)
    if reference is None:
        return span
    return reference.span("default") if reference["default"] else (0, 0)


def _values(text: str, path: str) -> Iterator[Span]:
    """Yield the values that stand where secrets do."""
    searched = shortened(text)
    for pattern in (_OPTION, _DEFAULT, _PARAMETER):
        yield from (found.span("value") for found in pattern.finditer(searched))
    yield from (found.span() for found in _BEARER.finditer(text))
    yield from _in_urls(text)
    is_python = path.endswith((".py", ".pyi"))
    if is_python:
        yield from python_source.strings(text)
    end = 0
    for name in names_in(text, _NAMED):
        start = text.rfind("\n", 0, name.start()) + 1
        line = text[start : name.start()]
        if name.start() >= end and (not is_python or line.lstrip().startswith("#")):
            span = _behind(text, name, _indentation(line, name), path)
            end = span[1]
            yield span


def _in_urls(text: str) -> Iterator[Span]:
    for found in _URL.finditer(text):
        scheme = text[max(found.start() - len("https"), 0) : found.start()].lower()
        if scheme.endswith(("http", "https")):  # a token may be either of them
            yield found.span("user")
        elif found["user"] == found["password"]:
            continue
        if found["password"] is not None:
            yield found.span("password")


def _indentation(line: str, name: re.Match[str]) -> int:
    # In YAML the dash of a list indents the keys of an entry, but not the entry itself.
    before = " \t-" if name["sign"] == ":" else " \t"
    return len(line) - len(line.lstrip(before))


def _behind(text: str, name: re.Match[str], indentation: int, path: str) -> Span:
    quoted = _QUOTED.match(text, name.end())
    if quoted:
        return quoted.span(quoted.lastgroup or 0)
    newline = text.find("\n", name.end())
    line = text[name.end() : newline if newline >= 0 else len(text)]
    value = _COMMENT.sub("", line)
    start = name.end() + len(value) - len(value.lstrip())
    end = name.end() + len(_without_closers(value))
    if start < end and path.endswith((".yml", ".yaml")):
        if _PROPERTIES.fullmatch(text, start, end):
            start = end
        end = _end_of_block(text, end, name.end() + len(line) + 1, indentation)
    return start, end


def _without_closers(value: str) -> str:
    """Return the value without what closes something that was opened before it."""
    surplus = {closer: value.count(closer) - value.count(_OPENERS[closer]) for closer in _OPENERS}
    end = len(value)
    while end and (surplus.get(value[end - 1], 0) > 0 or value[end - 1] in " \t\r\"'`,;"):
        end -= 1
        if value[end] in surplus:
            surplus[value[end]] -= 1
    return value[:end]


def _end_of_block(text: str, end: int, start: int, indentation: int) -> int:
    """Return where the lines that are indented deeper end: a value may go on below its name."""
    for line in _LINE.finditer(text, start):
        content = line[0].strip()
        if content and len(line[0]) - len(line[0].lstrip(" \t")) <= indentation:
            break
        if content:
            end = line.end()
    return end
