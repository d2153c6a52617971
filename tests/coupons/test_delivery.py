"""From the coupon to the notice: written with its cause, sent at least once under one id, given up, sent again."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from coupons import offline, tasks
from coupons.delivery import channels, outbox, sending, trial
from coupons.delivery.webhook import NotTaken
from coupons.models import Coupon, Notice, NoticeChannel, Stock
from mallops import pipeline
from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.worker import Worker
from payments import contacts
from payments.models import ShopperContact
from tests.factories import make_mall, make_rule, make_stock, payment_event

from .test_delivery_webhook import receiver  # noqa: F401

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def webhook(mall, manager, receiver):  # noqa: F811
    return channels.add(mall=mall, sender="webhook", url=receiver.url, by=manager)


@pytest.fixture
def stock(mall):
    return make_stock(mall=mall, code="tea", remind_hours=[72, 24, 2])


@pytest.fixture
def issue(mall, store, stock, record):
    make_rule(mall=mall, stock=stock)

    def issue(**event):
        (receipt,) = record(payment_event(store, **event))
        return Coupon.objects.get(code=receipt.coupons[0].code)

    return issue


def states() -> list[tuple]:
    return list(Notice.objects.order_by("pk").values_list("state", "attempts", "hours_before"))


def work() -> None:
    """Run the tasks that are due."""
    Worker(["outside"]).drain()


def test_mall_without_channels_writes_nothing(issue):
    issue()
    assert not TaskRun.objects.exists()
    assert not Notice.objects.exists()


def test_receipt_goes_to_the_webhook(issue, webhook, receiver, mall, stock, store):  # noqa: F811
    coupon = issue(transaction_id="wx-1")
    assert TaskRun.objects.get().path == "coupons.tasks.announce"
    work()
    assert states() == [("sent", 1, 0)]
    notice = Notice.objects.get()
    ((headers, _body),) = receiver.got
    assert headers["webhook-id"] == notice.key
    (message,) = receiver.messages
    assert message["type"] == "coupon.received"
    data = message["data"]
    assert data["mall"] == mall.slug
    assert data["coupon"]["code"] == coupon.code
    assert offline.read(mall.pk, data["coupon"]["qr"]).code == coupon.code
    assert data["coupon"]["page"].startswith("http://127.0.0.1:8000/k/")
    assert data["cause"] == {"channel": "wechat", "transaction_id": "wx-1"}
    assert (data["stock"]["code"], data["stock"]["value_fen"], data["hours_before"]) == ("tea", 1_000, None)
    assert data["expires_at"].endswith("+08:00")


def test_task_and_notice_repeated_send_once(issue, webhook, receiver, mall):  # noqa: F811
    coupon = issue()
    for _ in range(2):
        tasks.announce.call(mall.pk, [coupon.payment_id], [])
    assert len(receiver.got) == Notice.objects.count() == 1


def test_rolled_back_award_leaves_no_notice(issue, webhook):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        issue()
        raise ZeroDivisionError
    assert not TaskRun.objects.exists()


def test_crash_after_sending_repeats_the_same_id(issue, webhook, receiver, monkeypatch, mall):  # noqa: F811
    coupon = issue()
    outbox.write_receipts(mall.pk, [coupon.payment_id], [], now=timezone.now())
    with monkeypatch.context() as patch:
        patch.setattr(sending, "settle", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sending.send_batch(webhook, now=timezone.now())
    assert sending.send_due() == 0  # the lease still runs
    Notice.objects.update(due_at=timezone.now())
    assert sending.send_due() == 1
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


def test_attempt_that_lost_its_lease_writes_nothing(issue, webhook, mall):
    coupon = issue()
    outbox.write_receipts(mall.pk, [coupon.payment_id], [], now=timezone.now())
    (slow,) = sending.take(webhook, now=timezone.now())
    (quick,) = sending.take(webhook, now=timezone.now() + sending.LEASE)
    sending.settle([], [(slow, None)], [NotTaken("too late")])
    assert states() == [("waiting", 2, 0)]
    sending.settle([], [(quick, None)], [None])
    assert states() == [("sent", 2, 0)]


def test_failing_notice_waits_longer_each_time_and_is_given_up(issue, webhook, receiver):  # noqa: F811
    receiver.status = 500
    issue()
    work()
    waits = []
    while Notice.objects.get().state == "waiting":
        notice = Notice.objects.get()
        waits.append(notice.due_at - timezone.now())
        assert notice.error == "The receiver answered 500."
        Notice.objects.update(due_at=timezone.now())
        sending.send_due()
    assert states() == [("dead", sending.ATTEMPTS, 0)]
    assert waits == sorted(waits)
    assert len(waits) == len(sending.WAITS)
    assert timedelta(seconds=4) < waits[0] < timedelta(seconds=6)
    assert timedelta(hours=9) < waits[-1] <= timedelta(hours=12)
    assert len(set(receiver.ids)) == 1


def test_resent_notice_keeps_its_id_and_gets_all_attempts_again(issue, webhook, receiver, mall):  # noqa: F811
    receiver.status = 410
    issue()
    work()
    assert states() == [("dead", 1, 0)]
    receiver.status = 500
    assert sending.resend(mall) == 1
    for _ in range(sending.ATTEMPTS):
        Notice.objects.filter(state="waiting").update(due_at=timezone.now())
        sending.send_due()
    assert Notice.objects.get().state == "dead"
    receiver.status = 204
    assert sending.resend(mall, pk=Notice.objects.get().pk) == 1
    sending.send_due()
    assert Notice.objects.get().state == "sent"
    assert sending.resend(mall) == 0
    assert len(set(receiver.ids)) == 1


def test_channel_that_takes_nothing_does_not_hold_up_the_others(issue, webhook, receiver, mall, manager, monkeypatch):  # noqa: F811
    monkeypatch.setattr(sending, "BATCH", 2)
    channels.add(mall=mall, sender="webhook", url="http://127.0.0.1:9/", by=manager)
    paid = [issue(shopper=f"s{n}").payment_id for n in range(5)]
    outbox.write_receipts(mall.pk, paid, [], now=timezone.now())
    sending.send_due()
    assert len(receiver.got) == 5
    assert Notice.objects.filter(state="waiting", attempts=0).exists()


def test_unexpected_error_of_a_sender_is_an_error_of_its_notice(issue, webhook, monkeypatch):
    monkeypatch.setattr("coupons.delivery.webhook.send", lambda *args, **kwargs: 1 / 0)
    issue()
    work()
    assert (Notice.objects.get().state, Notice.objects.get().error) == ("waiting", "division by zero")


def test_switched_off_channel_keeps_its_notices(issue, webhook, receiver, manager, mall):  # noqa: F811
    coupon = issue()
    outbox.write_receipts(mall.pk, [coupon.payment_id], [], now=timezone.now())
    assert channels.switch(channel=webhook, on=False, by=manager)
    assert not channels.switch(channel=webhook, on=False, by=manager)
    assert sending.send_due() == 0
    channels.switch(channel=webhook, on=True, by=manager)
    assert sending.send_due() == 1


def test_webhook_secret_is_not_in_the_database(webhook):
    secret = channels.secret(webhook)
    assert secret.startswith("whsec_")
    assert channels.secret(NoticeChannel.objects.get()) == secret
    assert webhook.secret not in secret


def test_same_channel_twice(mall, manager, webhook):
    with pytest.raises(channels.ChannelExists):
        channels.add(mall=mall, sender="webhook", url=webhook.url, by=manager)


def test_test_message(webhook, receiver, mall):  # noqa: F811
    assert trial.send(webhook) == ""
    assert receiver.messages == [{"type": "test", "data": {"mall": mall.slug}}]
    receiver.status = 503
    assert trial.send(webhook) == "The receiver answered 503."


class TestReminders:
    def at(self, coupon, hours: float) -> list[int]:
        """The hours of the reminders written `hours` before the end of the coupon."""
        before = set(Notice.objects.values_list("pk", flat=True))
        outbox.write_reminders(coupon.mall_id, now=coupon.expires_at - hours * HOUR)
        return list(Notice.objects.exclude(pk__in=before).values_list("hours_before", flat=True))

    def test_each_is_written_once_when_due(self, issue, webhook):
        coupon = issue()
        assert self.at(coupon, 72.1) == []
        assert self.at(coupon, 72) == [72]
        assert self.at(coupon, 71.9) == []
        assert self.at(coupon, 24) == [24]
        assert self.at(coupon, 1.9) == [2]
        assert self.at(coupon, 0) == []

    def test_after_a_rest_only_the_later_of_two_and_none_that_is_stale(self, issue, webhook):
        coupon = issue()
        assert self.at(coupon, 23) == [24]
        assert self.at(coupon, 20) == []

    def test_coupon_of_hours_gets_those_within_its_validity(self, issue, webhook, stock):
        Stock.objects.filter(pk=stock.pk).update(validity="hours", valid_for=20)
        stock.refresh_from_db()
        stock.save()
        coupon = issue()
        assert self.at(coupon, 20) == []
        assert self.at(coupon, 2) == [2]

    def test_none_before_a_fixed_validity_begins(self, mall, record, store, webhook):
        day = timezone.localdate() + timedelta(days=5)
        stock = make_stock(
            mall=mall, validity="fixed", valid_for=None, valid_from_day=day, valid_until_day=day, remind_hours=[72, 3]
        )
        make_rule(mall=mall, stock=stock)
        record(payment_event(store))
        coupon = Coupon.objects.get()
        assert self.at(coupon, 72) == []
        assert self.at(coupon, 3) == [3]

    def test_used_and_ended_coupons_are_not_reminded_of(self, issue, webhook, redeem, stock, receiver):  # noqa: F811
        coupon = issue()
        assert self.at(coupon, 2) == [2]
        redeem(coupon.code, stock.merchant.stores.first() or make_store_of(stock))
        Notice.objects.update(due_at=timezone.now())
        sending.send_due()
        assert states() == [("dropped", 1, 2)]
        assert receiver.got == []
        assert self.at(coupon, 1) == []

    def test_message(self, issue, webhook, receiver):  # noqa: F811
        coupon = issue()
        self.at(coupon, 24)
        Notice.objects.update(due_at=timezone.now())
        sending.send_due()
        (message,) = receiver.messages
        assert (message["type"], message["data"]["hours_before"]) == ("coupon.expiring", 24)

    def test_mall_without_channels_asks_nothing(self, issue, mall, django_assert_num_queries):
        for _ in range(2):  # the first opens the accounts of who pays, the second compiles them
            issue()
        with django_assert_num_queries(1):
            assert outbox.write_reminders(mall.pk, now=timezone.now()) == 0

    def test_every_mall_has_its_turn(self, issue, webhook):
        make_mall()
        coupon = issue()
        Coupon.objects.update(expires_at=timezone.now() + HOUR)
        Coupon.objects.update(issued_at=timezone.now() - 9 * HOUR, valid_from=timezone.now() - 9 * HOUR)
        assert tasks.write_reminders.call() == 1
        assert Notice.objects.get().coupon_id == coupon.pk


def make_store_of(stock):
    from tests.factories import make_store

    return make_store(mall=stock.mall, merchant=stock.merchant)


class TestMail:
    @pytest.fixture
    def channel(self, mall, manager):
        return channels.add(mall=mall, sender="mail", by=manager)

    def test_goes_to_the_address_of_the_shopper_in_their_language(self, issue, channel):
        coupon = issue()
        self.give(coupon, "en")
        work()
        (sent,) = mail.outbox
        assert sent.to == ["anna@example.com"]
        assert sent.subject == f"You have a coupon: {coupon.stock.name_en}"
        assert "/k/" in sent.body
        assert sent.extra_headers["Message-ID"] == f"<{Notice.objects.get().key}@mallops>"

    def test_nobody_to_write_to(self, issue, channel):
        issue()
        work()
        assert (states(), mail.outbox) == ([("dropped", 1, 0)], [])

    def test_mail_server_that_refuses(self, issue, channel, settings):
        settings.EMAIL_BACKEND = "no.such.backend"
        self.give(issue(), "en")
        work()
        assert states() == [("waiting", 1, 0)]

    def test_address_is_kept_encrypted_and_forgotten(self, issue, mall):
        coupon = issue()
        self.give(coupon, "zh-hans")
        assert "anna" not in ShopperContact.objects.get().sealed
        assert contacts.find(mall_id=mall.pk, shopper_id=coupon.shopper_id).address == "anna@example.com"
        ShopperContact.objects.update(sealed="of another key")
        assert contacts.find(mall_id=mall.pk, shopper_id=coupon.shopper_id) is None
        assert contacts.forget(mall_id=mall.pk, shopper_id=coupon.shopper_id)
        assert not contacts.forget(mall_id=mall.pk, shopper_id=coupon.shopper_id)

    def give(self, coupon, language: str) -> None:
        contacts.keep(
            mall_id=coupon.mall_id, shopper_id=coupon.shopper_id, address="anna@example.com", language=language,
            now=timezone.now(),
        )  # fmt: skip


def test_log_says_no_code(issue, mall, manager, caplog):
    channels.add(mall=mall, sender="console", by=manager)
    coupon = issue()
    with caplog.at_level("INFO", "mallops.notices"):
        work()
    assert states() == [("sent", 1, 0)]
    assert coupon.code not in caplog.text
    assert coupon.code[-4:] in caplog.text


def test_import_of_many_awards_needs_one_task(issue, webhook, mall, store):
    events = [payment_event(store, shopper=f"s{n}") for n in range(30)]
    issue(shopper="one")
    pipeline.record_payments(mall.pk, events, source="test", now=timezone.now())
    assert TaskRun.objects.count() == 2
