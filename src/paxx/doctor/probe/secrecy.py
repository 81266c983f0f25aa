"""Keep passwords out of what is told."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

LONGEST = 300
SHORTEST = 4
"""A shorter secret cannot be told from any other word."""

_secrets: "set[str]" = set()


def learn(name: str, kind: str, value: Any) -> None:
    """Note what of the value of a setting is secret."""
    if not isinstance(value, str):
        value = getattr(value, "get_secret_value", str)()
    own = {value} if "Secret" in kind or re.search(r"password|token|secret", name) else set()
    if re.match(r"[\w+.-]+://", value):
        user, _, password = value.partition("://")[2].rpartition("@")[0].partition(":")
        public = {unquote(user), *re.split(r"\W+", urlsplit(value).path)}
        own |= {password, unquote(password)} - public
    elif "@" in value:  # an address that lacks its scheme
        own.add(value)
    _secrets.update(each for each in own if len(each) >= SHORTEST)


def redacted(text: str) -> str:
    """Return the text without the passwords of URLs and without what is known as secret."""
    text = re.sub(r"(://[^/\s:@]*):\S*@", r"\1:***@", text)
    text = re.sub(r"(?i)([?&][\w-]*(?:password|secret|token|key)=)[^&\s]+", r"\1***", text)
    for secret in sorted(_secrets, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text)
    return text


def told(error: BaseException) -> str:
    """Return an error in one line."""
    lines = str(error).strip().splitlines()
    name = type(error).__name__
    return redacted(f"{name}: {lines[0]}" if lines else name)[:LONGEST]
