"""Replace the image of a service in a Compose file."""

import re
from collections.abc import Sequence

from ruamel.yaml.nodes import Node, ScalarNode

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits.splice import Splice, apply
from paxx.edits.yaml import document


def replace_image(
    text: str, rules: Sequence[tuple[str, str]], hint: str = "", example: str = ""
) -> Outcome:
    """Replace the one image that matches a rule: a regular expression for all of it, and a format.

    The format is over the named groups of the expression; of several rules the first that
    matches counts. An image that is what it would be replaced by, or that a rule could have
    made, counts as replaced. `hint` and an `example` are for the manual step.
    """
    root = document.read(text)
    services = document.pairs(document.child(root, "services"))
    images = {name: document.child(service, "image") for name, service in services.items()}
    found = {
        name: (node, image)
        for name, node in images.items()
        if isinstance(node, ScalarNode) and (image := _replaced(node.value, rules))
    }
    changing = {name: each for name, each in found.items() if each[0].value != each[1]}
    snippet = (f"# {hint}\n" if hint else "") + f"image: {example or name_of(rules[0][1])}"
    if not changing:
        if found or any(_is_made(node, rules) for node in images.values()):
            return Already()
        return Unable("no service has an image to replace", snippet)
    if len(changing) > 1:
        listed = ", ".join(f"`{name}`" for name in changing)
        return Unable(f"several services have such an image: {listed}", snippet)
    [(name, (node, image))] = changing.items()
    edited = apply(text, [_replacement(text, node, image)])
    expected = document.with_value(
        document.plain(root), ("services", name, "image"), (str(node.tag), image)
    )
    if document.result(edited) != expected:
        is_shared = services[name].anchor or node.anchor
        place = "shared with others by an anchor" if is_shared else "written elsewhere"
        return Unable(f"the image of `{name}` is {place}", f"image: {image}")
    return Edited(edited)


def name_of(replacement: str) -> str:
    """Return the name of the image that a format string gives, without its tag."""
    return re.split(r"[:{]", replacement)[0]


def _replaced(image: str, rules: Sequence[tuple[str, str]]) -> str | None:
    for match, replacement in rules:
        if found := re.fullmatch(match, image):
            groups = {key: value or "" for key, value in found.groupdict().items()}
            return replacement.format(**groups)
    return None


def _is_made(node: Node | None, rules: Sequence[tuple[str, str]]) -> bool:
    made = [re.sub(r"\\\{\w+\\\}", ".*", re.escape(replacement)) for _, replacement in rules]
    # A rule that keeps all of an image could have made anything.
    return isinstance(node, ScalarNode) and any(
        re.fullmatch(each, node.value) for each in made if each != ".*"
    )


def _replacement(text: str, node: Node, image: str) -> Splice:
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    written = text[start:end]
    offset = start + max(written.find(node.value), 0)
    return Splice(offset, offset + len(node.value), image)
