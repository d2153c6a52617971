"""The web server: gunicorn with threads, and task workers beside them in the same process."""

from django.core.wsgi import get_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

TASK_GRACE = 10  # seconds a running task gets to reach a good point to stop at


class Server(BaseApplication):
    def __init__(self, *, tasks: bool, **settings):
        self.settings = settings
        if tasks:
            self.settings.update(post_worker_init=start_tasks, worker_exit=stop_tasks)
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self):
        return get_wsgi_application()


class WebWorker(ThreadWorker):
    """Ends politely on Ctrl-C too: gunicorn's own way out may wait for a lock that the interrupted code holds."""

    def handle_exit(self, sig, frame) -> None:
        if crew := getattr(self, "tasks", None):
            crew.stop()
        super().handle_exit(sig, frame)

    handle_quit = handle_exit


def start_tasks(web_worker) -> None:
    from mallops.lib.tasks.worker import Crew

    web_worker.tasks = Crew().start()


def stop_tasks(_arbiter, web_worker) -> None:
    """What does not stop in time is taken up again, by whoever runs next, when its lease ends."""
    if crew := getattr(web_worker, "tasks", None):
        crew.stop()
        crew.join(TASK_GRACE)


def serve(*, host: str, port: int, workers: int = 1, threads: int = 8, tasks: bool = True) -> None:
    """Listen until Ctrl-C or SIGTERM."""
    connections.close_all()  # a forked process must not inherit a connection
    Server(
        tasks=tasks,
        bind=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        worker_class=WebWorker,
        workers=workers,
        threads=threads,
        timeout=120,
        graceful_timeout=TASK_GRACE + 5,
        keepalive=5,
        max_requests=0,
        loglevel="warning",
        control_socket_disable=True,
        proc_name="mallops",
    ).run()
