"""What crosses the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from core.pages import Cursor
from core.values import STORABLE, Exact, absent, whole

Name = Annotated[str, Field(min_length=1, max_length=120, pattern=STORABLE)]
Price = Annotated[Decimal, Exact(10, 2)]
Pieces = Annotated[int, Field(strict=True, ge=0, le=1_000_000), BeforeValidator(whole)]


class ExampleProductCreate(BaseModel):
    """A product to write."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    price: Price
    stock: Pieces = 0
    reorder_level: Pieces = 0


class ExampleProductUpdate(BaseModel):
    """What is to change; a field that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    price: Price = Field(default_factory=absent)
    stock: Pieces = Field(default_factory=absent)
    reorder_level: Pieces = Field(default_factory=absent)


class ExampleProductRead(BaseModel):
    """A product as it is stored."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    version: int
    name: str
    price: Decimal
    stock: int
    reorder_level: int
    created_at: datetime
    updated_at: datetime


class ExampleProductQuery(BaseModel):
    """What a list holds, and in which order; by what has an index."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    min_price: Price | None = None
    max_price: Price | None = None
    sort: Literal["id", "-id", "name", "-name", "price", "-price"] = "id"
    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class Sale(BaseModel):
    """How many pieces somebody buys."""

    model_config = ConfigDict(extra="forbid")

    quantity: Annotated[int, Field(strict=True, ge=1, le=1_000), BeforeValidator(whole)]


class StockReport(BaseModel):
    """What all that is in stock adds up to."""

    products: int
    pieces: int
    value: Decimal
