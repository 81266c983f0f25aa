"""Where references lead: the model of another feature, or of the new one itself."""

import difflib
from collections.abc import Iterable

from paxx.errors import PreconditionError, UsageError
from paxx.feature.fields import Field
from paxx.feature.models import Model
from paxx.feature.names import Names


def targets(names: Names, fields: Iterable[Field], models: Iterable[Model]) -> dict[str, Model]:
    """Return the model that each reference leads to, by the name of its field.

    Raises UsageError for a feature that is not there, PreconditionError for one whose model
    cannot be referred to.
    """
    known = tuple(models)
    itself = Model(names.module, names.cls, names.table, "int")
    return {
        field.name: itself if _is_itself(field, names) else _target(field, known)
        for field in fields
        if field.kind == "ref"
    }


def _is_itself(field: Field, names: Names) -> bool:
    if field.target != names.module:
        return False
    if not field.optional:
        raise UsageError(
            f"`{field.name}`: a feature that needs one of its own has no first one",
            hint="add `:optional`",
        )
    return True


def _target(field: Field, models: tuple[Model, ...]) -> Model:
    found = [model for model in models if model.feature == field.target]
    if not found:
        known = sorted({model.feature for model in models})
        near = difflib.get_close_matches(field.target, known, n=1)
        raise UsageError(
            f"`{field.name}`: there is no feature `{field.target}` with a model",
            hint=f"did you mean `{near[0]}`?" if near else "create it first",
        )
    if not found[0].key:
        raise PreconditionError(
            f"`{found[0].name}` has no `id` that is an `int` or a `UUID` to refer to",
            path=f"features/{field.target}/models.py",
            hint="leave the reference out, and write it by hand",
        )
    return found[0]
