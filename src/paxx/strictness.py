"""With `--strict` a command stops before it writes when it would leave something to the user."""

from paxx.changes import Plan
from paxx.errors import PreconditionError


class LeftToUser(PreconditionError):  # noqa: N818 - what happens, not a mistake
    """Edits cannot be made safely; `plan` holds their exact lines and was not applied."""

    def __init__(self, plan: Plan) -> None:
        paths = {step.path for step in (*plan.manual, *plan.conflicts)}
        listed = ", ".join(f"`{path}`" for path in sorted(paths))
        super().__init__(
            f"something would be left to do by hand in {listed}; nothing was written",
            hint="do it first, or do without `--strict`",
        )
        self.plan = plan


def check(plan: Plan) -> None:
    """Raise LeftToUser when a step of the plan would be left to the user."""
    if plan.manual or plan.conflicts:
        raise LeftToUser(plan)
