"""Three routes as one would write them with FastAPI and SQLAlchemy alone; runs beside a project."""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import BigInteger, DateTime, Numeric, String, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

pool = {"pool_size": 10, "max_overflow": 0} if os.environ.get("FIXED_POOL") else {}
engine = create_async_engine(os.environ["DATABASE_URL"], **pool)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    """A base of its own."""


class Product(Base):
    """A product."""

    __tablename__ = "products"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    quantity: Mapped[int] = mapped_column(default=0)
    notes: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ProductCreate(BaseModel):
    """A product to write."""

    name: str = Field(min_length=1, max_length=80)
    price: Decimal = Field(max_digits=10, decimal_places=2)
    quantity: int = 0
    notes: str = Field(max_length=10_000)


class ProductRead(BaseModel):
    """A product as it is stored."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    version: int
    name: str
    price: Decimal
    quantity: int
    notes: str
    created_at: datetime
    updated_at: datetime


async def get_session() -> AsyncIterator[AsyncSession]:
    """Yield a session."""
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


@app.post("/products", status_code=201)
async def create(data: ProductCreate, session: SessionDep) -> ProductRead:
    """Write a product."""
    product = Product(**data.model_dump())
    session.add(product)
    await session.commit()
    await session.refresh(product)
    return ProductRead.model_validate(product)


@app.get("/products")
async def page(session: SessionDep, after: int = 0, limit: int = 50) -> list[ProductRead]:
    """Return a page."""
    query = select(Product).where(Product.id > after).order_by(Product.id).limit(limit)
    return [ProductRead.model_validate(row) for row in await session.scalars(query)]


@app.get("/products/{product_id}")
async def get(product_id: int, session: SessionDep) -> ProductRead:
    """Return a product."""
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404)
    return ProductRead.model_validate(product)


@app.get("/health")
async def health() -> dict[str, str]:
    """Tell that it runs."""
    return {"status": "ok"}
