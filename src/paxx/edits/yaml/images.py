"""Replace the image of a service in a Compose file."""

import re

from ruamel.yaml.nodes import Node, ScalarNode

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits.splice import Splice, apply
from paxx.edits.yaml import document


def replace_image(text: str, match: str, replacement: str) -> Outcome:
    """Replace the one image that matches a regular expression as a whole.

    `replacement` is a format string over the named groups of `match`. An image that it could
    have made counts as replaced.
    """
    root = document.read(text)
    services = document.pairs(document.child(root, "services"))
    images = {name: document.child(service, "image") for name, service in services.items()}
    snippet = "image: " + re.sub(r"\{(\w+)\}", r"<\1>", replacement)
    matching = [
        (name, node, found)
        for name, node in images.items()
        if isinstance(node, ScalarNode) and (found := re.fullmatch(match, node.value))
    ]
    if not matching:
        made = re.sub(r"\\\{\w+\\\}", ".*", re.escape(replacement))
        if any(
            isinstance(node, ScalarNode) and re.fullmatch(made, node.value)
            for node in images.values()
        ):
            return Already()
        return Unable("no service has an image to replace", snippet)
    if len(matching) > 1:
        listed = ", ".join(f"`{name}`" for name, _, _ in matching)
        return Unable(f"several services have such an image: {listed}", snippet)
    name, node, found = matching[0]
    groups = {key: value or "" for key, value in found.groupdict().items()}
    image = replacement.format(**groups)
    edited = apply(text, [_replacement(text, node, image)])
    expected = document.with_value(
        document.plain(root), ("services", name, "image"), (str(node.tag), image)
    )
    if document.result(edited) != expected:
        return Unable(f"the image of `{name}` is written elsewhere", f"image: {image}")
    return Edited(edited)


def _replacement(text: str, node: Node, image: str) -> Splice:
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    written = text[start:end]
    offset = start + max(written.find(node.value), 0)
    return Splice(offset, offset + len(node.value), image)
