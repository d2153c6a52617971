"""`run_worker` and `serve` as real processes: they work, and a polite signal ends them soon and cleanly."""

import http.client
import signal
import socket
import subprocess
import sys
import time

import pytest
from django.conf import settings

from mallops.lib.tasks.models import Status, TaskRun

pytestmark = [pytest.mark.races, pytest.mark.slow]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/static/ui/icons.svg")
        return connection.getresponse().status in (200, 404)
    except OSError:
        return False


@pytest.mark.parametrize("command", ["run_worker", "serve"])
def test_a_signal_hands_running_work_back_and_ends_the_process(process_database, command):
    environment, alias = process_database
    storm = [sys.executable, "-m", "tests.tasks.storm_process", "fill", "1", "0"]
    subprocess.run(storm, cwd=settings.BASE_DIR, env=environment, check=True)
    rows = TaskRun.objects.using(alias)
    long = rows.create(path="tests.tasks.jobs.endless", queue="long", run_after="2000-01-01T00:00Z")
    words = [sys.executable, "manage.py", command]
    port = free_port()
    if command == "serve":
        words += ["--port", str(port)]
    process = subprocess.Popen(words, cwd=settings.BASE_DIR, env=environment)
    try:
        wait_until(lambda: rows.filter(status=Status.DONE, queue="default").exists())
        wait_until(lambda: rows.filter(pk=long.pk, status=Status.RUNNING).exists())
        if command == "serve":
            wait_until(lambda: answers(port))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=45) == 0
    finally:
        process.kill()
        process.wait()
    long.refresh_from_db()
    assert (long.status, long.attempt, long.forgiven) == (Status.READY, 1, 1)
