"""Names of projects."""

import pytest

from paxx import names
from paxx.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "name", "slug"),
    [
        ("shop", "shop", "shop"),
        ("My Shop", "my-shop", "my_shop"),
        ("my_shop.api", "my-shop-api", "my_shop_api"),
        ("Shop2", "shop2", "shop2"),
        ("a" * 40, "a" * 40, "a" * 40),
    ],
)
def test_a_name_becomes_a_distribution_name_and_a_slug(typed: str, name: str, slug: str) -> None:
    assert names.parse(typed) == names.ProjectName(name, slug)


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("", "it has no letters"),
        ("  -- ", "it has no letters"),
        ("a/b", "path separator"),
        ("..\\b", "path separator"),
        ("ѕhор", "only ASCII"),  # noqa: RUF001 - Cyrillic look-alikes
        ("café", "only ASCII"),
        ("日本", "only ASCII"),
        ("shop!", "only ASCII"),
        ("2fast", "begin with a letter"),
        ("a" * 41, "longer than 40"),
        ("class", "keyword of Python"),
        ("match", "keyword of Python"),
        ("json", "standard library"),
        ("email", "standard library"),
        ("fastapi", "dependency"),
        ("pydantic_settings", "dependency"),
        ("core", "module of that name"),
        ("test", "module of that name"),
        ("nul", "Windows"),
    ],
)
def test_a_name_that_breaks_a_rule_is_refused_with_the_rule(typed: str, rule: str) -> None:
    with pytest.raises(UsageError, match=rule) as caught:
        names.parse(typed)
    assert caught.value.code == 2
    assert caught.value.hint


@pytest.mark.parametrize(
    "typed", ["a/b", "café", "shop!", "2fast", "a" * 41, "class", "json", "core", "nul", "日本 x"]
)
def test_the_suggestion_is_a_name_that_does(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        names.parse(typed)
    suggestion = (caught.value.hint or "").split("`")[1]
    assert names.parse(suggestion).name == suggestion
