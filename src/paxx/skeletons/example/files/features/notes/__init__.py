"""Notes: a small domain to look at, and to delete."""
