"""Parts (`mallops.lib.files.paper`) as a document to print or to mail: A4, upright, its pages numbered."""

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from . import inks

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable

MARGIN = 36  # points: half an inch
EDGE = MARGIN - 6  # reportlab's frames pad their inside by as much


def document(parts: Iterable["Flowable"], *, title: str, foot: str) -> bytes:
    """The parts from the top; `foot` stands on each page, beside its number."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    inks.know_chinese()
    out = BytesIO()
    template = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=EDGE, rightMargin=EDGE, topMargin=EDGE, bottomMargin=EDGE + 14,
        title=title, creator="MallOps", initialFontName=inks.LATIN,
    )  # fmt: skip
    template.build(list(parts), canvasmaker=_numbered(foot))
    return out.getvalue()


def _numbered(foot: str):
    """A canvas that knows how many pages there are before it writes their numbers."""
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.pages: list[dict] = []

        def showPage(self) -> None:
            self.pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.pages, 1):
                self.__dict__.update(page)
                _foot(self, foot, number, len(self.pages))
                super().showPage()
            super().save()

    return Numbered


def _foot(canvas: "Canvas", text: str, number: int, of: int) -> None:
    width = canvas._pagesize[0]
    inks.draw(canvas, MARGIN, MARGIN - 8, text, 7, "muted")
    page = _("Page %(number)s of %(count)s") % {"number": number, "count": of}
    inks.draw(canvas, width - MARGIN, MARGIN - 8, page, 7, "muted", align="end")
