"""Scripts that the project's own interpreter runs: the standard library and what it has."""
