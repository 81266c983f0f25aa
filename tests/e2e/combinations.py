"""Twenty features: every type, modifier and reference, and names that are words elsewhere."""

from collections.abc import Mapping

Fields = tuple[str, ...]

FEATURES: Mapping[str, Fields] = {
    "tags": (),
    "customers": (
        "email:email:unique",
        "full_name:str",
        "website:url:optional",
        "notes:text:optional",
    ),
    "products": (
        "name:str(80):unique",
        "price:decimal(10,2):index",
        "sku:uuid:unique",
        "active:bool:default=true",
    ),
    "orders": (
        "customer:ref:customers",
        "status:enum(draft|in-transit|delivered):default=draft:index",
        "placed_at:datetime:index",
        "total:decimal(12,4)",
    ),
    "order_items": (
        "order:ref:orders:cascade",
        "product:ref:products",
        "quantity:int:default=1",
        "discount:decimal(3,3):optional",
    ),
    "categories": ("name:str(40):unique", "parent:ref:categories:optional:set_null"),
    "profiles": ("customer:ref:customers:unique:cascade", "bio:text(500)", "avatar:url"),
    "employees": (
        "manager:ref:employees:optional",
        "mentor:ref:employees:optional:set_null",
        "hired_on:date:index",
        "salary:decimal(9,0):index",
        "number_in_the_register_of_the_ministry_of_labour:str(20):unique",
        "preferred_delivery_time_window_kind:enum(morning|evening|any):index",
    ),
    "measurements": (
        "taken_at:datetime:unique",
        "value:float:index",
        "reading:float:unique",
        "error:float:optional:index:default=0.5",
    ),
    "switches": ("is_on:bool:index", "is_off:bool:default=false", "maybe:bool:optional:index"),
    "accounts": (
        "number:bigint:unique",
        "balance:bigint:default=0:index",
        "limit_in_cents:bigint:optional",
        "level:int:unique",
    ),
    "events": (
        "date:date:index:default=2026-01-31",
        "time:datetime:optional:index",
        "day:date:unique",
        "until:date:optional",
    ),
    "messages": (
        "read:bool:default=false",
        "update:text",
        "status:enum(new|re-opened)",
        "check:int:optional:index",
        "get:str(3)",
        "page:int:index",
        "create:date",
        "delete:str:optional:index",
    ),
    "documents": (
        "body:json",
        "extra:json:optional",
        "initial:str(1):unique",
        "language:str:length=5:index:default=en",
    ),
    "links": ("href:url:unique", "canonical:url:optional:index", "label:text:default=none yet"),
    "contacts": (
        "mail:email:index",
        "other_mail:email:optional:unique",
        "kind:enum(home|work|x):optional:index",
        "only:enum(one)",
    ),
    "devices": (
        "serial:uuid:unique",
        "batch:uuid:index",
        "owner:uuid:optional",
        "model:uuid:default=00000000-0000-0000-0000-000000000001",
    ),
    "rates": (
        "exact:decimal(38,18):unique",
        "whole:decimal(20,0):optional:index",
        "part:decimal(4,4):index:default=0.25",
        "digit:decimal(1,0)",
    ),
    "people": (
        "name:str(600):index",
        "born:date:optional:index",
        "friend:ref:people:optional:unique",
        "team:ref:categories:optional:cascade",
    ),
    "analyses": (
        'title:str:default=a "quoted" \\ title',
        "score:int:index:default=-1",
        "done:bool:index:default=false",
        "size:bigint:optional:index:default=5",
        "note:text:optional:default=x",
        "motto:str:default=My Decimal (a:b)\u2028Page",
        "level:decimal(5,0):default=-2",
        "most:float:default=1e300",
        "a_1:str",
        "a1:decimal(40,1):default=" + "9" * 39,
    ),
}

PLACES: Mapping[str, Fields] = {
    "places": (
        "location:point:index",
        "home:point:optional",
        "name:str:unique",
        "customer:ref:customers:optional",
    ),
}
"""One more for PostgreSQL with PostGIS."""
