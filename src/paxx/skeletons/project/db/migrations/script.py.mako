"""${message}

Revision: ${up_revision}
Follows: ${comma(down_revision) if down_revision else "nothing"}
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
## Alembic writes JSONB with a bare `Text()`.
% if "astext_type=Text()" in f"{upgrades or str()}{downgrades or str()}":
from sqlalchemy import Text
% endif
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: str | Sequence[str] | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}


def upgrade() -> None:
    """Apply."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take back."""
    ${downgrades if downgrades else "pass"}
