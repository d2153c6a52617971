"""Where races take place: a server, fresh databases in it, and many processes started quickly.

Processes come from a fork server that has Django loaded and no connection open, so that 64 of them start in a
second; each has a connection of its own. What they do is in `tests.races.jobs`.
"""

import multiprocessing
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import psycopg
from django.conf import settings

from . import jobs

PROCESSES = 64
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["__main__", "tests.races.jobs"])


class Server:
    """A PostgreSQL server that is told to write through to the disk, started by `scripts/postgres`."""

    SCRIPT = str(settings.BASE_DIR / "scripts" / "postgres")

    def __init__(self, folder: str) -> None:
        self.environment = {**os.environ, "MALLOPS_PG_DIR": folder}
        self.has_template = False

    def start(self) -> None:
        self.url = self._script("start", "--durable").partition("=")[2]

    def stop(self) -> None:
        self._script("stop")

    def crash(self) -> None:
        """Stop at once, as in a power cut; started again, the server recovers from its log."""
        self._script("crash")

    def freeze_log_writer(self) -> None:
        """Hold the process that writes the log for commits that do not wait for it, as a busy machine would."""
        entrance = self.url.replace("//mallops@", "//postgres@")
        with psycopg.connect(entrance) as connection:
            (pid,) = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'").fetchone()
        os.kill(pid, signal.SIGSTOP)

    def _script(self, *words: str) -> str:
        command = [self.SCRIPT, *words]
        return subprocess.check_output(command, env=self.environment, text=True).strip()

    def make_database(self) -> str:
        """A migrated, empty database; returns its address."""
        if not self.has_template:
            in_process(jobs.migrate, self.url)
            self.has_template = True
        name, template = f"race_{uuid.uuid4().hex[:8]}", self.url.rpartition("/")[2]
        entrance = self.url.removesuffix(template) + "postgres"
        with psycopg.connect(entrance, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url.removesuffix(template) + name


class Arena:
    """One race: its database, its world, its processes. `without` names the guards taken out (`jobs.GUARDS`)."""

    def __init__(self, server: Server, folder) -> None:
        self.server = server
        self.folder = folder
        self.url = server.make_database()
        self.without: tuple[str, ...] = ()
        self.running: list = []

    def take_out(self, *guards: str) -> None:
        self.without = guards
        for guard in guards:
            for table, constraint in jobs.GUARDS[guard].constraints:
                with psycopg.connect(self.url) as connection:
                    connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")

    def alone(self, job: Callable, *arguments: Any, **options: Any) -> Any:
        """The result of a job done in a process of its own, with all guards in place."""
        return in_process(job, self.url, *arguments, **options)

    def at_once(self, job: Callable, each: Iterable[tuple], *, gate: str | None = None) -> list:
        """The results of one job done in as many processes as there are tuples of arguments.

        With a `gate`, a table, all of them are let go until they want to write to it, and on once all wait there:
        as tight a race as there can be.
        """
        each = [(job, *arguments) for arguments in each]
        with context.Pool(len(each), jobs.enter, (self.url, self.without)) as pool:
            with self.gate(gate, len(each)) if gate else nullcontext():
                answers = pool.starmap_async(jobs.perform, each, chunksize=1)
            return answers.get(120)

    @contextmanager
    def gate(self, table: str, count: int) -> Iterator[None]:
        """Nobody writes to the table until so many wait to do it."""
        with psycopg.connect(self.url) as keeper, psycopg.connect(self.url, autocommit=True) as watcher:
            keeper.execute(f"LOCK TABLE {table} IN SHARE MODE")
            yield
            deadline = time.monotonic() + 90
            while watcher.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] < count:
                assert time.monotonic() < deadline, "some never came to the gate"
                time.sleep(0.02)

    def start(self, job: Callable, *arguments: Any):
        """A process that does a job until it is done or killed."""
        process = context.Process(target=jobs.run, args=(self.url, self.without, job, arguments), daemon=True)
        process.start()
        self.running.append(process)
        return process

    def close(self) -> None:
        """End what still runs."""
        for process in self.running:
            process.kill()
            process.join()


def in_process(job: Callable, url: str, *arguments: Any, **options: Any) -> Any:
    with context.Pool(1, jobs.enter, (url, ())) as pool:
        return pool.apply(job, arguments, options)
