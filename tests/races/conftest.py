"""A PostgreSQL server of the races' own, durable, so that one of them may stop it hard; a fresh database for each."""

import os
import subprocess
from collections.abc import Iterator

import pytest
from django.conf import settings

from .arena import Arena, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    if not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        pytest.skip("SQLite has one writer at a time, so nothing races; runs with the suite on PostgreSQL")
    if subprocess.run([Server.SCRIPT, "found"], capture_output=True).returncode:
        pytest.skip("races start a server of their own, and no PostgreSQL binaries were found")
    server = Server(f"/tmp/mallops-races-{os.getpid()}")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def arena(server: Server, tmp_path) -> Iterator[Arena]:
    arena = Arena(server, tmp_path)
    yield arena
    arena.close()


@pytest.fixture
def figure(request):
    """Note a figure of this race, shown at the end of the run."""
    return lambda text: request.node.user_properties.append(("figure", f"{request.node.name}: {text}"))


def pytest_terminal_summary(terminalreporter) -> None:
    done = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    properties = [each for report in done if report.when == "call" for each in report.user_properties]
    figures = [text for name, text in properties if name == "figure"]
    if figures:
        terminalreporter.section("races")
        terminalreporter.write("\n".join([*figures, ""]))
