from django.core.management.base import BaseCommand

from mallops.serve import serve


class Command(BaseCommand):
    help = "Serve the site; by default the same process also runs the background tasks."
    requires_migrations_checks = True

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on (default %(default)s).")
        parser.add_argument("--port", type=int, default=8000, help="Port to listen on (default %(default)s).")
        parser.add_argument("--workers", type=int, default=1, help="Web processes (default %(default)s).")
        parser.add_argument("--threads", type=int, default=8, help="Threads of each (default %(default)s).")
        parser.add_argument(
            "--no-tasks",
            dest="tasks",
            action="store_false",
            help="Run no background tasks here; `manage.py run_worker` does it elsewhere.",
        )

    def handle(self, *, host, port, workers, threads, tasks, **options):
        serve(host=host, port=port, workers=workers, threads=threads, tasks=tasks)
