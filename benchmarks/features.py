"""Three routes of a created feature against the same ones written by hand, and pages far behind.

All are on PostgreSQL, each with a database and a uvicorn worker of its own; wrk loads them in turn
in each round. `pooled` is what is written by hand with the pool of the project instead of the one
that SQLAlchemy makes unless told otherwise. The last column of the second table is the time of the
thousandth page of a table of a million rows, divided by that of the first; they are asked for in
turn.
"""

import argparse
import http.client
import json
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urlsplit

import servers
from benchmarks import wrk
from benchmarks.routes import PRODUCTION
from benchmarks.table import medians, ratio, render
from tests.e2e.real import REPOSITORY, RealShop, make, run

FIELDS = ("name:str(80):index", "price:decimal(10,2):index", "quantity:int:default=0", "notes:text")
BODY = {"name": "Lantern", "price": "19.90", "quantity": 7, "notes": "Hangs from a hook."}
FILL = """INSERT INTO products (name, price, quantity, notes, version)
SELECT 'Product ' || n, (n::bigint * 7919 % 1000003) / 100.0, n % 100, 'Hangs from a hook.', 1
FROM generate_series({first}, {last}) AS n"""
POST = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [[{body}]]
"""
TARGETS = {"create + list + get": 0.90}
PAGES, SIZE = 1000, 50
CONNECTIONS = 16
STEP = 50_000
LOADED = ("main", "by_hand", "pooled")
APPS = {"main": "main:app", "by_hand": "by_hand:app", "pooled": "by_hand:app", "far": "main:app"}


def prepare(folder: Path, url: str) -> RealShop:
    """Return a project with the feature and its table, and the application written by hand."""
    shop = make(folder)
    paxx = str(Path(sys.executable).with_name("paxx"))
    run(paxx, "feature", "create", "products", *FIELDS, "--no-sync", cwd=shop.root)
    shutil.copyfile(REPOSITORY / "benchmarks" / "features_worker.py", shop.root / "by_hand.py")
    (shop.root / "post.lua").write_text(POST.format(body=json.dumps(BODY)))
    env = {"DATABASE_URL": url}
    shop.tool("alembic", "revision", "--autogenerate", "-m", "Begin", env=env)
    return shop


def fill(postgres: servers.Postgres, database: str, rows: int) -> None:
    """Write so many products, as many at a time as the server does before patience ends."""
    for first in range(1, rows + 1, STEP):
        last = min(first + STEP - 1, rows)
        postgres.execute(FILL.format(first=first, last=last), database)


def rates(url: str, script: Path, seconds: int) -> dict[str, float]:
    """Return the requests per second of each route."""
    found = {
        "create": wrk.rate(f"{url}/products", seconds, CONNECTIONS, "-s", str(script)),
        "list": wrk.rate(f"{url}/products?limit={SIZE}", seconds, CONNECTIONS),
        "get": wrk.rate(f"{url}/products/7", seconds, CONNECTIONS),
    }
    # So many times in a second can a client do all three.
    return found | {"create + list + get": 1 / sum(1 / rate for rate in found.values())}


def pages(url: str, sort: str, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds of the first page and of the thousandth, by round."""
    with closing(http.client.HTTPConnection(urlsplit(url).netloc)) as connection:
        cursor: str | None = None
        for _ in range(PAGES - 1):
            cursor = page(connection, sort, cursor)
        found: dict[str, list[float]] = {"first": [], "far": []}
        for _ in range(rounds):
            took: dict[str, list[float]] = {"first": [], "far": []}
            for number in range(200):
                for name in sorted(took, reverse=bool(number % 2)):
                    start = time.perf_counter()
                    page(connection, sort, cursor if name == "far" else None)
                    took[name].append((time.perf_counter() - start) * 1000)
            for name, values in took.items():
                found[name].append(median(values))
    return found


def page(connection: http.client.HTTPConnection, sort: str, cursor: str | None) -> str:
    """Ask for a page, and return the cursor of the next one."""
    query = {"sort": sort, "limit": SIZE} | ({"cursor": cursor} if cursor else {})
    connection.request("GET", f"/products?{urlencode(query)}")
    answer = json.loads(connection.getresponse().read())
    if len(answer["items"]) != SIZE:
        raise RuntimeError(answer)
    return str(answer["next_cursor"])


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    wrk.require()
    with tempfile.TemporaryDirectory() as folder, servers.Postgres.start() as postgres:
        shop = prepare(Path(folder), postgres.url)
        urls = {}
        with ExitStack() as stack:
            for name, app in APPS.items():
                env = PRODUCTION | {"DATABASE_URL": postgres.create_database(name)}
                env |= {"FIXED_POOL": "1"} if name == "pooled" else {}
                shop.tool("alembic", "upgrade", "head", env=env)
                fill(postgres, name, arguments.rows if name == "far" else 1000)
                postgres.execute("VACUUM ANALYZE products", name)
                urls[name] = stack.enter_context(shop.serve(app=app, env=env)).url
            rounds = range(arguments.rounds)
            found = [loaded(urls, shop.root / "post.lua", arguments.seconds) for _ in rounds]
            sorts = ("id", "price", "-name")
            far = {sort: pages(urls["far"], sort, arguments.rounds) for sort in sorts}
    results = {
        route: {name: [each[name][route] for each in found] for name in LOADED}
        for route in found[0]["main"]
    }
    print_tables(results, far)


def loaded(urls: dict[str, str], script: Path, seconds: int) -> dict[str, dict[str, float]]:
    """Load all applications in turn, and return their rates by route."""
    return {name: rates(urls[name], script, seconds) for name in LOADED}


def print_tables(
    results: dict[str, dict[str, list[float]]], far: dict[str, dict[str, list[float]]]
) -> None:
    """Print what was measured."""
    rows = []
    for route, each in results.items():
        target = f"≥ {TARGETS[route]:.2f}" if route in TARGETS else ""
        middle = medians(each)
        measured = [f"{middle[name]:.0f}" for name in LOADED]
        shares = [f"{ratio(each, 'main', name):.2f}" for name in LOADED[1:]]
        rows.append([route, *measured, shares[0], target, shares[1]])
    heading = ["route", "created, requests/s", "hand-written", "hand-written, pooled"]
    print(render([*heading, "of hand-written", "target", "of pooled"], rows))
    rows = []
    for sort, each in far.items():
        middle = medians(each)
        measured = [f"{middle[name]:.2f} ms" for name in ("first", "far")]
        rows.append([f"`sort={sort}`", *measured, f"{ratio(each, 'far', 'first'):.2f}"])
    print("\n" + render(["order", "page 1", f"page {PAGES}", "of page 1 (≤ 1.2)"], rows))


if __name__ == "__main__":
    main()
