"""One and several: the singular and the plural of English nouns, as identifiers need them.

Rules for what is regular and words for what is not. A word that no list has is taken by its
ending; `--singular` and `--plural` are there for those where that is wrong.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SAME = _words("""
    aircraft analytics advice bison css deer dns economics equipment feedback fish furniture goods
    gps hardware headquarters information ios jeans knowledge logistics luggage mathematics means
    merchandise metadata moose money music news os physics pos research rice rss salmon scissors
    series sheep shorts shrimp sms software species staff thanks tls traffic trousers trout weather
""")
"""Words that are one and several at once."""

_IRREGULAR = {
    one: many
    for pair in _words("""
        alumnus/alumni appendix/appendices axis/axes bacterium/bacteria cactus/cacti child/children
        crisis/crises criterion/criteria curriculum/curricula datum/data die/dice ellipsis/ellipses
        emphasis/emphases foot/feet gnosis/gnoses goose/geese man/men matrix/matrices medium/media
        memorandum/memoranda mouse/mice nemesis/nemeses nucleus/nuclei oasis/oases ox/oxen
        person/people phenomenon/phenomena quiz/quizzes radius/radii stimulus/stimuli
        synopsis/synopses thesis/theses tooth/teeth vertex/vertices woman/women ysis/yses
    """)
    for one, _, many in [pair.partition("/")]
}
"""Also at the end of a longer word: `salesman`, `hypothesis`, `analysis`."""

_WHOLE = _words("axis die ox")
"""Those of them that end other words by chance: `box`, `taxes`."""

_REGULAR = _words("""
    abdomen acumen caiman german human mongoose norman olive ottoman pumice regimen roman shaman
    specimen stamen talisman twelve
""")
"""Endings that only look irregular: `human` does not become `humen`."""

_OTHER_PLURALS = {"indices": "index", "schemata": "schema", "persons": "person"}

_IN_F = _words("calf elf half knife leaf life loaf scarf self sheaf shelf thief wife wolf")
"""Endings whose plural is in -ves."""

_IN_O = _words("buffalo cargo domino echo embargo hero mosquito potato tomato torpedo veto volcano")
"""Endings whose plural is in -oes."""

_IN_S = _words("""
    alias asbestos atlas bias canvas chaos christmas cosmos ethos gas iris kudos lens pancreas
    pathos rhinoceros summons trellis
""")
"""Words that are one without a rule; -ss, -us and -is are by rule."""

_IN_I_OR_U = _words("""
    alibi api bikini cpu emoji emu flu gpu gui guru haiku kiwi kpi martini menu mini npu poi rabbi
    roi safari ski sku taxi tsunami tutu uri wiki
""")
"""Endings whose plural looks like a singular in -is or -us."""

_IN_IE = _words("""
    birdie brownie calorie collie cookie cutie genie hippie hoodie movie pixie prairie rookie selfie
    smoothie veggie zombie
""")
_IN_USE = _words("ouse ause")
"""Endings that keep their -e: `movies`, `houses`."""

_CHE_OR_USE = _words("""
    ache avalanche cache cliche creche headache moustache niche psyche quiche toothache
    abuse excuse fuse misuse muse recluse refuse reuse ruse use
""")
"""Words that keep their -e."""

_K_SOUND = _words("epoch monarch patriarch stomach tech")
"""Endings that take -s though they end in -ch."""


def plural(word: str) -> str:
    """Return several of what the word is one of; of `order_item` the last part counts."""
    head, last = _split(word)
    irregular = next((each for each in _IRREGULAR if _is_irregular(last, each)), None)
    if last in _SAME:
        return word
    if irregular is not None:
        return head + last.removesuffix(irregular) + _IRREGULAR[irregular]
    return head + _regular_plural(last)


def singular(word: str) -> str | None:
    """Return one of what the word is several of, None where it is one itself."""
    head, last = _split(word)
    if last in _SAME:
        return word
    if last in _OTHER_PLURALS:
        return head + _OTHER_PLURALS[last]
    if last.endswith(_REGULAR):
        return None
    for one, many in _IRREGULAR.items():
        if last.endswith(many) and _is_irregular(found := last.removesuffix(many) + one, one):
            return head + found
    found_regular = _regular_singular(last)
    return None if found_regular is None else head + found_regular


def _split(word: str) -> tuple[str, str]:
    head, underscore, last = word.rpartition("_")
    return head + underscore, last


def _is_irregular(word: str, ending: str) -> bool:
    return word == ending or (
        word.endswith(ending) and ending not in _WHOLE and not word.endswith(_REGULAR)
    )


def _regular_plural(word: str) -> str:
    if word.endswith("y") and (word[-2:-1] not in {*"aeiou"} or word.endswith("quy")):
        return f"{word[:-1]}ies"
    if word.endswith(_IN_F):
        return f"{word.removesuffix('e')[:-1]}ves"
    hisses = word.endswith(("s", "x", "z", "ch", "sh")) and not word.endswith(_K_SOUND)
    return f"{word}es" if hisses or word.endswith(_IN_O) else f"{word}s"


def _regular_singular(word: str) -> str | None:
    if not word.endswith("s") or len(word) < 3 or word.endswith("ss") or word in _IN_S:
        return None
    one = word[:-1]
    if word.endswith(("us", "is")):
        return one if one.endswith(_IN_I_OR_U) else None
    if word.endswith("ies"):
        return one if len(word) < 5 or one.endswith(_IN_IE) else f"{word[:-3]}y"
    for each in _IN_F if one not in _REGULAR else ():
        if word.endswith(many := _regular_plural(each)):
            return word.removesuffix(many) + each
    return word[:-2] if _has_added_e(word) else one


def _has_added_e(word: str) -> bool:
    """Return whether the plural took -es: `boxes` and `buses`, but not `caches` and `houses`."""
    if word.endswith("uses"):
        return word[:-1] not in _CHE_OR_USE and not word[:-1].endswith(_IN_USE)
    if word.endswith("ches"):
        return word[:-1] not in _CHE_OR_USE
    return word.endswith(
        ("sses", "shes", "xes", "zzes", "tzes", *(f"{e}es" for e in _IN_O + _IN_S))
    )
