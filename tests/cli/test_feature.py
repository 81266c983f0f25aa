"""`paxx feature`: created, shown beforehand, repeated, taken out again."""

import ast
import json
import shutil
from pathlib import Path

import pytest

from paxx import catalog
from tests.corpus.snapshots import snapshot
from tests.harness import Run, Shop

FIELDS = ("name:str(80):unique", "price:decimal(10,2):index", "state:enum(draft|on-sale)")
CREATED = [
    "features/products/__init__.py",
    "features/products/errors.py",
    "features/products/models.py",
    "features/products/router.py",
    "features/products/schemas.py",
    "features/products/service.py",
    "tests/features/products/test_products.py",
]
SHARED = [
    "core/etags.py",
    "core/pages.py",
    "core/values.py",
    "db/conflicts.py",
    "db/resource.py",
    "tests/core/test_etags.py",
    "tests/core/test_pages.py",
    "tests/core/test_values.py",
    "tests/db/test_conflicts.py",
]


def test_a_feature_is_created_and_wired(shop: Shop) -> None:
    outcome = shop.run("feature", "create", "products", *FIELDS, "--no-sync")
    assert outcome.code == 0, outcome
    assert "created feature `products` in" in outcome.stdout
    assert "paxx db migrate 'add products'" in outcome.stdout
    for path in (*CREATED, *SHARED):
        assert (shop.root / path).is_file(), path
    wiring = (shop.root / "wiring.py").read_text()
    assert "import features.products.router\n" in wiring
    assert "    features.products.router.router,\n" in wiring
    models = (shop.root / "features/products/models.py").read_text()
    assert "name: Mapped[str] = mapped_column(String(80), unique=True)" in models
    assert 'ON_SALE = "on-sale"' in models


@pytest.mark.parametrize("line_ending", ["\n", "\r\n"])
def test_create_then_remove_leaves_the_tree_as_it_was(shop: Shop, line_ending: str) -> None:
    wiring = shop.root / "wiring.py"
    wiring.write_bytes(wiring.read_text().replace("\n", line_ending).encode())
    before = snapshot(shop.root)
    assert shop.run("feature", "create", "products", *FIELDS, "--no-sync").code == 0
    assert shop.run("feature", "remove", "products", "--no-sync").code == 0
    assert snapshot(shop.root) == before


def test_features_come_and_go_in_any_order(shop: Shop) -> None:
    before = snapshot(shop.root)
    assert shop.run("feature", "create", "b_things", "x:int", "--no-sync").code == 0
    assert shop.run("infra", "add", "redis", "--no-sync").code == 0
    assert shop.run("feature", "create", "a_things", "x:int", "--no-sync").code == 0
    assert shop.run("feature", "remove", "b_things", "--no-sync").code == 0
    assert (shop.root / "core/pages.py").is_file()  # the other feature needs it
    assert shop.run("feature", "remove", "a_things", "--no-sync").code == 0
    assert shop.run("infra", "remove", "redis", "--no-sync").code == 0
    assert snapshot(shop.root) == before


def test_previews_change_nothing(shop: Shop) -> None:
    before = snapshot(shop.root)
    arguments = ("feature", "create", "products", *FIELDS)
    dry = shop.run(*arguments, "--dry-run")
    assert (dry.code, "would create feature `products` in" in dry.stdout) == (0, True)
    assert "+class Product(Resource, Base):" in shop.run(*arguments, "--diff").stdout
    assert shop.run(*arguments, "--check").code == 10
    document = json.loads(shop.run(*arguments, "--dry-run", "--json").stdout)
    paths = [change["path"] for change in document["changes"]]
    assert [path for path in paths if not path.startswith(".paxx/")] == sorted(
        [*CREATED, *SHARED, "wiring.py"]
    )
    assert snapshot(shop.root) == before


def test_a_feature_that_was_changed_stays_where_it_was(shop: Shop) -> None:
    shop.run("feature", "create", "products", *FIELDS, "--no-sync")
    service = shop.root / "features/products/service.py"
    service.write_text(service.read_text() + "\n# mine\n")
    outcome = shop.run("feature", "remove", "products", "--no-sync")
    assert (outcome.code, "  features/products/service.py  line " in outcome.stderr) == (4, True)
    reason = "edited since they were created: `features/products/service.py`; nothing was written"
    assert reason in " ".join(outcome.stderr.split())
    assert "hint: delete or revert these files first, or pass `--force`" in outcome.stderr
    outcome = shop.run("feature", "remove", "products", "--force", "--no-sync")
    assert (outcome.code, service.is_file()) == (5, True)
    assert "service.py` still uses `features.products.models`: line" in outcome.stdout
    assert not (shop.root / "features/products/models.py").exists()
    again = shop.run("feature", "create", "products", *FIELDS, "--no-sync")
    assert (again.code, "is there already, with `service.py`" in again.stderr) == (2, True)
    assert "an earlier feature left them" in " ".join(again.stderr.split())


def test_a_reference_leads_to_the_model_of_the_other_feature(shop: Shop) -> None:
    shop.run("feature", "create", "authors", "name:str", "--no-sync")
    arguments = ("books", "author:ref:authors:cascade", "sequel:ref:books:optional", "--no-sync")
    assert shop.run("feature", "create", *arguments).code == 0
    models = (shop.root / "features/books/models.py").read_text()
    assert "from features.authors.models import Author\n" in models
    assert 'mapped_column(ForeignKey(Author.id, ondelete="CASCADE"))' in models
    assert 'mapped_column(ForeignKey("books.id", ondelete="RESTRICT"))' in models
    refused = shop.run("feature", "remove", "authors", "--no-sync")
    assert (refused.code, "feature `books` needs feature `authors`" in refused.stderr) == (
        4,
        True,
    )
    assert shop.run("feature", "remove", "authors", "--cascade", "--no-sync").code == 0
    assert not (shop.root / "features/books").exists()


def test_a_reference_to_a_model_of_ones_own(shop: Shop) -> None:
    folder = shop.root / "features/shelves"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "models.py").write_text(
        "class Draft:\n    x = 1\n    y: int = 2\n\n\n"
        "class Shelf(Base):\n    __tablename__: str = 'shelf'\n    name: Mapped[str]\n"
        "    id: Mapped[UUID] = mapped_column(primary_key=True)\n"
    )
    outcome = shop.run("feature", "create", "books", "shelf:ref:shelves", "--no-sync")
    assert outcome.code == 0, outcome
    assert "shelf_id: Mapped[UUID] =" in (shop.root / "features/books/models.py").read_text()


def test_migrations_stay_and_are_named(shop: Shop) -> None:
    shop.run("feature", "create", "products", *FIELDS, "--no-sync")
    path = "db/migrations/versions/2026_01_02_0000_add_products.py"
    (shop.root / path).write_text('op.create_table("products")\n')
    (shop.root / "db/migrations/versions/2026_01_01_0000_first.py").write_text("op.x()\n")
    outcome = shop.run("feature", "remove", "products", "--no-sync")
    assert outcome.code == 0
    assert f"`{path}` speaks of `products` and stays" in outcome.stdout + outcome.stderr
    assert "first" not in outcome.stdout
    assert "paxx db migrate 'drop products'" in outcome.stdout
    assert (shop.root / path).is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("products", "name:str", "name:int"), 2, "`name` is there twice"),
        (("products", "id:int"), 2, "`id` cannot be a field"),
        (("products", "a:ref:nowhere"), 2, "there is no feature `nowhere` with a model"),
        (("products", "a:ref:authers"), 2, "did you mean `authors`?"),
        (("products", "a:ref:products"), 2, "add `:optional`"),
        (("products", "a:ref:odd"), 4, "`Odd` has no `id` that is an `int` or a `UUID`"),
        (("products", "place:point"), 4, "`paxx infra add postgis`"),
        (("authors", "name:str"), 2, "feature `authors` already exists"),
        (("odd", "name:str"), 2, "`features/odd/__init__.py` is there already"),
        (("loose", "name:str"), 2, "`features/loose.py` is there already"),
        (("author", "name:str"), 2, "has the table `authors`"),
        (("writers", "name:str", "--singular", "author"), 2, "has a model `Author`"),
        (("metric", "name:str"), 2, "the application has something else at `/metrics`"),
        (("../x", "name:str"), 2, "it holds a path separator"),
        (("a" * 40, f"{'b' * 57}:int:index"), 2, f"`{'b' * 57}` is too long"),
    ],
)
def test_what_does_not_do_is_told(
    shop: Shop, arguments: tuple[str, ...], code: int, message: str
) -> None:
    shop.run("feature", "create", "authors", "name:str", "--no-sync")
    odd = shop.root / "features/odd"
    odd.mkdir()
    (odd / "__init__.py").write_text("")
    (odd / "models.py").write_text("class Odd(Base):\n    __tablename__ = 'odd'\n    x = y = 1\n")
    (shop.root / "features/loose.py").write_text("")
    before = snapshot(shop.root)
    outcome = shop.run("feature", "create", *arguments, "--no-sync")
    assert outcome.code == code, outcome
    assert message in " ".join(outcome.stderr.split())
    assert snapshot(shop.root) == before


def test_models_that_do_not_parse_are_told(shop: Shop) -> None:
    (shop.root / "features/broken").mkdir()
    (shop.root / "features/broken/__init__.py").write_text("")
    (shop.root / "features/broken/models.py").write_text("class X(:\n")
    outcome = shop.run("feature", "create", "products", "name:str", "--no-sync")
    assert outcome.code == 3
    assert "features/broken/models.py:1: not Python" in outcome.stderr


@pytest.mark.parametrize("broken", ["broken", "products"])
def test_a_feature_goes_though_some_models_do_not_parse(shop: Shop, broken: str) -> None:
    shop.run("feature", "create", "products", "name:str", "--no-sync")
    (shop.root / f"features/{broken}").mkdir(exist_ok=True)
    (shop.root / f"features/{broken}/__init__.py").touch()
    (shop.root / f"features/{broken}/models.py").write_text("class X(:\n")
    outcome = shop.run("feature", "remove", "products", "--no-sync")
    assert outcome.code == (0 if broken == "broken" else 5), outcome
    assert not (shop.root / "features/products/service.py").exists()


def test_a_default_may_hold_any_character(shop: Shop) -> None:
    text = "(a:b)\u2028\x85\x0b My Decimal Page"
    outcome = shop.run("feature", "create", "notes", f"x:str:default={text}", "--no-sync")
    assert outcome.code == 0, outcome
    for stem in ("models", "schemas"):
        source = (shop.root / f"features/notes/{stem}.py").read_text()
        values = [n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant)]
        assert text in values
        assert "import Decimal" not in source
    assert shop.run("feature", "remove", "notes", "--no-sync").code == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("product", "did you mean `products`?"),
        ("zebra", "created features: `products`"),
        ("mine", "`features/mine` was not created by paxx"),
    ],
)
def test_what_cannot_be_removed_is_told(shop: Shop, name: str, message: str) -> None:
    shop.run("feature", "create", "products", "name:str", "--no-sync")
    (shop.root / "features/mine").mkdir()
    (shop.root / "features/mine/__init__.py").write_text("")
    outcome = shop.run("feature", "remove", name, "--no-sync")
    assert (outcome.code, message in outcome.stderr) == (2, True)


def test_nothing_is_created_yet(shop: Shop) -> None:
    outcome = shop.run("feature", "remove", "zebra", "--no-sync")
    assert (outcome.code, "created features: none" in outcome.stderr) == (2, True)


def test_a_feature_of_two_hundred_fields(shop: Shop) -> None:
    fields = [f"field_{number}:int" for number in range(200)]
    assert shop.run("feature", "create", "wides", *fields, "--no-sync").code == 0
    schemas = (shop.root / "features/wides/schemas.py").read_text()
    assert schemas.count("field_199: ") == 3


def test_a_feature_without_fields(shop: Shop) -> None:
    outcome = shop.run("feature", "create", "marks", "--no-sync")
    assert outcome.code == 0
    assert "create it with fields such as `name:str`" in " ".join(outcome.stdout.split())
    tests = (shop.root / "tests/features/marks/test_marks.py").read_text()
    assert "return {} | fields" in tests


def test_a_created_feature_is_part_of_the_status(shop: Shop) -> None:
    shop.run("feature", "create", "products", "name:str", "--no-sync")
    status = shop.run("status")
    assert (status.code, "feature products" in status.stdout) == (0, True)


def test_outside_a_project(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("feature", "create", "products", "name:str").code == 3


def test_each_type_has_its_column_and_its_types(shop: Shop) -> None:
    shop.run("infra", "add", "postgis", "--no-sync")
    (shop.root / "features/bare").mkdir()
    (shop.root / "features/bare/__init__.py").write_text("")  # a feature without models
    fields = (
        *("title:str:default=new", "body:text:optional", "stock:int:default=0:index"),
        *(
            "ratio:decimal(3,3):default=0.5",
            "whole:decimal(4,0)",
            "state:enum(a|b):default=b:index",
        ),
        *("place:point:index", "boss:ref:places:optional:set_null:unique", "code:str(1)"),
        *("create:str", "a_very_long_name_that_is_hardly_used:text", "at:datetime:optional"),
    )
    assert shop.run("feature", "create", "places", *fields, "--no-sync").code == 0
    folder = shop.root / "features/places"
    models, schemas = ((folder / f"{each}.py").read_text() for each in ("models", "schemas"))
    tests = (shop.root / "tests/features/places/test_places.py").read_text()
    for line in (
        '    title: Mapped[str] = mapped_column(String(200), default="new")',
        "    body: Mapped[str | None] = mapped_column(Text)",
        "    stock: Mapped[int] = mapped_column(default=0)",
        '    ratio: Mapped[Decimal] = mapped_column(Numeric(3, 3), default=Decimal("0.500"))',
        'mapped_column(choice(PlaceState, "state"), default=PlaceState.B)',
        'mapped_column(Geography(geometry_type="POINT", srid=4326), index=True)',
        '        ForeignKey("places.id", ondelete="SET NULL"),',
        '    __table_args__ = (Index(None, "stock", "id"), Index(None, "state", "id"))',
    ):
        assert line in models, line
    for line in (
        '    title: PlaceTitle = "new"',
        "    state: PlaceState = PlaceState.B",
        "PlaceCreateValue = Annotated[str, ",
        "    create: PlaceCreateValue = Field(default_factory=absent)",
        "    at: dt.datetime | None",
        "    min_stock: QueryInt32 | None = None",
    ):
        assert line in schemas, line
    for line in (
        '            "ratio": f"0.{number}00",',
        '            "whole": str(number),',
        '            "code": str(number),',
        '            "state": ["a", "b"][number % 2],',
        '            "boss_id": None,',
    ):
        assert line in tests, line


def test_features_are_listed_with_tables_and_routes(shop: Shop) -> None:
    shop.run("feature", "create", "products", "name:str", "--no-sync")
    shop.run("feature", "create", "authors", "name:str", "--no-sync")
    service = shop.root / "features/authors/service.py"
    service.write_text(service.read_text() + "\n# mine\n")
    folder = shop.root / "features/mine"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "router.py").write_text(
        "router = APIRouter()\nother = make()\nprefix = 'x'\n\n@cached\n@router.get('/a')\n"
        "def a(): ...\n\n@router.get\n@router.get()\n@router.get(PATH)\n@unknown.get('/b')\n"
        "@router.websocket('/w')\n@call()\nasync def b(): ...\n"
    )
    (shop.root / "main.py").write_text("import features.mine.router\n")
    (shop.root / "features/empty").mkdir()
    (shop.root / "features/empty/__init__.py").write_text("")
    assert shop.run("feature", "list").stdout.splitlines() == [
        "authors (modified): table authors",
        *("  POST      /authors", "  GET       /authors", "  GET       /authors/{author_id}"),
        *("  PATCH     /authors/{author_id}", "  DELETE    /authors/{author_id}"),
        "empty (own)",
        "mine (own)",
        *("  GET       /a", "  WEBSOCKET /w"),
        "products (created): table products",
        *("  POST      /products", "  GET       /products", "  GET       /products/{product_id}"),
        *("  PATCH     /products/{product_id}", "  DELETE    /products/{product_id}"),
    ]
    document = json.loads(shop.run("feature", "list", "--json").stdout)
    assert [each["name"] for each in document["features"]] == [
        *("authors", "empty", "mine", "products")
    ]


def test_list_shows_no_routes_of_a_feature_that_the_application_lacks(shop: Shop) -> None:
    """`git stash` reverts `wiring.py` and leaves the new, untracked package."""
    wiring = (shop / "wiring.py").read_text()
    assert shop.run("feature", "create", "customers", "name:str", "--no-sync").code == 0
    (shop / "wiring.py").write_text(wiring)
    assert shop.run("feature", "list").stdout.splitlines() == [
        "customers (created): table customers",
        "  not mounted: `ROUTERS` in `wiring.py` lacks its router:"
        " `paxx feature add customers` adds it",
    ]
    [listed] = shop.run("feature", "list", "--json").json["features"]
    assert (listed["mounted"], listed["routes"]) == (False, [])
    assert shop.run("feature", "add", "customers", "--no-sync").code == 0
    [listed] = shop.run("feature", "list", "--json").json["features"]
    assert listed["mounted"]
    assert len(listed["routes"]) == 5


def test_list_skips_a_folder_in_which_only_caches_are_left(shop: Shop) -> None:
    """`git stash --include-untracked` and `git checkout` leave ignored files."""
    caches = shop / "features/customers/__pycache__"
    caches.mkdir(parents=True)
    (caches / "router.cpython-313.pyc").write_bytes(b"")
    assert shop.run("feature", "list", "--json").json["features"] == []


def test_there_is_no_feature_to_list(shop: Shop) -> None:
    assert "no features in" in shop.run("feature", "list").stdout


def test_a_list_outside_a_project_is_a_document_as_well(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("feature", "list", "--json").stdout)["features"] == []


def test_what_features_share_is_upgraded_with_paxx(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.run("feature", "create", "products", "name:str", "--no-sync")
    folder = tmp_path / "features"
    shutil.copytree(catalog.FEATURES, folder)
    manifest, pages = folder / "crud/component.toml", folder / "crud/files/core/pages.py"
    manifest.write_text(manifest.read_text().replace('version = "1.1"', 'version = "1.2"'))
    pages.write_text(pages.read_text().replace("SIGNATURE = 16", "SIGNATURE = 24"))
    monkeypatch.setattr(catalog, "FEATURES", folder)
    own = shop.root / "core/pages.py"
    own.write_text(own.read_text() + "\n\nMINE = 1\n")
    assert (
        "newer: the code that features share 1.2: `paxx infra upgrade --all`"
        in shop.run("status").stdout
    )
    assert shop.run("infra", "upgrade", "--all", "--no-sync").code == 0
    merged = own.read_text()
    assert "SIGNATURE = 24" in merged
    assert "MINE = 1" in merged


def test_what_is_gone_of_a_feature_is_put_back(shop: Shop) -> None:
    shop.run("feature", "create", "products", "name:str", "--no-sync")
    before = snapshot(shop.root)
    (shop.root / "features/products/errors.py").unlink()
    (shop.root / "core/pages.py").unlink()
    status = " ".join(shop.run("status").stdout.split())
    command = "`paxx feature add products` restores it"
    assert f"missing: `features/products/errors.py` of feature products: {command}" in status
    assert f"missing: `core/pages.py` of the code that features share: {command}" in status
    assert shop.run("feature", "add", "products", "--no-sync").code == 0
    assert snapshot(shop.root) == before


def test_shared_code_without_a_feature_has_no_command_that_restores_it(shop: Shop) -> None:
    shop.run("feature", "create", "products", "name:str", "--no-sync")
    (shop.root / ".paxx/components/features.products.json").unlink()
    (shop.root / "core/pages.py").unlink()
    assert "of the code that features share\n" in shop.run("status").stdout


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_features_are_no_components_of_infra(shop: Shop, verb: str) -> None:
    shop.run("feature", "create", "products", "name:str", "--no-sync")
    outcome = shop.run("infra", verb, "features.products", "--no-sync")
    assert outcome.code == 2
    assert outcome.stderr.splitlines() == [
        "error: `products` is a feature",
        f"hint: run `paxx feature {verb} products`",
    ]
    outcome = shop.run("infra", verb, "crud", "--no-sync")
    assert (outcome.code, "it comes with the first feature" in outcome.stderr) == (2, True)


def test_a_feature_may_be_called_what_its_code_calls_something_else(shop: Shop) -> None:
    assert shop.run("feature", "create", "files", "name:str", "--no-sync").code == 0
    assert "FileRowNotFoundError" in (shop.root / "features/files/errors.py").read_text()
    assert shop.run("feature", "create", "sessions", "name:str", "--no-sync").code == 0
    service = (shop.root / "features/sessions/service.py").read_text()
    assert "session_row = await session.get(Session, session_id)" in service
