from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "mallops.imports"
    label = "imports"
    verbose_name = _("Imports")

    def ready(self) -> None:
        from analytics.queries import todo

        from .queries import failed

        todo.FINDERS.append(failed)
