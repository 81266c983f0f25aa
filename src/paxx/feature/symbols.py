"""Where the names come from that the code of features uses."""

import builtins

FIRST_PARTY = ("core", "db", "features", "main", "settings", "wiring")

_MODULES = {
    "collections": "defaultdict",
    "collections.abc": "AsyncIterator Callable Iterator Mapping Sequence",
    "datetime as dt": "dt",
    "decimal": "Decimal",
    "enum": "StrEnum",
    "http": "HTTPStatus",
    "itertools": "itertools",
    "operator": "operator",
    "typing": "Annotated Any Literal",
    "uuid": "UUID uuid4",
    "pytest": "pytest",
    "fastapi": "APIRouter FastAPI Query Response",
    "httpx2": "AsyncClient",
    "pydantic": "BaseModel ConfigDict Field JsonValue",
    "sqlalchemy": "BigInteger Column DateTime Double Enum ForeignKey Index Numeric"
    " String Table Text",
    "sqlalchemy.ext.asyncio": "AsyncConnection AsyncSession",
    "sqlalchemy.orm": "InstrumentedAttribute Mapped mapped_column",
    "core.errors": "AppError",
    "core.etags": "IfMatch check etag",
    "core.geo": "Geography Point",
    "core.pages": "Cursor Page page_of",
    "core.values": "STORABLE Day Email Exact Flag Identifier Int32 Int64 Json Key Moment QueryFlag"
    " QueryInt32 QueryInt64 QueryKey QueryReal Real Url absent",
    "db.conflicts": "flush",
    "db.database": "Base SessionDep engine",
    "db.resource": "DOCUMENT Resource choice",
}

SYMBOLS = {name: module for module, names in _MODULES.items() for name in names.split()}

TAKEN = {*SYMBOLS, *dir(builtins), "CONDITIONS", "NUMBERS", "PATH", "Payload"}
"""What means something in the code of every feature."""
