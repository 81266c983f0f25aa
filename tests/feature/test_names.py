"""What features are called, one and several."""

import pytest

from paxx.errors import UsageError
from paxx.feature import english, names
from tests.harness import Shop


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
        ("s", "s", "ses"),
    ],
)
def test_one_and_several_are_told_apart(module: str, one: str, many: str) -> None:
    found = names.parse(module)
    assert (found.module, found.one, found.many) == (module, one, many)


SPELLINGS = """
    bonus bonus bonuses
    criteria criterion criteria
    boxes box boxes
    leaves leaf leaves
    heroes hero heroes
    photos photo photos
    matrices matrix matrices
    indices index indices
    indexes index indexes
    movies movie movies
    shoes shoe shoes
    media medium media
    data datum data
    series series series
    species species species
    wolves wolf wolves
    gas gas gases
    lens lens lenses
    alias alias aliases
    aliases alias aliases
    caches cache caches
    houses house houses
    cases case cases
    bases base bases
    courses course courses
    responses response responses
    licenses license licenses
    invoices invoice invoices
    quizzes quiz quizzes
    quiz quiz quizzes
    buses bus buses
    men man men
    women woman women
    teeth tooth teeth
    feet foot feet
    knives knife knives
    potatoes potato potatoes
    canvas canvas canvases
    process process processes
    processes process processes
    class_rooms class_room class_rooms
    equipment equipment equipment
    information information information
    archives archive archives
    halves half halves
    menus menu menus
    virus virus viruses
    campus campus campuses
    statuses status statuses
    axes axis axes
    theses thesis theses
    phenomena phenomenon phenomena
    cookies cookie cookies
    zombies zombie zombies
    ties tie ties
    lives life lives
    drives drive drives
    olives olive olives
    moves move moves
    gloves glove gloves
    roofs roof roofs
    chiefs chief chiefs
    tomatoes tomato tomatoes
    videos video videos
    echoes echo echoes
    oxen ox oxen
    geese goose geese
    loss loss losses
    access access accesses
    gps gps gps
    sms sms sms
    settings setting settings
    analytics analytics analytics
    metrics metric metrics
    logs log logs
    glasses glass glasses
    scissors scissors scissors
    trousers trousers trousers
    jeans jeans jeans
    fish fish fish
    deer deer deer
    curricula curriculum curricula
    alumni alumnus alumni
    cacti cactus cacti
    stimuli stimulus stimuli
    appendices appendix appendices
    vertices vertex vertices
    databases database databases
    purchases purchase purchases
    expenses expense expenses
    phases phase phases
    diagnoses diagnosis diagnoses
    crises crisis crises
    taxes tax taxes
    taxis taxi taxis
    skis ski skis
    wishes wish wishes
    churches church churches
    monkeys monkey monkeys
    days day days
    soliloquies soliloquy soliloquies
    countries country countries
    persons person persons
    sales sale sales
    lenses lens lenses
    gases gas gases
    atlases atlas atlases
    pancreases pancreas pancreases
    horses horse horses
    nurses nurse nurses
    roses rose roses
    noses nose noses
    doses dose doses
    releases release releases
    leases lease leases
    vases vase vases
    phrases phrase phrases
    tissues tissue tissues
    statutes statute statutes
    focus focus focuses
    surplus surplus surpluses
    apparatus apparatus apparatuses
    census census censuses
    chorus chorus choruses
    radius radius radii
    radii radius radii
    nuclei nucleus nuclei
    formulas formula formulas
    schemas schema schemas
    schemata schema schemata
    antennas antenna antennas
    agendas agenda agendas
    agenda agenda agendas
    forums forum forums
    memoranda memorandum memoranda
    dice die dice
    goods goods goods
    thanks thanks thanks
    salesmen salesman salesmen
    category category categories
    soliloquy soliloquy soliloquies
    box box boxes
    shelf shelf shelves
    humans human humans
    mongooses mongoose mongooses
    hypotheses hypothesis hypotheses
    twelves twelve twelves
    excuses excuse excuses
    headaches headache headaches
    stomachs stomach stomachs
    beaches beach beaches
    apis api apis
    indices index indices
"""


@pytest.mark.parametrize("spelling", SPELLINGS.split("\n")[1:-1])
def test_words_that_no_rule_covers_are_known(spelling: str) -> None:
    module, one, many = spelling.split()
    assert (found := names.parse(module)).one == one
    assert found.many == many


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


def test_a_word_that_is_both_stays_what_it_is() -> None:
    assert (english.plural("news"), english.singular("news")) == ("news", "news")


@pytest.mark.parametrize(
    ("one", "many"),
    [
        *(("specimen", "specimens"), ("regimen", "regimens"), ("superhuman", "superhumans")),
        *(("kpi", "kpis"), ("cpu", "cpus"), ("uri", "uris"), ("saga", "sagas")),
        *(("pumice", "pumices"), ("woman", "women"), ("salesman", "salesmen")),
    ],
)
def test_a_word_is_no_other_word_that_it_ends_with(one: str, many: str) -> None:
    assert english.plural(one) == many
    assert english.singular(many) == one
    assert english.singular(one) is None


def test_a_mistake_in_a_field_is_found_before_names_are_guessed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(english, "singular", None)  # it would raise a TypeError
    outcome = shop.run("feature", "create", "products", "name:strr", "--no-sync")
    assert (outcome.code, "did you mean `str`?" in outcome.stderr) == (2, True)
