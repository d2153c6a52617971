import pytest
from django.core.management import CommandError, call_command

from mallops.imports.models import ImportRun
from payments.models import Payment

from .conftest import PAYMENT_HEADER

GOOD = "hotpot,wechat,T1,128.50,2026-03-31 18:05:00,anna\n"
BAD = "hotpot,wechat,T2,1.234,2026-03-31 18:05:00,anna\n"


@pytest.fixture
def file(tmp_path, store):
    def file(text: str):
        path = tmp_path / "payments.csv"
        path.write_text(PAYMENT_HEADER + text, encoding="utf-8")
        return str(path)

    return file


def test_a_good_file_ends_well_and_twice_adds_nothing(file, capsys):
    for _time in range(2):
        call_command("import_csv", file(GOOD), mall="galaxy", kind="payments")
    assert capsys.readouterr().out.splitlines() == [
        "1 rows: 1 added, 0 known already, 0 bad.",
        "1 rows: 0 added, 1 known already, 0 bad.",
    ]


def test_bad_rows_give_another_exit_code_and_the_report(file, capsys):
    with pytest.raises(CommandError) as caught:
        call_command("import_csv", file(GOOD + BAD), mall="galaxy", kind="payments")
    assert caught.value.returncode == 1
    run = ImportRun.objects.get()
    assert capsys.readouterr().out.splitlines() == [
        "2 rows: 1 added, 0 known already, 1 bad.",
        f"Report: {run.report.path}",
    ]


def test_all_or_nothing_takes_nothing(file):
    with pytest.raises(CommandError) as caught:
        call_command("import_csv", file(GOOD + BAD), mall="galaxy", kind="payments", all_or_nothing=True)
    assert (caught.value.returncode, Payment.objects.count()) == (2, 0)


@pytest.mark.parametrize(("slug", "path"), [("nowhere", None), ("galaxy", "/nowhere.csv")])
def test_an_unknown_mall_or_file_is_told(file, slug, path):
    with pytest.raises(CommandError, match="There is no"):
        call_command("import_csv", path or file(GOOD), mall=slug, kind="payments")
