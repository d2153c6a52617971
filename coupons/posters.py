"""A QR code to print: alone as PNG, or on a poster (A4, upright) as SVG and PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape

from .typesetting import wrap

WIDTH, HEIGHT = 210, 297  # millimetres
MARGIN = 15
QR_SIDE = 104
PNG_PIXELS, PNG_DPI = 1_200, 300  # about 10 cm in print
INK, MUTED, BRAND = "#16202e", "#566274", "#0f5bd7"
FONTS = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC',sans-serif"
CID_FONT = "STSong-Light"  # of the reader's own fonts for Chinese: no font file is needed, nor embedded


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on a poster: mall, title, `offers` (large) and place above the code, the rest below it."""

    mall: str
    place: str
    title: str
    offers: tuple[str, ...]
    invitation: str
    lines: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in the middle of the page: `y` of its base line from the top and `size`, in millimetres."""

    text: str
    y: float
    size: float
    colour: str


def svg(poster: Poster) -> str:
    lines, qr_y = layout(poster)
    texts = "".join(
        f'<text x="{WIDTH / 2}" y="{each.y:.1f}" font-size="{each.size}" fill="{each.colour}">'
        f"{escape(each.text)}</text>"
        for each in lines
    )
    modules = _modules(poster.url)
    side = len(modules)
    dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, dark in enumerate(row) if dark)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}mm" height="{HEIGHT}mm" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><rect width="{WIDTH}" height="6" fill="{BRAND}"/>'
        f'<g font-family="{FONTS}" text-anchor="middle">{texts}</g>'
        f'<svg x="{(WIDTH - QR_SIDE) / 2}" y="{qr_y:.1f}" width="{QR_SIDE}" height="{QR_SIDE}"'
        f' viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path d="{dots}" fill="#000"/></svg></svg>'
    )


def pdf(poster: Poster) -> bytes:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(CID_FONT))
    out = BytesIO()
    page = Canvas(out, pagesize=(WIDTH * mm, HEIGHT * mm))
    page.setTitle(_plain(poster.title))
    page.setFillColor(HexColor(BRAND))
    page.rect(0, (HEIGHT - 6) * mm, WIDTH * mm, 6 * mm, stroke=0, fill=1)
    lines, qr_y = layout(poster)
    for line in lines:
        page.setFillColor(HexColor(line.colour))
        page.setFont(CID_FONT, line.size * mm)
        page.drawCentredString(WIDTH / 2 * mm, (HEIGHT - line.y) * mm, _plain(line.text))
    _draw_code(page, poster.url, (WIDTH - QR_SIDE) / 2 * mm, (HEIGHT - qr_y - QR_SIDE) * mm, QR_SIDE * mm)
    page.save()
    return out.getvalue()


def png(url: str) -> bytes:
    """The code alone, black on white with its quiet zone, large enough for print."""
    import segno

    code, out = segno.make(url, error="m", micro=False), BytesIO()
    scale = -(-PNG_PIXELS // code.symbol_size(border=4)[0])
    code.save(out, kind="png", scale=scale, border=4, dpi=PNG_DPI)
    return out.getvalue()


def layout(poster: Poster) -> tuple[list[Line], float]:
    """Where each line stands, and the upper edge of the code; long texts break, and what does not fit is left out."""
    lines, y = _stack(_above(poster), 20)
    qr_y = max(y + 12, HEIGHT / 2 - QR_SIDE / 2 + 6)
    below, _y = _stack(_below(poster), qr_y + QR_SIDE + 6)
    return lines + [line for line in below if line.y < HEIGHT - 8], qr_y


def _stack(texts: Iterator[tuple[str, float, str, int]], y: float) -> tuple[list[Line], float]:
    """Texts below each other from `y` on, and where the last one ends."""
    lines = []
    for text, size, colour, at_most in texts:
        for part in wrap(text, (WIDTH - 2 * MARGIN) / size, at_most):
            y += size * 1.35
            lines.append(Line(part, y, size, colour))
        y += 3 + size / 4
    return lines, y


def _above(poster: Poster) -> Iterator[tuple[str, float, str, int]]:
    yield poster.mall, 7, MUTED, 1
    yield poster.title, 12, INK, 2
    for offer in poster.offers[:3]:
        yield offer, 10 if len(poster.offers) > 1 else 14, BRAND, 2
    if poster.place:
        yield poster.place, 6, MUTED, 1


def _below(poster: Poster) -> Iterator[tuple[str, float, str, int]]:
    yield poster.invitation, 7, INK, 2
    for line in poster.lines:
        yield line, 4.6, MUTED, 2


def _plain(text: str) -> str:
    """Without what the PDF's font has no place for: letters beyond the basic plane, such as emoji."""
    return "".join(letter for letter in text if ord(letter) < 0x10000)


def _modules(url: str) -> Sequence[Sequence[int]]:
    import segno

    return [list(row) for row in segno.make(url, error="m", micro=False).matrix_iter(border=2)]


def _draw_code(page, url: str, x: float, y: float, side: float) -> None:
    modules = _modules(url)
    unit = side / len(modules)
    path = page.beginPath()
    for row, cells in enumerate(modules):
        for column, dark in enumerate(cells):
            if dark:
                path.rect(x + column * unit, y + side - (row + 1) * unit, unit, unit)
    page.setFillColorRGB(0, 0, 0)
    page.drawPath(path, stroke=0, fill=1)
