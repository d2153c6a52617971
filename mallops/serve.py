"""The web server: gunicorn with threads, and a task worker beside them in the same process."""

from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

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


def start_tasks(web_worker) -> None:
    from mallops.lib.tasks.worker import start_in_thread

    web_worker.tasks = start_in_thread()


def stop_tasks(_arbiter, web_worker) -> None:
    """What does not stop in time is taken up again, by whoever runs next, when its lease ends."""
    if started := getattr(web_worker, "tasks", None):
        worker, thread = started
        worker.stop()
        thread.join(TASK_GRACE)


def serve(*, host: str, port: int, workers: int = 1, threads: int = 8, tasks: bool = True) -> None:
    """Listen until Ctrl-C or SIGTERM."""
    Server(
        tasks=tasks,
        bind=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        worker_class="gthread",
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
