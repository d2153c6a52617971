import signal

from django.core.management.base import BaseCommand
from django.utils import timezone

from mallops.lib.tasks import periodic
from mallops.lib.tasks.worker import Worker


class Command(BaseCommand):
    help = "Run background tasks. Start as many of these as you like, on as many machines."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="Run what is due now, then end.")
        parser.add_argument("--queue", action="append", help="Only this queue; may be given more than once.")

    def handle(self, *, once, queue, **options):
        worker = Worker(queues=queue)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, worker.stop)
        if once:
            periodic.enqueue_due(timezone.now())
            self.stdout.write(f"{worker.drain()} tasks run.")
        else:
            worker.run_forever()
