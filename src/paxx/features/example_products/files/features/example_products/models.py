"""How products are stored."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from db.database import Base
from db.resource import Resource


class ExampleProduct(Resource, Base):
    """A product; with `reorder_level` pieces or fewer it has to be ordered again."""

    __tablename__ = "example_products"
    __table_args__ = (Index(None, "price", "id"), CheckConstraint("stock >= 0", name="stock"))

    name: Mapped[str] = mapped_column(String(120), unique=True)
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    stock: Mapped[int] = mapped_column(server_default="0")
    reorder_level: Mapped[int] = mapped_column(server_default="0")
