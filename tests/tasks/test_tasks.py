"""One worker, one database, no processes: what each outcome does to the row."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks import TaskResultStatus

from mallops.lib.tasks import periodic, progress
from mallops.lib.tasks.models import PeriodicRun, Status, TaskRun
from mallops.lib.tasks.progress import RunContext
from mallops.lib.tasks.tasks import forget_finished
from mallops.lib.tasks.worker import Crew, Worker, back_off

from . import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    return Worker()


def make_due() -> None:
    TaskRun.objects.update(run_after=timezone.now() - timedelta(seconds=1))


def test_enqueued_task_runs_once_and_keeps_its_result(worker):
    result = jobs.in_one_step.enqueue(7)
    assert result.status == TaskResultStatus.READY
    assert worker.drain() == 1
    assert worker.drain() == 0
    result.refresh()
    assert (result.status, result.return_value, result.attempts) == (TaskResultStatus.SUCCESSFUL, "did 7", 1)
    assert len(jobs.marks()) == 1


def test_enqueue_belongs_to_the_transaction_of_its_cause(worker):
    with pytest.raises(ValueError), transaction.atomic():
        jobs.in_one_step.enqueue(7)
        raise ValueError
    assert worker.drain() == 0


def test_enqueue_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        jobs.in_one_step.enqueue(7)


def test_priority_then_age_decides_the_order(worker):
    for job, priority in ((1, 0), (2, 5), (3, 0)):
        jobs.in_one_step.using(priority=priority).enqueue(job)
    assert [worker.claim().args for _ in range(3)] == [[2], [1], [3]]
    assert worker.claim() is None


def test_deferred_task_waits(worker):
    jobs.in_one_step.using(run_after=timezone.now() + timedelta(hours=1)).enqueue(1)
    assert worker.drain() == 0
    make_due()
    assert worker.drain() == 1


def test_failure_undoes_its_writes_waits_longer_each_time_and_ends_dead(worker):
    jobs.fails_after_writing.enqueue(1)
    waits = []
    for _ in range(2):
        worker.drain()
        run = TaskRun.objects.get()
        assert run.status == Status.READY
        waits.append(run.run_after - timezone.now())
        make_due()
    worker.drain()
    run = TaskRun.objects.get()
    assert (run.status, run.attempt) == (Status.DEAD, 3)
    assert "ValueError: out of order" in run.error
    assert run.finished_at
    assert waits[0] < timedelta(seconds=2.3) < timedelta(seconds=3.5) < waits[1]
    assert jobs.marks() == []


def test_back_off_is_bounded():
    assert back_off(500) <= timedelta(seconds=1000)


def test_giving_up_is_dead_at_once(worker):
    jobs.knows_better.enqueue()
    worker.drain()
    assert TaskRun.objects.get().status == Status.DEAD


def test_task_this_version_does_not_know_waits_for_a_worker_that_does(worker):
    TaskRun.objects.create(path="tests.tasks.jobs.of_tomorrow", run_after=timezone.now())
    worker.drain()
    run = TaskRun.objects.get()
    assert run.status == Status.READY
    assert "of_tomorrow" in run.error


def test_run_again_gives_a_dead_task_all_its_attempts_back(worker):
    jobs.fails_after_writing.enqueue(1)
    for _ in range(3):
        worker.drain()
        make_due()
    assert TaskRun.objects.all().run_again() == 1
    worker.drain()
    run = TaskRun.objects.get()
    assert (run.status, run.attempt) == (Status.READY, 4)


def test_lost_worker_is_replaced_when_its_lease_ends(worker):
    jobs.in_one_step.enqueue(1)
    assert worker.claim()
    assert worker.claim() is None
    make_due()
    assert Worker().drain() == 1
    assert TaskRun.objects.get().attempt == 2


def test_task_that_kills_its_workers_ends_dead(worker):
    jobs.fails_after_writing.enqueue(1)
    for _ in range(3):
        assert worker.claim()
        make_due()
    worker.drain()
    assert TaskRun.objects.get().status == Status.DEAD


def overtaken(worker: Worker) -> list[str]:
    """A worker sleeps through its lease, another one does its task, then the first wakes up and goes on."""
    asleep = worker.claim()
    make_due()
    assert Worker().drain() == 1
    worker.execute(asleep)
    return [name.split()[1] for name in jobs.marks()]


@pytest.mark.parametrize("job, effect", [(jobs.in_one_step, ["1.0"]), (jobs.in_parts, ["1.0", "1.1", "1.2"])])
def test_overtaken_worker_has_no_effect(worker, job, effect):
    job.enqueue(1)
    assert overtaken(worker) == effect
    assert TaskRun.objects.get().status == Status.DONE


@pytest.mark.parametrize("job", [jobs.in_one_step, jobs.in_parts])
def test_overtaken_worker_repeats_the_effect_without_the_fence(worker, job, monkeypatch):
    monkeypatch.setattr(TaskRun.objects.__class__, "held", lambda self, run: self.filter(pk=run.pk))
    job.enqueue(1)
    marks = overtaken(worker)
    assert len(marks) == 2 * len(set(marks))


def test_overtaken_failure_leaves_the_row_alone(worker):
    jobs.fails_after_writing.enqueue(1)
    asleep = worker.claim()
    make_due()
    newer = Worker().claim()
    worker.execute(asleep)
    run = TaskRun.objects.get()
    assert (run.status, run.attempt, run.error) == (Status.RUNNING, newer.attempt, "")


def test_interrupted_work_goes_on_at_its_checkpoint_and_costs_no_attempt(worker):
    jobs.in_parts.enqueue(1)
    first = worker.claim()
    context = RunContext(first)
    with context.fenced(checkpoint=1):
        jobs.leave_mark(1, 0)
    worker.stop()
    worker.execute(first)
    run = TaskRun.objects.get()
    assert (run.status, run.forgiven, run.checkpoint) == (Status.READY, 1, 1)
    Worker().drain()
    assert [name.split()[1] for name in jobs.marks()] == ["1.0", "1.1", "1.2"]


def test_progress_is_kept(worker):
    jobs.counts.enqueue(5)
    worker.drain()
    run = TaskRun.objects.get()
    assert (run.progress_done, run.progress_total, run.progress_note, run.result) == (5, 5, "row 5", 1)


def test_progress_writes_are_few(worker, django_assert_max_num_queries):
    jobs.counts.enqueue(10_000)
    with django_assert_max_num_queries(20):
        worker.drain()


def test_waiting_task_is_cancelled_at_once(worker):
    jobs.counts.enqueue(5)
    assert TaskRun.objects.all().request_cancel() == 1
    assert worker.drain() == 0
    assert TaskRun.objects.get().status == Status.CANCELLED


def test_stopping_tells_whether_the_task_ends_the_work_itself(worker):
    waiting = jobs.counts.enqueue(5)
    assert TaskRun.objects.stop(waiting.id) is False
    assert TaskRun.objects.get().status == Status.CANCELLED
    running = jobs.counts.enqueue(5)
    worker.claim()
    assert TaskRun.objects.stop(running.id) is True
    assert TaskRun.objects.get(pk=running.id).cancel_requested
    assert TaskRun.objects.stop("") is False


def test_running_task_is_cancelled_at_its_next_progress(worker, monkeypatch):
    monkeypatch.setattr(progress, "WRITE_EVERY", 0)
    jobs.counts.enqueue(5)
    run = worker.claim()
    TaskRun.objects.all().request_cancel()
    context = RunContext(run)
    context.beat()
    with pytest.raises(progress.Cancelled):
        context.progress(1, 5)
    worker.execute(TaskRun.objects.get())
    assert TaskRun.objects.get().status == Status.CANCELLED


def test_periodic_job_is_enqueued_once_a_period_and_never_twice_at_a_time(worker, monkeypatch):
    job = jobs.knows_better
    monkeypatch.setattr(periodic, "REGISTRY", {job.module_path: (job, timedelta(minutes=5))})
    now = timezone.now()
    # Due at 0, 6 and 12; at 6 the one of 0 is still waiting.
    assert [periodic.enqueue_due(now + timedelta(minutes=m)) for m in (0, 4, 6)] == [1, 0, 0]
    worker.drain()
    assert periodic.enqueue_due(now + timedelta(minutes=12)) == 1
    assert PeriodicRun.objects.get().last_run_at == now + timedelta(minutes=12)


def test_finished_rows_are_forgotten_after_a_while_but_dead_ones_stay(worker):
    for status in (Status.DONE, Status.DEAD, Status.CANCELLED, Status.READY):
        old = timezone.now() - timedelta(days=30)
        TaskRun.objects.create(path="x", status=status, run_after=timezone.now(), finished_at=old)
    assert forget_finished.call() == 2
    assert set(TaskRun.objects.values_list("status", flat=True)) == {Status.DEAD, Status.READY}


def test_admin_shows_tasks_and_runs_dead_ones_again(client, worker, django_assert_max_num_queries):
    client.force_login(get_user_model().objects.create_superuser("root", "root@example.com", "x"))
    jobs.knows_better.enqueue()
    worker.drain()
    run = TaskRun.objects.get()
    with django_assert_max_num_queries(12):
        assert client.get(reverse("admin:tasks_taskrun_changelist") + "?q=knows").status_code == 200
    page = client.get(reverse("admin:tasks_taskrun_change", args=[run.pk]))
    assert b"no such address" in page.content
    client.post(reverse("admin:tasks_taskrun_changelist"), {"action": "run_again", "_selected_action": [run.pk]})
    run.refresh_from_db()
    assert run.status == Status.READY


def test_each_queue_has_a_worker_so_that_short_work_need_not_wait_behind_long():
    assert [worker.queues for worker in Crew().workers] == [["default"], ["long"], ["outside"]]
    jobs.counts.using(queue_name="long").enqueue(5)
    assert Worker(["default"]).drain() == 0
    assert Worker(["long"]).drain() == 1
