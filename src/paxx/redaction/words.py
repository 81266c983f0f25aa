"""The words by which a secret is known: names that announce one, and values that are none."""

import re
from collections.abc import Iterator
from functools import lru_cache

NAME = r"""(?:
    passwords? | passwd | passphrase | requirepass | masterauth
    | secrets? | tokens? | credentials? | dsn | connection_?string | authorization
    | (?:api|access|account|private|secret|signing|encryption)[_-]?key\w*+
    | (?:basic|digest)[_-]?auth(?:\.users)?
    | (?<=[_.-])(?:pass|pwd|salt|pepper|(?<!foreign.)(?<!primary.)keys?)
    | (?<![^\W_])(?:jwt|pw)
    | (?:db|database|user|root|admin|mail|smtp|imap|ftp|ssh|ldap|sql|redis)(?:pass|pwd)
    | (?:github|gitlab|gh|gl|git|azure|devops|jira|bitbucket|access|api)[_-]pat
    | (?:stripe|paystack|clerk|openai|api|live|test)[_-]sk
    | (?:auth|api|access|token)[_-]bearer
    | (?-i:(?<=[a-z])(?<!Foreign)(?<!Primary)Key)
    )
    (?:[_-]?v\d++ | [_-](?:hash(?:ed)?|old|new|prev(?:ious)?|current|next|backup|primary|secondary
    |dev|test|staging|prod(?:uction)?|live|base64|b64|enc(?:rypted)?|plain))*
    [\d_]*+"""
"""What the name of a secret ends with, in a text that is `shortened`; for `FLAGS`.

A short word counts where it stands alone or beside one that makes it clear: `compat` ends with
`pat`. What may follow says which secret it is, or in which form; `_URL`, `_FILE` and `_TTL` say
that it is something else.
"""

FLAGS = re.VERBOSE | re.IGNORECASE

_LONG = re.compile(r"\b\w{200}")
_LONG_KEY = re.compile(
    r"((?:api|access|account|private|secret|signing|encryption)[_-]?key)(\w+)(?=\w{16})",
    re.IGNORECASE,
)
_CUE = re.compile(
    "pass|pw|secret|token|credential|dsn|string|auth|key|salt|pepper|jwt|bearer|[_-](?:pat|sk)(?![a-z])"
)
_FOLDED = str.maketrans(
    {
        "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}": "i",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "\N{LATIN SMALL LETTER LONG S}": "s",
    }
)
_PLACEHOLDERS = {"", "postgres", "password", "secret", "change-me", "change_me", "changeme"}
_PLACEHOLDERS |= {"none", "null", "true", "false", "~", "...", "todo", "replace-me", "placeholder"}
_TEMPLATE = re.compile(r"<[^<>]*>|\*+|x{3,}|your[-_ ].*", re.IGNORECASE)
_USER = re.compile(r"(?:user|username|login)[\"'\]]?[ \t]*[:=][ \t]*[\"']?([^\s\"',}]+)", FLAGS)


def shortened(text: str) -> str:
    """Return the text with underscores for what a long name has behind `api_key` and the like.

    Each character keeps its place. Any other text is searched in time that grows with the square
    of such a name.
    """
    if not _LONG.search(text):
        return text
    return _LONG_KEY.sub(lambda found: found[1] + "_" * len(found[2]), text)


def names_in(text: str, name: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield where a pattern that holds NAME matches; it must not go beyond a line.

    The same as `finditer`, several times as fast in a long text that holds few of them.
    """
    searched = shortened(text)
    for start, end in _lines_to_search(text):
        yield from name.finditer(searched, start, end)


@lru_cache(maxsize=1)  # a Python source is searched twice, for names in code and in comments
def _lines_to_search(text: str) -> tuple[tuple[int, int], ...]:
    lines = []
    end = 0
    for cue in _CUE.finditer(lowered(text)):  # far faster than a pattern that ignores case
        if cue.start() >= end:
            start = text.rfind("\n", 0, cue.start()) + 1
            newline = text.find("\n", cue.end())
            end = newline + 1 if newline >= 0 else len(text)
            lines.append((start, end))
    return tuple(lines)


def lowered(text: str) -> str:
    """Return the text in lower case as patterns compare ASCII, each character in its place."""
    return text.translate(_FOLDED).lower()


def users_in(text: str) -> frozenset[str]:
    """Return the names of users: a password that is one of them is for development alone."""
    return frozenset(found[1] for found in _USER.finditer(text))


def is_placeholder(value: str) -> bool:
    """Tell whether the value only holds the place of a secret."""
    word = value.strip()
    return word.lower() in _PLACEHOLDERS or bool(_TEMPLATE.fullmatch(word))
