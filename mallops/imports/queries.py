"""What the pages show of imports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.queries.todo import Todo
from mallops.lib import dates
from mallops.lib.tasks.models import TaskRun
from merchants.choices import Action
from merchants.models import Mall, User

from .models import ImportRun, ImportState
from .services import OPEN

FAILED_DAYS = 7  # that the overview of the mall looks back

TONES = {
    ImportState.WAITING: "off",
    ImportState.RUNNING: "info",
    ImportState.DONE: "good",
    ImportState.REFUSED: "bad",
    ImportState.CANCELLED: "off",
}


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int


def imports_of(mall: Mall, user: User) -> QuerySet[ImportRun]:
    return ImportRun.objects.visible_to(user).filter(mall=mall).select_related("created_by")


def state_shown(run: ImportRun) -> tuple[str, str]:
    """The words for a run's state and their tone."""
    if run.state == ImportState.DONE and run.bad:
        return _("Done, some rows bad"), "warn"
    return run.get_state_display(), TONES[run.state]


def progress(run: ImportRun) -> Progress | None:
    """How far a run that has not ended is, in bytes: what is committed, or what its task says."""
    if run.state not in OPEN:
        return None
    said = TaskRun.objects.filter(pk=run.task_id or None).values_list("progress_done", flat=True).first()
    return Progress(max(run.read_bytes, said or 0), run.total_bytes)


def failed(mall: Mall, today: date) -> Iterator[Todo]:
    """Imports of the last days that were refused or had bad rows, for the overview of the mall."""
    since = dates.day_start(today - timedelta(days=FAILED_DAYS - 1), mall.time_zone)
    runs = ImportRun.objects.filter(mall=mall, finished_at__gte=since)
    number = runs.filter(Q(state=ImportState.REFUSED) | Q(state=ImportState.DONE, bad__gt=0)).count()
    if number:
        text = ngettext(
            "%(count)s import of the last days was refused or has bad rows.",
            "%(count)s imports of the last days were refused or have bad rows.", number,
        )  # fmt: skip
        url = reverse("imports:import_list", args=[mall.slug])
        yield Todo(text % {"count": number}, url, "warn", Action.IMPORT)
