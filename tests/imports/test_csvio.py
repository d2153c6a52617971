import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mallops.lib import csvio
from mallops.lib.csvio import BadFile, csv_lines, open_csv, safe_cell

TEXT = "store,名称\nhotpot,红锅\ncafe,咖啡\n"


def read_all(data: bytes, step: int = 1000) -> tuple[csvio.CsvReader, csvio.Chunk]:
    reader, whole = open_csv(io.BytesIO(data)), csvio.Chunk()
    while not reader.ended:
        chunk = reader.take(step)
        whole.rows += chunk.rows
        whole.lines += chunk.lines
        whole.broken += chunk.broken
    return reader, whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le-bom", "gb18030-bom"])
def test_open_csv_knows_common_encodings(encoding):
    data = {
        "utf-16-le-bom": lambda: b"\xff\xfe" + TEXT.encode("utf-16-le"),
        "gb18030-bom": lambda: ("\ufeff" + TEXT).encode("gb18030"),
    }.get(encoding, lambda: TEXT.encode(encoding))()
    reader, whole = read_all(data)
    assert reader.header == ["store", "名称"]
    assert whole.rows == [["hotpot", "红锅"], ["cafe", "咖啡"]]
    assert (whole.lines, whole.broken) == ([2, 3], [])


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_open_csv_guesses_the_delimiter(delimiter):
    assert read_all(TEXT.replace(",", delimiter).encode())[1].rows[0] == ["hotpot", "红锅"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"\n \r\n", "The file is empty."),
        (b"PK\x03\x04rest", "This is a spreadsheet or an archive."),
        (b"\x7fELF\x00\x00", "This is not a text file."),
        (b"a" * 70_000 + b"\n", "The first line is not a header: is longer than 65536 bytes."),
    ],
)
def test_open_csv_refuses_what_is_no_table(data, message):
    with pytest.raises(BadFile, match=message):
        open_csv(io.BytesIO(data))


def test_a_quote_that_is_never_closed_costs_only_its_line():
    whole = read_all(b'a,b\n1,"2\n3,4\n5,6\n')[1]
    assert whole.rows == [["3", "4"], ["5", "6"]]
    assert whole.lines == [3, 4]
    assert whole.broken == [(2, "opens a quote that is not closed", '1,"2')]


def test_a_quote_that_is_never_closed_reads_a_bounded_number_of_lines():
    data = b'a,b\n1,"2\n' + b"3,4\n" * 500
    whole = read_all(data)[1]
    assert (len(whole.rows), len(whole.broken), whole.lines[0], whole.lines[-1]) == (500, 1, 3, 502)


def test_broken_lines_are_told_and_the_others_read():
    data = b'a,b\n1,\xff\xfe\xfd\n2,"x"y\n3,' + b"z" * 70_000 + b"\n4,\0\n5,ok\n\n,,\n6,ok"
    whole = read_all(data)[1]
    assert whole.rows == [["5", "ok"], ["6", "ok"]]
    assert whole.lines == [6, 9]
    assert [(line, why) for line, why, _text in whole.broken] == [
        (2, "is not text in GB18030"),
        (3, "has a quote or a line end in a wrong place"),
        (4, "is longer than 65536 bytes"),
        (5, "contains NUL characters"),
    ]


def test_one_broken_line_does_not_change_the_encoding():
    data = "a,b\n1,红\n2,锅\n".encode() + b"3,\xb0\xa1\n"
    reader, whole = read_all(data)
    assert (reader.encoding, whole.rows[0]) == ("utf-8", ["1", "红"])
    assert whole.broken[0][:2] == (4, "is not text in UTF-8")


def test_quoted_text_may_have_line_ends():
    whole = read_all(b'a,b\n1,"x\ny"\n2,z\n')[1]
    assert (whole.rows, whole.lines) == ([["1", "x\ny"], ["2", "z"]], [2, 4])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_reading_resumes_where_it_stopped(encoding):
    data = ("id,名\n" + "".join(f'{n},"红\n{n}"\n' for n in range(30))).encode(encoding)
    first = open_csv(io.BytesIO(data))
    head = first.take(7)
    second = open_csv(io.BytesIO(data))
    second.resume(first.position, first.line)
    tail = second.take(1000)
    assert [row[0] for row in head.rows + tail.rows] == [str(n) for n in range(30)]
    assert head.lines + tail.lines == list(range(2, 62, 2))


@given(st.binary(max_size=400), st.integers(1, 5))
def test_no_bytes_break_the_reader(data, step):
    try:
        reader, whole = read_all(data, step)
    except BadFile:
        return
    assert reader.position == reader.size
    assert sorted(whole.lines) == whole.lines


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")),
            min_size=2,
            max_size=2,
        )
    )
)
def test_what_was_written_is_read_again(rows):
    import csv

    out = io.StringIO()
    csv.writer(out).writerows([["a", "b"], *rows])
    whole = read_all(out.getvalue().encode())[1]
    assert whole.rows + [text for *_rest, text in whole.broken] == [row for row in rows if any(row)]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-cmd|x", "@SUM(A1)", "\t=1", " =1", "\r=1", "-"])
def test_safe_cell_stops_formulas(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("value", ["-12.50", "+3", "a=b", "", "2026-03-31", 5, None, -5])
def test_safe_cell_leaves_other_values(value):
    assert safe_cell(value) == value


def test_csv_lines_begin_with_a_mark_for_excel():
    assert "".join(csv_lines([["店", "=x"]])) == "\ufeff店,'=x\r\n"
