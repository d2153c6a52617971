"""Begin and cancel imports."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from mallops.lib.tasks.models import TaskRun
from merchants.models import Mall, User

from .models import ImportRun, ImportState

OPEN = (ImportState.WAITING, ImportState.RUNNING)


@transaction.atomic
def begin_import(
    *, mall: Mall, kind: str, file: UploadedFile, all_or_nothing: bool, award: bool, by: User
) -> ImportRun:
    """Keep an uploaded file and enqueue its import; reasons in the report are in the language in force now."""
    from .tasks import run_import

    run = ImportRun.objects.create(
        mall=mall, kind=kind, file=file, file_name=file.name[-200:], total_bytes=file.size,
        all_or_nothing=all_or_nothing, award=award, created_by=by,
    )  # fmt: skip
    run.task_id = run_import.enqueue(run.pk, get_language()).id
    run.save(update_fields=["task_id"])
    return run


@transaction.atomic
def cancel_import(*, run: ImportRun) -> bool:
    """Cancel an import that waits, and ask one that runs to stop after its chunk. False if it has ended."""
    if TaskRun.objects.stop(run.task_id):
        return True
    ended = ImportRun.objects.filter(pk=run.pk, state__in=OPEN).update(
        state=ImportState.CANCELLED, finished_at=timezone.now()
    )
    if ended:
        forget_file(run)
    return bool(ended)


def forget_file(run: ImportRun) -> None:
    """Delete the uploaded file: it may name shoppers in plain."""
    run.file.delete(save=False)
    run.save(update_fields=["file"])
