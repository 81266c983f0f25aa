"""Plans that a command refuses to apply, because of what they would leave behind."""

from collections.abc import Iterable

from paxx.changes import Plan, Step
from paxx.errors import PreconditionError
from paxx.titles import titles


class PlanRefused(PreconditionError):  # noqa: N818 - what happens, not a mistake
    """The plan was not applied because of the steps in `reasons`."""

    def __init__(self, message: str, hint: str, plan: Plan, reasons: tuple[Step, ...]) -> None:
        super().__init__(f"{message}; nothing was written", hint=hint)
        self.plan = plan
        self.reasons = reasons


class StillUsed(PlanRefused):
    """Code that stays refers to what the plan removes: it would no longer import or run."""

    def __init__(self, plan: Plan) -> None:
        names = titles(sorted({step.component for step in plan.used}))
        message = f"what {names} brought is still used"
        hint = "change or delete this code first, or pass `--force` to proceed anyway"
        using = {step.path for step in plan.used}
        edited = [each for each in plan.manual if each.kind == "file" and each.path in using]
        if edited:
            message += f" by files that were edited since they were created: {_listed(edited)}"
            hint = "delete or revert these files first, or pass `--force` to remove everything else"
        super().__init__(message, hint, plan, plan.used)


class LeftToUser(PlanRefused):
    """Edits cannot be made safely; `plan` holds their exact lines and was not applied."""

    def __init__(self, plan: Plan) -> None:
        reasons = []
        if plan.manual:
            reasons.append(f"manual steps would remain in {_listed(plan.manual)}")
        if plan.conflicts:
            reasons.append(
                f"your changes and the new version conflict in {_listed(plan.conflicts)}"
            )
        hint = "do it first, or do without `--strict`"
        if plan.conflicts:  # there is nothing to do before they are there
            hint = "without `--strict` conflicts wait for `paxx infra upgrade --continue`"
        super().__init__("; ".join(reasons), hint, plan, plan.manual)


def check(plan: Plan, *, strict: bool, force: bool) -> None:
    """Raise StillUsed for code that would break, with `strict` LeftToUser for any manual step."""
    if plan.used and not force:
        raise StillUsed(plan)
    if strict and (plan.manual or plan.conflicts):
        raise LeftToUser(plan)


def _listed(steps: Iterable[Step]) -> str:
    return ", ".join(f"`{path}`" for path in sorted({step.path for step in steps}))
