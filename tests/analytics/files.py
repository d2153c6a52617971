"""Reading back the files that boards answer."""

import base64
import csv
import io
import re
import zlib
from xml.etree import ElementTree
from zipfile import ZipFile

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def body(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


def csv_rows(response) -> list[list[str]]:
    text = body(response).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def xlsx_sheets(content: bytes) -> dict[str, list[list]]:
    """The rows of each sheet by the name on its tab: text, numbers as floats. A formula anywhere fails."""
    with ZipFile(io.BytesIO(content)) as book:
        names = [
            sheet.get("name") for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
        ]
        pages = [book.read(f"xl/worksheets/sheet{number}.xml") for number in range(1, len(names) + 1)]
    assert not any(b"<f>" in page or b"<hyperlink" in page for page in pages)
    return {name: _rows(page) for name, page in zip(names, pages, strict=True)}


def _rows(page: bytes) -> list[list]:
    found = []
    for row in ElementTree.fromstring(page).iter(f"{SHEET}row"):
        cells: list = []
        for cell in row.iter(f"{SHEET}c"):
            column = _column(re.match("[A-Z]+", cell.get("r"))[0])
            cells += [""] * (column - len(cells))
            text = cell.find(f"{SHEET}is/{SHEET}t")
            cells.append(float(cell.find(f"{SHEET}v").text) if text is None else _text(text.text or ""))
        found.append(cells)
    return found


def _text(written: str) -> str:
    """Letters that XML cannot hold stand there as their number."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), written)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def pdf_text(content: bytes) -> str:
    """What the pages say, in the order drawn. Strings of the Chinese font are UTF-16, the others Windows Latin 1."""
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    chinese = re.findall(rb"/Name /(F[^ ]+)[^>]*?/Subtype /Type0|/BaseFont /STSong[^>]*?/Name /(F[^ ]+)", content)
    wide = {name for names in chinese for name in names}
    found, font = [], b""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        page = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        for name, text in re.findall(rb"/(F\S+) \S+ Tf|\(((?:\\.|[^\\()])*)\) Tj", page, re.DOTALL):
            font = name or font
            if text:
                found.append(_unescaped(text).decode("utf-16-be" if font in wide else "cp1252"))
    return " ".join(found)


def _unescaped(text: bytes) -> bytes:
    codes = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    return re.sub(
        rb"\\(\d{3}|.)",
        lambda m: bytes([int(m[1], 8)]) if m[1].isdigit() else codes.get(m[1], m[1]),
        text,
        flags=re.DOTALL,
    )


def pdf_pages(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", content))
