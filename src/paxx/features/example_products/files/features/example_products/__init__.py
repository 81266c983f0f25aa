"""A worked example: products that are sold from stock. Read it, copy from it, remove it."""
