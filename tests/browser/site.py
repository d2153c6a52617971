"""The site the browser looks at: a process and a database of its own, as in production, with a small demonstration.

The suite's own databases stay empty, and what is tested is what is served: the product's server, with task workers.
"""

import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings

PASSWORD = "browser-tests-only"
START_WITHIN = 300  # seconds; a busy machine is slow to load the demonstration


@dataclass(frozen=True)
class Site:
    url: str
    log: Path
    process: subprocess.Popen
    shopper_key: str
    clock: Path

    def set_clock(self, moment: datetime | None) -> None:
        """Let the site believe that it is another moment, from which its clock goes on; None: as it is."""
        ahead = (moment - datetime.now(UTC)).total_seconds() if moment else 0
        self.clock.write_text(str(ahead))

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def mailed_link(self, address: str, part: str) -> str:
        """The path of the newest link with `part` in a mail to this address; the server prints its mails."""
        found: list[str] = []

        def arrived() -> bool:
            mails = [mail for mail in self.log.read_text(encoding="utf-8").split("\nSubject: ") if address in mail]
            found[:] = re.findall(rf"{self.url}(\S*{part}\S*)", mails[-1]) if mails else []
            return bool(found)

        self.wait_for(arrived, seconds=15)
        return found[0]

    def wait_for(self, happened, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not happened():
            told = "\n".join(self.log.read_text(encoding="utf-8").splitlines()[-30:])
            assert self.process.poll() is None, f"the server has ended:\n{told}"
            assert time.monotonic() < deadline, f"waited {seconds} s in vain; the server said:\n{told}"
            time.sleep(0.1)

    def is_up(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.url}/health/", timeout=5).status == 200
        except OSError:
            return False


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """A site with the demonstration; its files, and on SQLite its database, in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url, log, shopper_key = f"http://127.0.0.1:{port}", folder / "server.log", secrets.token_hex()
    clock = folder / "clock"
    clock.write_text("0")
    with fresh_database(folder) as database, log.open("wb") as out:
        environment = {
            **os.environ,
            "DATABASE_URL": database,
            "MALLOPS_VAR_DIR": str(folder),
            "MALLOPS_DEBUG": "false",
            "SECRET_KEY": secrets.token_hex(),
            "SHOPPER_KEY": shopper_key,
            "STATIC_ROOT": str(folder / "static"),
            "SITE_URL": url,
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "tests.browser.site", str(port), str(clock)]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, cwd=settings.BASE_DIR)
        try:
            site = Site(url, log, process, shopper_key, clock)
            site.wait_for(site.is_up, seconds=START_WITHIN)
            yield site
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """The address of an empty database on whichever server the suite runs."""
    server = settings.DATABASES["default"]
    if not server["ENGINE"].endswith("postgresql"):
        yield f"sqlite:///{folder / 'site.sqlite3'}"
        return
    name = f"mallops_browser_{uuid.uuid4().hex[:8]}"
    credentials = f"{server['USER']}:{server['PASSWORD']}@{server['HOST']}:{server['PORT'] or 5432}"
    with psycopg.connect(f"postgres://{credentials}/postgres", autocommit=True) as entrance:
        entrance.execute(f"CREATE DATABASE {name}")
        yield f"postgres://{credentials}/{name}"
        entrance.execute(f"DROP DATABASE {name} WITH (FORCE)")


def follow_clock(file: Path) -> None:
    """Go by the clock as many seconds ahead as a file says (`Site.set_clock`). Called before anything of Django's."""
    from django.utils import timezone

    real = timezone.now
    timezone.now = lambda: real() + timedelta(seconds=float(file.read_text() or 0))


def main(port: str, clock: str) -> None:
    follow_clock(Path(clock))
    import django
    from django.core.management import call_command

    # Signing in is slow on purpose, and here it is done often.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django.setup()
    from mallops.serve import serve

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_demo", days=100, scale=0.1, password=PASSWORD)  # with months closed, and one to be closed
    serve(host="127.0.0.1", port=int(port))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallops.settings")
    main(*sys.argv[1:])
