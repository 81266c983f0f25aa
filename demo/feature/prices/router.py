"""Prices from a slow catalogue, remembered in Redis for a minute."""

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel

from core.cache import cache_get, cache_set
from core.tracing import get_tracer

router = APIRouter(prefix="/prices", tags=["prices"])
tracer = get_tracer(__name__)
asked: list[str] = []


class Price(BaseModel):
    """What a thing costs, and how often the catalogue has been asked so far."""

    thing: str
    euros: int
    catalogue_asked: int


@router.get("/{thing}")
async def price(thing: str) -> Price:
    """Return the remembered price, or ask the catalogue and remember its answer."""
    euros = await cache_get(f"price:{thing}")
    if euros is None:
        euros = await ask_catalogue(thing)
        await cache_set(f"price:{thing}", euros, expire=60)
    return Price(thing=thing, euros=euros, catalogue_asked=len(asked))


async def ask_catalogue(thing: str) -> int:
    """Take half a second, as other people's services do."""
    with tracer.start_as_current_span("ask the catalogue"):
        asked.append(thing)
        await asyncio.sleep(0.5)
        return 10 * len(thing)
