"""Read a Python module of a project to look at it; what edits it is in `paxx.edits`."""

import ast
import warnings

from paxx.documents import parser_limits
from paxx.errors import FileSyntaxError


def parse(raw: bytes, path: str) -> ast.Module:
    """Return the module; raises FileSyntaxError."""
    try:
        with warnings.catch_warnings(), parser_limits(path):
            warnings.simplefilter("ignore")
            return ast.parse(raw)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise FileSyntaxError(f"not Python: {error}", path=path, line=line) from error
