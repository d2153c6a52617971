import signal

from django.core.management.base import BaseCommand
from django.utils import timezone

from mallops.lib.tasks import periodic
from mallops.lib.tasks.worker import Crew, Worker


class Command(BaseCommand):
    help = "Run background tasks, one thread for each queue. Start as many of these as you like, on as many machines."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="Run what is due now, then end.")
        parser.add_argument("--queue", action="append", help="Only this queue; may be given more than once.")

    def handle(self, *, once, queue, **options):
        if once:
            worker = Worker(queues=queue)
            periodic.enqueue_due(timezone.now())
            self.stdout.write(f"{worker.drain()} tasks run.")
            return
        crew = Crew(queues=queue)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, crew.stop)
        crew.start().join()
