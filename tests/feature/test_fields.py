"""Fields as they are typed: what each means, and what is said of those that do not do."""

import pytest

from paxx.errors import UsageError
from paxx.feature import fields
from paxx.feature.fields import Field


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title:str", Field("title", "str", length=200)),
        ("title:str(80):unique", Field("title", "str", length=80, unique=True)),
        ("title:str:length=80:index", Field("title", "str", length=80, index=True)),
        ("body:text:optional", Field("body", "text", length=10_000, optional=True)),
        ("stock:int:default=-3", Field("stock", "int", default="-3")),
        ("views:bigint:default=4294967296", Field("views", "bigint", default="4294967296")),
        ("ratio:float:default=1e3", Field("ratio", "float", default="1000.0")),
        ("price:decimal( 10 , 2 )", Field("price", "decimal", digits=10, places=2)),
        (
            "price:decimal(3,2):default=1.5:index",
            Field("price", "decimal", digits=3, places=2, index=True, default='Decimal("1.50")'),
        ),
        ("is_new:bool:default=TRUE", Field("is_new", "bool", default="True")),
        ("day:date:default=2026-02-28", Field("day", "date", default="dt.date(2026, 2, 28)")),
        ("at:datetime", Field("at", "datetime")),
        (
            "key:uuid:default=00000000-0000-0000-0000-000000000001",
            Field("key", "uuid", default='UUID("00000000-0000-0000-0000-000000000001")'),
        ),
        ("data:json:optional", Field("data", "json", optional=True)),
        ("mail:email:unique", Field("mail", "email", unique=True)),
        ("link:url", Field("link", "url")),
        (
            "state:enum(draft|on-sale):default=on-sale",
            Field("state", "enum", values=("draft", "on-sale"), default="ON_SALE"),
        ),
        ("author:ref:authors", Field("author_id", "ref", target="authors")),
        (
            "author_id:ref:authors:set_null:optional",
            Field("author_id", "ref", target="authors", on_delete="set_null", optional=True),
        ),
        ("place:point:index", Field("place", "point", index=True)),
        (
            'note:str:default=see: "a":index',
            Field("note", "str", length=200, index=True, default="'see: \"a\"'"),
        ),
        ("note:str:default=(a:b)", Field("note", "str", length=200, default='"(a:b)"')),
        ("note:str(9):default=:)", Field("note", "str", length=9, default='":)"')),
        ("note:str:default=((a:b", Field("note", "str", length=200, default='"((a:b"')),
        (
            "note:str:default=\u2028\x85\x1c\t\\é\U0001f600",
            Field(
                "note",
                "str",
                length=200,
                default=r'"\u2028\x85\x1c\t\\é\U0001f600"'.replace(r"\U0001f600", "\U0001f600"),
            ),
        ),
        ("ratio:float:default=1e300", Field("ratio", "float", default="1e300")),
        (
            "price:decimal(5,0):default=-2",
            Field("price", "decimal", digits=5, places=0, default="Decimal(-2)"),
        ),
        (
            "price:decimal(9,8):default=-0",
            Field("price", "decimal", digits=9, places=8, default='Decimal("0.00000000")'),
        ),
        (
            "price:decimal(40,1):default=" + "9" * 39,
            Field("price", "decimal", digits=40, places=1, default=f'Decimal("{"9" * 39}.0")'),
        ),
        (
            "price:decimal(2,2):default=.5",
            Field("price", "decimal", digits=2, places=2, default='Decimal("0.50")'),
        ),
    ],
)
def test_a_field_is_read(text: str, expected: Field) -> None:
    assert fields.parse([text]) == (expected,)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("title", "`title` has no type", "title:str"),
        (":str", "cannot be a field", "such as `products`"),
        ("title:string", "no type is called `string`", "did you mean `str`?"),
        ("title:VARCHAR", "no type is called `VARCHAR`", "did you mean `str`?"),
        ("author:references", "no type is called `references`", "did you mean `ref`?"),
        ("title:str:null", "no modifier is called `null`", "did you mean `optional`?"),
        ("title:ref-uuid", "no type is called `ref-uuid`", None),
        ("ref:news", "no type is called `news`", "`news:ref:news`"),
        ("title:tensor", "no type is called `tensor`", "there are `str`, `text`"),
        ("title:int(3)", "`int` takes nothing in parentheses", None),
        ("title:str(0)", "a length is a number from 1", None),
        ("title:str(many)", "a length is a number from 1", None),
        ("title:int:length=3", "`int` has no length", None),
        ("title:str:uniqe", "no modifier is called `uniqe`", "did you mean `unique`?"),
        ("title:str:primary", "no modifier is called `primary`", None),
        ("title:str:cascade", "`cascade` is for references", None),
        ("price:decimal", "a decimal needs its digits", "price:decimal(10,2)"),
        ("price:decimal(2)", "a decimal needs its digits", None),
        ("price:decimal(2,3)", "not more behind the point", None),
        ("price:decimal(1001,3)", "1 to 1000 digits", None),
        ("state:enum", "words of lower-case letters", "draft|published"),
        ("state:enum(A|b)", "words of lower-case letters", None),
        ("state:enum(a-b|a_b)", "a value is there twice", None),
        ("state:enum(a|b):default=c", "`c` is no default for `enum`", "there are `a`, `b`"),
        ("author:ref", "a reference needs the feature", "author:ref:authors"),
        ("author:ref:../x", "a reference needs the feature", None),
        ("author:ref:authors:set_null", "`set_null` needs `optional`", None),
        ("stock:int:default=many", "`many` is no default for `int`", "write a whole number"),
        ("stock:int:default=2147483648", "is no default for `int`", "to 2147483647"),
        (
            "views:bigint:default=9000000000000000001",
            "is no default for `bigint`",
            "to 9000000000000000000",
        ),
        ("ratio:float:default=nan", "is no default for `float`", "finite"),
        ("price:decimal(3,1):default=1.25", "is no default for `decimal`", "1 behind it"),
        ("price:decimal(2,2):default=5", "is no default for `decimal`", "at most 0 digits in"),
        ("price:decimal(5,0):default=1.5", "is no default for `decimal`", "0 behind it"),
        ("price:decimal(5,2):default=", "`` is no default for `decimal`", "write a number"),
        ("price:decimal(5,2):default=-", "`-` is no default for `decimal`", "write a number"),
        ("is_new:bool:default=1", "is no default for `bool`", "`true` or `false`"),
        ("day:date:default=today", "is no default for `date`", None),
        ("title:str(3):default=long", "is no default for `str`", "1 to 3 characters"),
        ("title:str:default=x:unique", "a default that is unique serves once", None),
        ("at:datetime:default=now", "`datetime` cannot have a default", None),
        ("body:text:index", "`text` cannot be indexed", None),
        ("is_new:bool:unique", "`bool` cannot be unique", None),
        ("title:str(601):index", "at most 600 characters", None),
        ("id:int", "`id` cannot be a field: every feature has one", None),
        ("sort:str", "every feature has one, or a filter", None),
        ("metadata:json", "SQLAlchemy's models have it", None),
        ("model_config:json", "pydantic's models have it", None),
        ("copy:bool", "pydantic's models have it", "choose another word"),
        ("class:str", "it is a keyword of Python", None),
        ("int:int", "it is the name of a type", None),
        ("choice:str", "the classes of a feature call something else so", "another word"),
        ("keys:json", "pydantic takes it for something else", None),
        ("self:str", "SQLAlchemy's models have it", None),
        ("l:int", "it looks like a 1", None),
        ("Name:str", "use lower-case letters", "try `name`"),
        ("größe:int", "use lower-case letters", "try `groe`"),
        ("unitPrice:int", "use lower-case letters", "try `unit_price`"),
        ("a__b:int", "single underscores stand between words", "try `a_b`"),
        ("x" * 58 + ":int", "it is longer than 57 characters", "choose a shorter one"),
        ("title:str:unique:unique", "its `unique` is given twice", None),
        ("title:str(80):length=90", "its `length` is given twice", None),
        ("stock:int:default=1:default=2", "its `default` is given twice", None),
        ("a:ref:authors:restrict:cascade", "`restrict` and `cascade` exclude one another", None),
        ("title:str:default=\udcff", "`title:str:default=?` is not UTF-8", "UTF-8"),
    ],
)
def test_a_field_that_does_not_do_is_refused(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        fields.parse([text])
    assert message in caught.value.message
    if hint:
        assert hint in (caught.value.hint or "")


def test_a_field_is_there_once() -> None:
    with pytest.raises(UsageError, match="`a` is there twice"):
        fields.parse(["a:int", "a:str"])


def test_a_reference_and_its_column_are_one_field() -> None:
    with pytest.raises(UsageError, match="`author_id` is there twice"):
        fields.parse(["author:ref:authors", "author_id:int"])


def test_no_field_has_the_name_of_a_filter() -> None:
    with pytest.raises(UsageError, match="`min_price` is also the name of a filter for `price`"):
        fields.parse(["price:int:index", "min_price:int"])
    assert len(fields.parse(["price:int", "min_price:int"])) == 2
