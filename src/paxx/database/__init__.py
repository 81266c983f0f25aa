"""The database of a project: its migrations, through Alembic in the project's own environment."""
