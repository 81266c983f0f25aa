"""The words by which a secret is known: names that announce one, and values that are none."""

import re

NAME = r"""(?:
    passwords? | passwd | passphrase | requirepass | masterauth
    | secrets? | tokens? | credentials? | dsn | connection_?string | authorization
    | (?:api|access|account|private|secret|signing|encryption)[_-]?key\w*
    | (?<=[_.-])(?:pass|pwd|salt|pepper|keys?)
    | (?-i:(?<=[a-z])Key)
    )[\d_]*"""
"""What the name of a secret ends with; for `re.VERBOSE | re.IGNORECASE`."""

FLAGS = re.VERBOSE | re.IGNORECASE

_PLACEHOLDERS = {"", "postgres", "password", "secret", "change-me", "change_me", "changeme"}
_PLACEHOLDERS |= {"none", "null", "true", "false", "~", "...", "todo", "replace-me", "placeholder"}
_TEMPLATE = re.compile(r"<[^<>]*>|\*+|x{3,}|your[-_ ].*", re.IGNORECASE)
_USER = re.compile(r"(?:user|username|login)[\"'\]]?[ \t]*[:=][ \t]*[\"']?([^\s\"',}]+)", FLAGS)


def users_in(text: str) -> frozenset[str]:
    """Return the names of users: a password that is one of them is for development alone."""
    return frozenset(found[1] for found in _USER.finditer(text))


def is_placeholder(value: str) -> bool:
    """Tell whether the value only holds the place of a secret."""
    word = value.strip()
    return word.lower() in _PLACEHOLDERS or bool(_TEMPLATE.fullmatch(word))
