"""A table of places, and the application that stores and finds them."""

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.geo import AnyShape, Geography, Geometry, Point, nearest
from db.database import SessionDep
from main import create_app


class Models(DeclarativeBase):
    """A base of its own."""


class Spot(Models):
    __tablename__ = "spots"
    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[Point | None] = mapped_column(Geography(geometry_type="POINT"), index=True)
    flat: Mapped[Point | None] = mapped_column(Geometry(geometry_type="POINT"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("spots.id"))


class Area(Models):
    __tablename__ = "areas"
    id: Mapped[int] = mapped_column(primary_key=True)
    shape: Mapped[AnyShape] = mapped_column(Geography("GEOMETRY"), index=True)


class Stored(BaseModel):
    id: int
    place: Point


app: FastAPI = create_app()


@app.put("/spots")
async def store(spot: Stored, session: SessionDep) -> int:
    wanted = insert(Spot).values(id=spot.id, place=spot.place)
    await session.execute(wanted.on_conflict_do_nothing())
    return spot.id


@app.get("/spots/nearest")
async def closest(lat: float, lng: float, session: SessionDep) -> list[Stored]:
    order = select(Spot).order_by(nearest(Spot.place, lat=lat, lng=lng)).limit(3)
    found = await session.scalars(order)
    return [Stored.model_validate(spot, from_attributes=True) for spot in found]


@app.get("/count")
async def count(session: SessionDep) -> int:
    return await session.scalar(select(func.count(Spot.id))) or 0
