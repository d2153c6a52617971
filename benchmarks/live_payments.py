"""The live door doing everything, against a minimal DRF view; the same with rules that ask for the shopper's history;
and batches of 100 against single posts.

One gunicorn worker with four threads and four clients that keep it busy, in turns within one run. Needs a database
of its own:
    scripts/postgres run --durable python -m benchmarks.live_payments
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
STORES, RULES, AWARDING, SHOPPERS = 500, 1_000, 500, 500
CLIENTS, ROUNDS, REQUESTS, BATCHES = 4, 7, 600, 12


def prepare() -> tuple[str, str, list[str], list[str]]:
    """A mall with 1,000 live rules, two of them at each store and one of those awarding; at the second half of the
    stores both look at the shopper's history. Returns the keys of the product and of the minimal view, and the store
    codes of both halves."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.minimal.models import Entry, Key
    from coupons.engine import conditions
    from coupons.engine.terms import Limits
    from merchants.models import ApiCredential
    from merchants.services import credentials
    from tests import factories as make

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in (Entry, Key):
            editor.create_model(model)
    mall = make.make_mall()
    merchant, category = make.make_merchant(mall=mall), make.make_category(mall=mall)
    stores = [make.make_store(mall=mall, merchant=merchant, category=category) for _ in range(STORES)]
    stock = make.make_stock(mall=mall, merchant=merchant, quantity=10**8)
    for n in range(RULES):
        place = n % STORES
        terms = {"stores": (stores[place].pk,), "limits": Limits(quantity=10**8, per_shopper=10**6)}
        if place >= STORES // 2:
            terms["conditions"] = conditions.from_json(regular(n < AWARDING, category.pk))
        elif n >= AWARDING:
            terms["min_fen"] = 50_000
        make.make_rule(mall=mall, stock=stock, **terms)
    credential, key = credentials.issue(mall=mall, provider=None, label="benchmark", by=make.make_user())
    ApiCredential.objects.filter(pk=credential.pk).update(rate_per_minute=10**6)
    give_a_past(mall, stores)
    codes = [store.code for store in stores]
    return key, Key.objects.create(name="benchmark").key, codes[: STORES // 2], codes[STORES // 2 :]


def regular(is_met: bool, category: int) -> dict:
    """Conditions that hold for every shopper of this benchmark, or for none."""
    return {
        "all": [
            {"fact": "visits", "op": "at_least", "value": 5 if is_met else 10**5, "days": 90},
            {"any": [
                {"fact": "spend_fen", "op": "at_least", "value": 20_000, "days": 90, "categories": [category]},
                {"fact": "visits", "op": "at_most", "value": 1, "days": 30},
            ]},
        ]
    }  # fmt: skip


def give_a_past(mall, stores) -> None:
    """Twenty payments of each shopper in the last 80 days, as an import writes them down."""
    from datetime import timedelta

    from django.utils import timezone

    from mallops import pipeline
    from tests.factories import payment_event

    now = timezone.now()
    events = [
        payment_event(
            stores[(7 * n + visit) % STORES], shopper=f"s{n}", transaction_id=f"past-{n}-{visit}",
            paid_at=now - timedelta(days=1 + 4 * visit),
        )
        for n in range(SHOPPERS)
        for visit in range(20)
    ]  # fmt: skip
    pipeline.record_payments(mall.pk, events, source="import", now=now, award=False)


def serve() -> tuple[subprocess.Popen, int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "mallops.wsgi", "-w", "1", "-k", "gthread", "--threads", str(CLIENTS)]
    server = subprocess.Popen([*command, "-b", f"127.0.0.1:{port}", "--log-level", "warning"])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.1)
    return server, port


def rate(port: int, path: str, key: str, bodies: Iterator[str], requests: int) -> float:
    """Requests per second that the server gets done while so many clients wait for it at all times."""
    made = [[next(bodies) for _ in range(requests // CLIENTS)] for _ in range(CLIENTS)]
    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        for done in [clients.submit(send, port, path, key, part) for part in made]:
            done.result()
    return CLIENTS * (requests // CLIENTS) / (time.perf_counter() - start)


def send(port: int, path: str, key: str, bodies: list[str]) -> None:
    """One client, over one connection."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for body in bodies:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status not in (200, 201):
            raise SystemExit(f"{path}: {response.status} {answer[:300]!r}")
    connection.close()


def payment(codes: list[str], n: int) -> dict:
    return {
        "store": codes[n % len(codes)], "channel": "wechat", "transaction_id": f"t{n}", "amount_fen": 10_000,
        "paid_at": f"2026-{time.strftime('%m-%dT%H:%M:%S', time.gmtime())}Z", "shopper": f"s{n % SHOPPERS}",
    }  # fmt: skip


def entry(codes: list[str], n: int) -> dict:
    return {
        "reference": f"t{n}", "store": codes[n % len(codes)], "amount_fen": 10_000, "paid_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def main() -> None:
    key, minimal_key, codes, asking = prepare()
    server, port = serve()
    numbers = count()
    minimal = (json.dumps(entry(codes, n)) for n in numbers)
    single = (json.dumps(payment(codes, n)) for n in numbers)
    history = (json.dumps(payment(asking, n)) for n in numbers)
    batch = (json.dumps({"payments": [payment(codes, next(numbers)) for _ in range(100)]}) for _ in numbers)
    runs: dict[str, tuple[Callable[[], float], list[float]]] = {}
    runs["minimal DRF view"] = (lambda: rate(port, "/minimal/entries", minimal_key, minimal, REQUESTS), [])
    runs["live payment"] = (lambda: rate(port, "/api/v1/payments", key, single, REQUESTS), [])
    runs["with history"] = (lambda: rate(port, "/api/v1/payments", key, history, REQUESTS), [])
    runs["batch of 100"] = (lambda: 100 * rate(port, "/api/v1/payments", key, batch, BATCHES), [])
    try:
        for turn in range(ROUNDS + 1):
            for run, rates in runs.values():
                rates.append(run())
            if not turn:
                gather_statistics()
    finally:
        server.terminate()
    report({name: rates[1:] for name, (_run, rates) in runs.items()})


def gather_statistics() -> None:
    """As PostgreSQL does by itself within the first minutes of a new database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def report(rates: dict[str, list[float]]) -> None:
    for name, values in rates.items():
        print(f"{name:18} {statistics.median(values):8.0f} payments/s (median of {len(values)} turns)")
    live, minimal, batch = rates["live payment"], rates["minimal DRF view"], rates["batch of 100"]
    print(f"live / minimal     {ratio(live, minimal):8.2f}   (asked: at least 0.8)")
    print(f"history / minimal  {ratio(rates['with history'], minimal):8.2f}   (rules ask for the history)")
    print(f"batch / live       {ratio(batch, live):8.1f}   (asked: at least 10)")


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Median of the ratios turn by turn, so that a machine that slows down meanwhile slows both."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    main()
