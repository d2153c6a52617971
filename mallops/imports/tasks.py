from django.utils import translation
from django.utils.translation import gettext as _
from django_tasks import task

from mallops.lib.tasks.progress import Cancelled, Interrupted, LeaseLost

from .models import ImportRun, ImportState
from .running import close, run_file
from .services import OPEN, forget_file

ATTEMPTS = 5


@task(takes_context=True, atomic=False, max_attempts=ATTEMPTS)
def run_import(context, import_id: int, language: str) -> None:
    """Import an uploaded file. A lost attempt goes on after the last chunk it committed."""
    run = ImportRun.objects.select_related("mall", "created_by").get(pk=import_id)
    if run.state not in OPEN:
        return
    with translation.override(language):
        try:
            with run.file.open("rb") as file:
                run_file(run, file, context)
        except (Interrupted, LeaseLost):
            raise  # goes on elsewhere
        except Cancelled:
            forget_file(run)
            raise
        except Exception:
            if context.attempt - context.run.forgiven >= ATTEMPTS:
                close(run, ImportState.REFUSED, _("The import failed. Rows taken so far stay; import it again."))
                forget_file(run)
            raise
    forget_file(run)
