"""What both backends take."""

from datetime import timedelta

import pytest

from core._storage.keys import (
    check_content_type,
    check_key,
    check_metadata,
    check_prefix,
    expiry_seconds,
    guessed_content_type,
)


@pytest.mark.parametrize("key", ["a", "a/b.txt", "Grüße/🙂", "..a", "a b", "k" * 255])
def test_a_key_is_split(key: str) -> None:
    assert check_key(key) == key.split("/")


@pytest.mark.parametrize(
    "key",
    [
        "",
        ".",
        "a/..",
        "/a",
        "a/",
        "a//b",
        "\n",
        "\x7f",
        "\\",
        "c:a",
        "\ud800",
        "k" * 256,
        ".storage",
    ],
)
def test_a_key_that_not_every_backend_can_keep_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="the key"):
        check_key(key)


def test_a_key_has_at_most_1024_bytes() -> None:
    longest = "/".join(["k" * 204] * 5)
    assert len(longest) == 1024
    check_key(longest)
    with pytest.raises(ValueError, match="longer than 1024 bytes"):
        check_key(f"{longest}k")


@pytest.mark.parametrize("prefix", ["", "a", "a/", "a/b", ".hid"])
def test_a_prefix_may_end_anywhere(prefix: str) -> None:
    assert check_prefix(prefix) == prefix.split("/")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a.png", "image/png"),
        ("a", "application/octet-stream"),
        ("a.tar.gz", "application/octet-stream"),
        ("data:text/html", "application/octet-stream"),
    ],
)
def test_the_suffix_decides_the_content_type(key: str, expected: str) -> None:
    assert guessed_content_type(key) == expected
    assert check_content_type(key, None) == expected
    assert check_content_type(key, "a/b") == "a/b"


def test_what_does_not_fit_in_a_header_is_refused() -> None:
    with pytest.raises(ValueError, match="content type"):
        check_content_type("a", "a\nb")
    for metadata in ({"A": "b"}, {"a": "ü"}, {"a": ""}, {"a": " b"}, {"a": "b" * 2048}):
        with pytest.raises(ValueError, match="metadata"):
            check_metadata(metadata)
    assert check_metadata({"a-1": "b c"}) == {"a-1": "b c"}


def test_an_expiry_is_between_a_second_and_seven_days() -> None:
    assert expiry_seconds(timedelta(minutes=2)) == 120
    for expires in (0, timedelta(days=8)):
        with pytest.raises(ValueError, match="seven days"):
            expiry_seconds(expires)
