"""One file through the door, whatever is in it and wherever it stops."""

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.models import StoreDay, StoreHour
from mallops.imports.doors import PaymentDoor
from mallops.imports.models import ImportKind, ImportRun
from mallops.lib.tasks.progress import Cancelled
from payments.models import EventConflict, Payment, Shopper

from .conftest import PAYMENT_HEADER, Now, counts, report_lines

TWO = "hotpot,wechat,T1,128.50,2026-03-31 18:05:00,anna\ncafe,alipay,T2,30,2026-04-01T00:00:00+08:00,\n"


def lines(count: int, first: int = 0) -> str:
    return "".join(f"hotpot,cash,N{n},1.0{n % 10},2026-03-31 18:05:00,s{n % 3}\n" for n in range(first, first + count))


def test_payments_are_taken(take_payments, mall, store):
    run = take_payments(TWO)
    assert counts(run) == ("done", 2, 2, 0, 0)
    first, second = Payment.objects.for_mall(mall).order_by("transaction_id")
    assert (first.store_id, first.channel, first.amount_fen, first.source) == (
        store.pk,
        "wechat",
        12850,
        f"import:{run.pk}",
    )
    assert first.paid_at.isoformat() == "2026-03-31T10:05:00+00:00"
    assert (str(first.day), first.hour, str(second.day), second.hour) == ("2026-03-31", 18, "2026-04-01", 0)
    assert (first.shopper_id is None, second.shopper_id is None) == (False, True)
    assert (run.read_bytes, run.total_bytes, run.encoding, run.report.name) == (
        run.total_bytes,
        len(PAYMENT_HEADER + TWO),
        "utf-8",
        "",
    )


def test_running_twice_adds_nothing(take_payments, mall):
    take_payments(TWO)
    assert counts(take_payments(TWO)) == ("done", 2, 0, 2, 0)
    assert (Payment.objects.for_mall(mall).count(), Shopper.objects.for_mall(mall).count()) == (2, 1)


def test_bad_rows_are_reported_and_good_ones_kept(take_payments):
    run = take_payments(
        TWO
        + "nowhere,wechat,T3,12.345,2026-03-31 18:05:00,\n"
        + "hotpot,barter,=cmd|x!A1,-5,2036-01-01 10:00:00,x\n"
        + "hotpot,wechat,T4,12\n"
        + "hotpot,wechat,T1,99,2026-03-31 18:05:00,anna\n"
        + 'hotpot,"wechat,T5,1,2026-03-31 18:05:00,\n'
        + "hotpot,微信支付,T6,1,2026-03-31 18:05:00,\n"
    )
    assert counts(run) == ("done", 8, 3, 0, 5)
    assert report_lines(run) == [
        "4,store,is not the code of a store of this mall,nowhere,wechat,T3,12.345,2026-03-31 18:05:00,",
        "4,amount,has more than two decimals,nowhere,wechat,T3,12.345,2026-03-31 18:05:00,",
        '5,channel,"is not a channel such as wechat, alipay or cash",'
        "hotpot,barter,'=cmd|x!A1,-5,2036-01-01 10:00:00,x",
        "5,transaction_id,begins like a formula,hotpot,barter,'=cmd|x!A1,-5,2036-01-01 10:00:00,x",
        "5,amount,must be above zero,hotpot,barter,'=cmd|x!A1,-5,2036-01-01 10:00:00,x",
        "5,paid_at,lies in the future,hotpot,barter,'=cmd|x!A1,-5,2036-01-01 10:00:00,x",
        '6,,"has 4 cells, the header has 6",hotpot,wechat,T4,12',
        "7,amount,differs from an earlier delivery of the same number,hotpot,wechat,T1,99,2026-03-31 18:05:00,anna",
        '8,,opens a quote that is not closed,"hotpot,""wechat,T5,1,2026-03-31 18:05:00,"',
    ]
    assert EventConflict.objects.filter(external_id="T1", amount_fen=9900).count() == 1


def test_all_or_nothing_takes_nothing_if_a_row_is_bad(take_payments, mall, monkeypatch):
    monkeypatch.setattr(PaymentDoor, "chunk_rows", 1)
    run = take_payments(TWO + "hotpot,wechat,T3,0,2026-03-31 18:05:00,\n", all_or_nothing=True)
    assert counts(run) == ("refused", 3, 0, 0, 1)
    assert run.message == "Nothing was taken over, because some rows are bad."
    assert report_lines(run) == ["4,amount,must be above zero,hotpot,wechat,T3,0,2026-03-31 18:05:00,"]
    assert [model.objects.count() for model in (Payment, Shopper, StoreDay, StoreHour)] == [0, 0, 0, 0]


def test_all_or_nothing_takes_all_of_a_good_file(take_payments, monkeypatch):
    monkeypatch.setattr(PaymentDoor, "chunk_rows", 1)
    assert counts(take_payments(TWO, all_or_nothing=True)) == ("done", 2, 2, 0, 0)
    assert Payment.objects.count() == 2


def test_an_import_goes_on_where_it_was_killed(take_payments, monkeypatch):
    monkeypatch.setattr(PaymentDoor, "chunk_rows", 4)
    rows = lines(5) + "hotpot,cash,X,bad,2026-03-31 18:05:00,\n" + lines(6, first=5)
    with pytest.raises(KeyboardInterrupt):
        take_payments(rows, Now(stop_after=2, error=KeyboardInterrupt))
    run = ImportRun.objects.get()
    assert counts(run) == ("running", 8, 7, 0, 1)
    assert counts(take_payments(rows, run=run)) == ("done", 12, 11, 0, 1)
    assert [line.split(",")[0] for line in report_lines(run)] == ["7"]
    assert Payment.objects.count() == 11


def test_a_chunk_that_was_lost_is_not_half_written(take_payments, monkeypatch):
    monkeypatch.setattr(PaymentDoor, "chunk_rows", 4)
    rows = lines(5) + "hotpot,cash,X,bad,2026-03-31 18:05:00,\n" + lines(6, first=5)
    save = ImportRun.save

    def power_cut(run, **kwargs):
        if run.rows == 8 and "rows" in kwargs["update_fields"]:
            raise KeyboardInterrupt
        save(run, **kwargs)

    monkeypatch.setattr(ImportRun, "save", power_cut)
    with pytest.raises(KeyboardInterrupt):
        take_payments(rows)
    monkeypatch.setattr(ImportRun, "save", save)
    run = ImportRun.objects.get()
    assert (counts(run), Payment.objects.count()) == (("running", 4, 4, 0, 0), 4)
    assert counts(take_payments(rows, run=run)) == ("done", 12, 11, 0, 1)
    assert [line.split(",")[0] for line in report_lines(run)] == ["7"]


def test_a_cancelled_import_keeps_its_chunks(take_payments, monkeypatch):
    monkeypatch.setattr(PaymentDoor, "chunk_rows", 2)
    with pytest.raises(Cancelled):
        take_payments(lines(5), Now(stop_after=1))
    run = ImportRun.objects.get()
    assert counts(run) == ("cancelled", 2, 2, 0, 0)
    assert (run.finished_at is None, Payment.objects.count()) == (False, 2)


def test_a_cancelled_all_or_nothing_import_keeps_nothing(take_payments, monkeypatch):
    monkeypatch.setattr(PaymentDoor, "chunk_rows", 2)
    with pytest.raises(Cancelled):
        take_payments(lines(5), Now(stop_after=2), all_or_nothing=True)
    assert counts(ImportRun.objects.get()) == ("cancelled", 0, 0, 0, 0)
    assert Payment.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (PAYMENT_HEADER.encode(), "There are no rows below the header."),
        (b"PK\x03\x04\x00", "This is a spreadsheet or an archive. Save it as CSV (UTF-8) and upload that file."),
        (b"\x89PNG\r\n\x1a\n\0\0", "This is not a text file. Save the table as CSV (UTF-8) and upload that file."),
        (b"shop,sum\nhotpot,5\n", "The header lacks: store (门店编号), channel (支付渠道), transaction_id (交易单号),"
         " amount (金额), paid_at (支付时间). It says: shop, sum."),
        (b"store,store,channel,transaction_id,amount,paid_at\n", "The column “store” is there more than once."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("all_or_nothing", [False, True])
def test_files_that_are_no_table_are_refused(take, store, data, message, all_or_nothing):
    run = take(ImportKind.PAYMENTS, data, all_or_nothing=all_or_nothing)
    assert (counts(run), run.message) == (("refused", 0, 0, 0, 0), message)


def test_a_truncated_file_names_the_place(take_payments):
    run = take_payments(TWO + "hotpot,wechat,T3,12")
    assert counts(run) == ("done", 3, 2, 0, 1)
    assert report_lines(run) == ['4,,"has 4 cells, the header has 6",hotpot,wechat,T3,12']


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_chinese_headers_in_any_encoding(take, store, encoding):
    data = "交易号,门店编号,支付渠道,备注,支付时间,金额\nT1,hotpot,微信,好,2026-03-31 18:05:00,1\n"
    assert counts(take(ImportKind.PAYMENTS, data.encode(encoding))) == ("done", 1, 1, 0, 0)


def test_reasons_come_in_the_language_in_force(take_payments):
    with translation.override("zh-hans"):
        run = take_payments(TWO + "hotpot,wechat,T3,12\n")
    assert run.bad == 1


def test_progress_is_told_in_bytes(take_payments, monkeypatch):
    monkeypatch.setattr(PaymentDoor, "chunk_rows", 1)
    context = Now()
    run = take_payments(TWO, context)
    assert context.said[-1] == (run.total_bytes, run.total_bytes)
    assert [done for done, _total in context.said] == sorted(done for done, _total in context.said)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200), all_or_nothing=st.booleans())
def test_no_bytes_break_an_import(take, store, tail, all_or_nothing):
    run = take(ImportKind.PAYMENTS, (PAYMENT_HEADER + TWO).encode() + tail, all_or_nothing=all_or_nothing)
    assert run.state in {"done", "refused"}
    if run.state == "done":
        assert run.rows == run.added + run.known + run.bad


cell = st.text(max_size=12) | st.sampled_from(["hotpot", "wechat", "1.00", "2026-03-31 18:05:00", "T9", "=1"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(cell, min_size=6, max_size=6), max_size=4))
def test_no_cells_break_an_import(take, store, rows):
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerows(rows)
    run = take(ImportKind.PAYMENTS, (PAYMENT_HEADER + TWO + out.getvalue()).encode("utf-8", "replace"))
    if run.state == "done":
        assert run.rows == run.added + run.known + run.bad


def test_payments_before_the_first_day_of_a_shopper_are_told(take_payments, mall):
    late = take_payments("hotpot,wechat,T1,1,2026-03-31 18:05:00,anna\n")
    assert late.message == ""
    row = "hotpot,wechat,T{n},1,2026-03-{n:02d} 18:05:00,anna\n"
    early = take_payments("".join(row.format(n=n) for n in range(3, 9)))
    assert early.state == "done" and "rebuild_rollups --first-days" in early.message
    whole = take_payments(row.format(n=2), all_or_nothing=True)
    assert "rebuild_rollups --first-days" in whole.message
