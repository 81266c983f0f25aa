"""What features are called, one and several."""

import pytest

from paxx.errors import UsageError
from paxx.feature import names


@pytest.mark.parametrize(
    ("module", "one", "many"),
    [
        ("products", "product", "products"),
        ("product", "product", "products"),
        ("categories", "category", "categories"),
        ("addresses", "address", "addresses"),
        ("address", "address", "addresses"),
        ("news", "news", "news"),
        ("people", "person", "people"),
        ("mice", "mouse", "mice"),
        ("children", "child", "children"),
        ("bus", "bus", "buses"),
        ("status", "status", "statuses"),
        ("analyses", "analysis", "analyses"),
        ("order_items", "order_item", "order_items"),
        ("sheep", "sheep", "sheep"),
        ("s", "s", "ss"),
    ],
)
def test_one_and_several_are_told_apart(module: str, one: str, many: str) -> None:
    found = names.parse(module)
    assert (found.module, found.one, found.many) == (module, one, many)


def test_a_name_is_spelled_as_each_place_does() -> None:
    found = names.parse("order_items")
    assert (found.cls, found.table, found.path) == ("OrderItem", "order_items", "/order-items")
    assert found.component == "features.order_items"


@pytest.mark.parametrize("module", ["days", "flags", "keys", "pages", "points", "exceptions"])
def test_a_class_is_not_called_what_the_code_uses(module: str) -> None:
    found = names.parse(module)
    assert (found.cls, found.table) == (f"{found.one.capitalize()}Row", module)
    assert found.schemas[0] == f"{found.cls}Create"


def test_words_that_are_given_count() -> None:
    found = names.parse("staff", "member", "members")
    assert (found.module, found.cls, found.table) == ("staff", "Member", "members")


@pytest.mark.parametrize(
    ("module", "message", "hint"),
    [
        ("class", "it is a keyword of Python", "try `classes`"),
        ("match", "it is a keyword of Python", None),
        ("order", "it is a reserved word of SQL", "try `orders`"),
        ("user", "it is a reserved word of SQL", "try `users`"),
        ("list", "it is a name of Python's own", None),
        ("../x", "it holds a path separator", "try `x`"),
        ("a\\b", "it holds a path separator", None),
        ("Products", "use lower-case letters", "try `products`"),
        ("bücher", "use lower-case letters", "try `bucher`"),
        ("2day", "use lower-case letters", "try `day`"),
        ("日本", "use lower-case letters", "such as `products`"),
        ("", "use lower-case letters", "such as `products`"),
        ("a__b", "single underscores", "try `a_b`"),
        ("items_", "single underscores", "try `items`"),
        ("x" * 41, "it is longer than 40 characters", "choose a shorter one"),
    ],
)
def test_a_name_that_does_not_do_is_refused(module: str, message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        names.parse(module)
    assert message in caught.value.message
    if hint:
        assert hint in (caught.value.hint or "")


def test_given_words_are_looked_at_as_well() -> None:
    with pytest.raises(UsageError, match="`Row` cannot be a feature"):
        names.parse("rows", one="Row")
