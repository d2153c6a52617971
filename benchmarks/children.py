"""Measurements in processes of their own, each with a directory of its own and settings as in production, so that each
shows its own memory; and what they begin with: a database with one mall."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

STORES = 120


def by_rows(doc: str, name: str, measure: Callable[[int], dict], sizes: Sequence[int]) -> list[dict]:
    """What a benchmark of this package (its `doc` and `name`) measures, once for each of some numbers of rows, those
    asked for or `sizes`. In the child process this measures, prints and ends."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=sizes)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        set_up()
        print(json.dumps(measure(options.rows[0])))
        sys.exit()
    return [_of_size(name, rows) for rows in options.rows]


def _of_size(name: str, rows: int) -> dict:
    with tempfile.TemporaryDirectory() as directory:
        return run(name, ["--child", "--rows", str(rows)], directory)


def run(name: str, arguments: Sequence[str], directory: str) -> dict:
    """What a benchmark of this package prints on its last line, as JSON."""
    # In debug mode Django keeps and quotes every statement.
    environment = os.environ | {
        "MALLOPS_VAR_DIR": directory, "MALLOPS_DEBUG": "off", "SECRET_KEY": "bench", "SHOPPER_KEY": "bench",
    }  # fmt: skip
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def set_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallops.settings")
    django.setup()


def make_database(connection):
    """An empty database with a mall and its stores; returns what removes it."""
    from django.core.management import call_command

    from merchants.models import Mall
    from merchants.services.directory_import import StoreRow, import_stores

    if connection.vendor == "postgresql":
        plain_name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        remove = lambda: connection.creation.destroy_test_db(plain_name, verbosity=0)  # noqa: E731
    else:
        call_command("migrate", verbosity=0)
        remove = connection.close
    mall = Mall.objects.create(slug="bench", name_en="Bench")
    rows = [StoreRow(f"s{n:03d}", f"Store {n}", None, (("All", ""),)) for n in range(STORES)]
    import_stores(mall=mall, rows=rows, actor=None)
    return remove


class PeakMemory:
    """The most memory (MB) this process held at a time, looked at every 50 ms. Where the system tells (Linux), pages
    that only map a file are left out: SQLite maps up to 256 MB of its database, which costs nobody anything."""

    peak = 0.0

    def __enter__(self) -> "PeakMemory":
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            self.peak = max(self.peak, self.now())

    @staticmethod
    def now() -> float:
        status = Path("/proc/self/status")
        if not status.exists():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["RssAnon"].split()[0]) / 1024
