"""Source code, laid out as a formatter would."""

from paxx.feature import layout

LONG = [f"argument_{number}" for number in range(12)]


def test_a_call_that_fits_is_one_line() -> None:
    assert layout.call("f(", ["a", "b=1"], indent=4) == "    f(a, b=1)"


def test_a_call_that_does_not_fit_has_an_argument_a_line() -> None:
    lines = layout.call("function(", LONG, indent=4).splitlines()
    assert lines[0] == "    function("
    assert lines[1:-1] == [f"        {each}," for each in LONG]
    assert lines[-1] == "    )"


def test_brackets_are_closed_on_their_line_where_they_fit() -> None:
    code = "f(\n    a,\n    [\n        1,\n        2,\n    ],\n)\n"
    assert layout.collapsed(code) == "f(a, [1, 2])\n"


def test_brackets_that_do_not_fit_stay_open() -> None:
    code = "f(\n" + "".join(f"    {each},\n" for each in LONG) + ")\n"
    assert layout.collapsed(code) == code


def test_an_expression_over_several_lines_stays() -> None:
    code = "x = [\n    each\n    for each in y\n]\n"
    assert layout.collapsed(code) == code


def test_a_bracket_with_a_comment_stays_open() -> None:
    code = "f(\n    a,  # why\n)\n"
    assert layout.collapsed(code) == code


def test_a_bracket_that_was_not_opened_over_lines_is_left_alone() -> None:
    code = "x = 1\n)\n"
    assert layout.collapsed(code) == code
    assert layout.collapsed(")\n") == ")\n"


def test_what_is_used_is_imported_in_order() -> None:
    symbols = {"Any": "typing", "dt": "datetime as dt", "pytest": "pytest", "flush": "db.conflicts"}
    code = '"""Any text."""\nx: dt.date\npytest.fixture\nflush(y)\n'
    assert layout.imports(code, symbols, ("db",)) == (
        "import datetime as dt\n\nimport pytest\n\nfrom db.conflicts import flush"
    )


def test_a_field_is_not_taken_for_a_function() -> None:
    assert layout.imports("flush: Mapped[int]\nx.flush()\n", {"flush": "db.conflicts"}, ()) == ""


def test_a_long_import_has_a_name_a_line() -> None:
    symbols = {f"Name{number:020}": "module" for number in range(5)}
    code = "\n".join(symbols)
    text = layout.imports(code, symbols, ())
    assert text.splitlines()[0] == "from module import ("
    assert len(text.splitlines()) == 7


def test_a_text_is_no_use_and_no_end_of_a_line() -> None:
    assert layout.imports("x = 'Any'\n", {"Any": "typing"}, ()) == ""
    assert layout.collapsed("x = 'a\u2028b'\n") == "x = 'a\u2028b'\n"


def test_characters_of_east_asia_take_two_columns() -> None:
    assert layout.width("f('日本')") == 9
    assert "\n" in layout.call("f(", ["'" + "日" * 48 + "'"])


def test_a_value_that_does_not_fit_is_put_in_brackets() -> None:
    name = "n" * 80
    assert layout.assigned("x", "1", indent=4) == "    x = 1"
    assert layout.assigned(name, '"y" * 20') == f'{name} = "y" * 20'
    assert layout.assigned(name, '"some text (long)"') == f'{name} = (\n    "some text (long)"\n)'
    assert layout.assigned(name, "dt.date(2026, 1, 31)") == (
        f"{name} = dt.date(\n    2026, 1, 31\n)"
    )
