"""Background work of the merchants app."""

from django.core.mail import send_mail
from django_tasks import task


@task(queue_name="outside", atomic=False)
def mail(address: str, subject: str, text: str) -> None:
    """Send one mail; repeated after a failure of the mail server. What is secret does not come here: it would stay in
    the row of the task."""
    send_mail(subject, text, None, [address])
