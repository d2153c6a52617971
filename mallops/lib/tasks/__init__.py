"""Background work: rows written in the transaction of their cause, run at least once, fenced.

Write a job in `<app>/tasks.py`, and enqueue it inside the transaction that makes it necessary:

    from django_tasks import task

    @task                                   # the job's writes and its "done" commit together
    def send_receipt(payment_id): ...

    @task(takes_context=True, atomic=False)  # long work, or calls to the outside
    def import_file(context, import_id): ...

    send_receipt.enqueue(payment.pk)

`progress.RunContext` is what a job with `takes_context` receives; `periodic.periodic` repeats a job.
"""
