from django.utils import translation
from django_tasks import task

from .models import ImportRun
from .running import run_file
from .services import OPEN


@task(takes_context=True, atomic=False)
def run_import(context, import_id: int, language: str) -> None:
    """Import an uploaded file. A lost attempt goes on after the last chunk it committed."""
    run = ImportRun.objects.select_related("mall", "created_by").get(pk=import_id)
    if run.state not in OPEN:
        return
    with translation.override(language), run.file.open("rb") as file:
        run_file(run, file, context)
