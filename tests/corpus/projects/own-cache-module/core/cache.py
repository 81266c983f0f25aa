"""A cache in this process."""

from functools import lru_cache

from settings import settings

cached = lru_cache(settings.cache_size)
