"""What the pages show of imports."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mallops.lib.tasks.models import TaskRun
from merchants.models import Mall, User

from .models import ImportRun, ImportState
from .services import OPEN

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
