"""Bootstrap FastAPI projects that you own, and add infrastructure to them later."""

__version__ = "1.0.0.dev0"
