"""The format of `component.toml`."""

from pathlib import Path

import pytest

from paxx import catalog, manifest
from paxx.errors import PaxxError, UsageError

VALID = 'name = "mail"\nversion = "1.0"\nsummary = "Mail"\n'


def test_only_name_version_and_summary_are_needed() -> None:
    assert manifest.parse(VALID, "component.toml").requires == ()


def test_an_unknown_key_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(PaxxError, match="unknown field `require`") as caught:
        manifest.parse(VALID + 'require = ["redis"]\n', "mail/component.toml")
    assert caught.value.hint == "did you mean `requires`?"
    assert str(caught.value).startswith("mail/component.toml: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "not TOML"),
        (VALID + "qqqqqqqq = 1\n", "unknown field"),
        ('name = "mail"\n', "missing required field"),
        (VALID + "requires = 3\n", "Expected `array`"),
        (VALID.replace("1.0", "one"), "matching regex"),
        (VALID + '[changelog]\nfirst = "Mail"\n', "matching regex"),
        (VALID + '[[compose.images]]\nmatch = "("\nreplace = "x"\n', "not a regular expression"),
        (VALID + '[[compose.images]]\nmatch = "x"\nreplace = "{y}"\n', "may name groups"),
        (VALID + '[[wiring]]\nlist = "ROUTES"\nitem = "a.b"\n', "Invalid enum value"),
    ],
)
def test_a_wrong_manifest_is_refused(text: str, message: str) -> None:
    with pytest.raises(PaxxError, match=message):
        manifest.parse(text, "component.toml")


def test_the_folder_and_the_name_agree(tmp_path: Path) -> None:
    (tmp_path / "post").mkdir()
    (tmp_path / "post" / "component.toml").write_text(VALID)
    with pytest.raises(PaxxError, match="name is `mail`, the folder `post`"):
        catalog.load("post", tmp_path)


@pytest.mark.usefixtures("sample_catalog")
@pytest.mark.parametrize(
    ("typed", "hint"),
    [("cach", "did you mean `cache`?"), ("Queue", "did you mean `queue`?")],
)
def test_an_unknown_component_suggests_the_nearest(typed: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"no component is called `{typed}`") as caught:
        catalog.load(typed)
    assert caught.value.hint == hint


@pytest.mark.usefixtures("sample_catalog")
def test_an_unknown_component_far_from_all_lists_them() -> None:
    with pytest.raises(UsageError) as caught:
        catalog.load("zzzzz")
    assert caught.value.hint == "known components: `cache`, `geo`, `live`, `queue`"


@pytest.mark.usefixtures("sample_catalog")
def test_requirements_are_followed() -> None:
    queue = catalog.load("queue")
    assert [each.name for each in catalog.missing_requirements([queue], ())] == ["cache"]
    assert catalog.missing_requirements([queue], ["cache"]) == ()


@pytest.mark.usefixtures("sample_catalog")
def test_components_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(UsageError, match="`geo` cannot be combined with `nothing-of-that-name`"):
        catalog.check_conflicts([catalog.load("geo")], ["nothing-of-that-name"])
    catalog.check_conflicts([catalog.load("geo")], ["cache"])


def test_the_changelog_tells_what_is_new_since_a_version() -> None:
    text = VALID + '[changelog]\n"10.0" = "Faster"\n"9.1" = "Smaller"\n"9.0" = "Mail"\n'
    component = catalog.Component(Path("mail"), manifest.parse(text, "component.toml"))
    assert list(catalog.changes_since(component, "9.0")) == ["10.0", "9.1"]
    assert catalog.changes_since(component, "10.0") == {}
    assert catalog.changes_since(component, "11") == {}
