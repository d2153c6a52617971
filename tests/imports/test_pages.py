"""The pages of imports: upload, progress, report, cancel; and who may not."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mallops.imports.models import ImportKind, ImportRun
from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.worker import Worker
from payments.models import Payment
from tests import factories

from .conftest import PAYMENT_HEADER, counts

GOOD = "hotpot,wechat,T1,128.50,2026-03-31 18:05:00,anna\n"
BAD = "hotpot,wechat,T2,=1+1,2026-03-31 18:05:00,anna\n"


@pytest.fixture
def upload(client, mall, operator, store):
    client.force_login(operator)

    def upload(data: str | bytes, name: str = "十一月.csv", **fields):
        data = data.encode() if isinstance(data, str) else data
        values = {
            "kind": "payments",
            "all_or_nothing": "no",
            "file": SimpleUploadedFile(name, data),
            **fields,
        }
        return client.post(reverse("imports:import_new", args=[mall.slug]), values)

    return upload


def errors(response) -> list[str]:
    return response.context["form"].errors.get("file", [])


def test_an_upload_becomes_an_import_with_report(upload, client, mall, operator, django_capture_on_commit_callbacks):
    response = upload(PAYMENT_HEADER + GOOD + BAD)
    run = ImportRun.objects.get()
    page = reverse("imports:import_detail", args=[mall.slug, run.pk])
    assert (response.status_code, response["Location"]) == (302, page)
    assert (run.state, run.created_by, run.file_name) == ("waiting", operator, "十一月.csv")
    assert b'hx-trigger="load delay:2s"' in client.get(page).content
    assert Worker().drain() == 1
    run.refresh_from_db()
    assert counts(run) == ("done", 2, 1, 0, 1)
    assert (run.file.name, Payment.objects.get().source) == ("", f"import:{run.pk}")
    response = client.get(page)
    assert (
        b"hx-trigger" in response.content.split(b'id="board"')[1],
        "Done, some rows bad" in response.text,
    ) == (False, True)
    report = client.get(reverse("imports:import_report", args=[mall.slug, run.pk]))
    assert b"".join(report.streaming_content).decode("utf-8-sig").splitlines()[1] == (
        "3,amount,is not an amount such as 12.50,hotpot,wechat,T2,'=1+1,2026-03-31 18:05:00,anna"
    )
    assert "filename*=utf-8''" in report["Content-Disposition"]


def test_the_board_alone_answers_htmx(upload, client, mall):
    upload(PAYMENT_HEADER + GOOD)
    page = reverse("imports:import_detail", args=[mall.slug, ImportRun.objects.get().pk])
    response = client.get(page, headers={"HX-Request": "true", "HX-Target": "board"})
    assert (b"<html" in response.content, b"<progress" in response.content) == (False, True)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The submitted file is empty."),
        (b"\n", "The file is empty."),
        (b"PK\x03\x04", "This is a spreadsheet or an archive. Save it as CSV (UTF-8) and upload that file."),
        (b"\0\1\2", "This is not a text file. Save the table as CSV (UTF-8) and upload that file."),
        (b"store,channel,transaction_id,amount\n", "The header lacks: paid_at (支付时间)."
         " It says: store, channel, transaction_id, amount."),
    ],
)  # fmt: skip
def test_wrong_files_are_told_at_once(upload, data, message):
    response = upload(data)
    assert (response.status_code, errors(response)) == (422, [message])
    assert not ImportRun.objects.exists()


def test_an_upload_above_the_limit_is_told_and_not_kept(upload, settings):
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    response = upload(PAYMENT_HEADER + GOOD * 50_000)
    assert (response.status_code, errors(response)) == (422, ["The file is larger than 1 MB."])
    assert not ImportRun.objects.exists()


def test_an_upload_needs_its_token(mall, operator):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    data = {"kind": "payments", "file": SimpleUploadedFile("a.csv", b"a")}
    assert client.post(reverse("imports:import_new", args=[mall.slug]), data).status_code == 403


def test_awards_are_for_payments_only(upload):
    upload("channel,transaction_id,refund_id,amount,refunded_at\n", kind="refunds", award="on")
    assert ImportRun.objects.get().award is False


def test_an_import_that_waits_is_cancelled_at_once(upload, client, mall):
    upload(PAYMENT_HEADER + GOOD)
    run = ImportRun.objects.get()
    response = client.post(reverse("imports:import_cancel", args=[mall.slug, run.pk]), follow=True)
    assert "The import is being stopped." in response.text
    assert Worker().drain() == 0
    run.refresh_from_db()
    assert (run.state, run.file.name, Payment.objects.count()) == ("cancelled", "", 0)
    client.post(reverse("imports:import_cancel", args=[mall.slug, run.pk]))


def test_an_import_that_runs_is_asked_to_stop(upload, client, mall, monkeypatch):
    from mallops.imports.doors import PaymentDoor

    monkeypatch.setattr(PaymentDoor, "chunk_rows", 1)
    upload(PAYMENT_HEADER + GOOD + GOOD.replace("T1", "T2"))
    run = ImportRun.objects.get()
    worker = Worker()
    task = worker.claim()
    client.post(reverse("imports:import_cancel", args=[mall.slug, run.pk]))
    task.cancel_requested = False  # it arrives while the task is running
    monkeypatch.setattr("mallops.lib.tasks.progress.WRITE_EVERY", 0)
    worker.execute(task)
    run.refresh_from_db()
    assert (run.state, TaskRun.objects.get().status, run.file.name) == ("cancelled", "cancelled", "")


def test_an_import_that_keeps_failing_says_so(upload, monkeypatch):
    from mallops.imports import tasks

    upload(PAYMENT_HEADER + GOOD)
    monkeypatch.setattr(tasks, "run_file", lambda *args: 1 / 0)
    for _attempt in range(tasks.ATTEMPTS):
        TaskRun.objects.update(run_after="2026-01-01T00:00:00Z")
        Worker().step()
    run = ImportRun.objects.get()
    assert (run.state, run.message) == (
        "refused",
        "The import failed. Rows taken so far stay; import it again.",
    )
    assert TaskRun.objects.get().status == "dead"


@pytest.mark.parametrize("kind", ImportKind.values)
def test_templates_can_be_filled_in_and_imported(upload, client, mall, kind):
    data = b"".join(client.get(reverse("imports:import_new", args=[mall.slug]), {"template": kind}).streaming_content)
    assert data.startswith(b"\xef\xbb\xbf")
    assert upload(data, kind=kind).status_code == 302


def test_an_unknown_template_is_not_found(client, mall, operator):
    client.force_login(operator)
    assert client.get(reverse("imports:import_new", args=[mall.slug]), {"template": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["import_list", "import_new", "import_detail", "import_report", "import_cancel"])
def test_imports_are_for_who_may_import_here(client, mall, take_payments, owner, provider_manager, stranger, name):
    run = take_payments(BAD)
    arguments = [mall.slug] if name in {"import_list", "import_new"} else [mall.slug, run.pk]
    method = client.post if name == "import_cancel" else client.get
    assert method(reverse(f"imports:{name}", args=arguments)).status_code == 302
    for user in (owner, provider_manager, stranger):
        client.force_login(user)
        assert method(reverse(f"imports:{name}", args=arguments)).status_code == 404


def test_another_malls_import_is_not_found(client, mall, take_payments, stranger):
    run = take_payments(BAD)
    client.force_login(stranger)
    own = stranger.memberships.get().mall
    assert client.get(reverse("imports:import_detail", args=[own.slug, run.pk])).status_code == 404
    assert client.get(reverse("imports:import_report", args=[own.slug, run.pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_database_the_same_however_long(client, mall, manager, rows, django_assert_num_queries):
    for _row in range(rows):
        ImportRun.objects.create(mall=mall, kind="payments", file_name="a.csv", created_by=factories.make_user())
    client.force_login(manager)
    with django_assert_num_queries(8):
        assert client.get(reverse("imports:import_list", args=[mall.slug])).text.count("a.csv") == rows
