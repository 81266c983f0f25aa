"""With `--strict` a command stops before it writes when it would leave something to the user."""

from collections.abc import Iterable

from paxx.changes import Plan, Step
from paxx.errors import PreconditionError


class LeftToUser(PreconditionError):  # noqa: N818 - what happens, not a mistake
    """Edits cannot be made safely; `plan` holds their exact lines and was not applied."""

    def __init__(self, plan: Plan) -> None:
        reasons = []
        if plan.manual:
            reasons.append(f"something would be left to do by hand in {_listed(plan.manual)}")
        if plan.conflicts:
            reasons.append(
                f"your changes and the new version conflict in {_listed(plan.conflicts)}"
            )
        hint = "do it first, or do without `--strict`"
        if plan.conflicts:  # there is nothing to do before they are there
            hint = "without `--strict` conflicts wait for `paxx infra upgrade --continue`"
        super().__init__(f"{'; '.join(reasons)}; nothing was written", hint=hint)
        self.plan = plan


def check(plan: Plan) -> None:
    """Raise LeftToUser when a step of the plan would be left to the user."""
    if plan.manual or plan.conflicts:
        raise LeftToUser(plan)


def _listed(steps: Iterable[Step]) -> str:
    return ", ".join(f"`{path}`" for path in sorted({step.path for step in steps}))
