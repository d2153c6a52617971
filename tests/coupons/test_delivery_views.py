"""Pages of notices, their channels, and disputes."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from coupons import disputes
from coupons.delivery import channels, outbox
from coupons.forms.reminders import RemindersField
from coupons.models import Coupon, Dispute, Notice, NoticeChannel
from merchants.models import AuditEntry
from tests.factories import make_rule, payment_event

from .test_delivery_webhook import receiver  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, manager, mall):
    """A page for the mall's manager: `page("notice_list")`, or a post to it: `page("notice_resend", 5, post={})`."""
    client.force_login(manager)

    def page(name: str, *args, post: dict | None = None, query: str = ""):
        url = reverse(f"coupons:{name}", args=[mall.slug, *args]) + query
        return client.get(url) if post is None else client.post(url, post)

    return page


@pytest.fixture
def coupon(mall, store, record) -> Coupon:
    make_rule(mall=mall)
    record(*[payment_event(store, shopper=f"s{n}") for n in range(3)])
    return Coupon.objects.order_by("pk").first()


@pytest.fixture
def dead(mall, manager, coupon):
    """Notices of all coupons, given up."""
    channels.add(mall=mall, sender="console", by=manager)
    payments = Coupon.objects.values_list("payment", flat=True)
    outbox.write_receipts(mall.pk, list(payments), [], now=timezone.now())
    Notice.objects.update(state="dead", attempts=8, error="The receiver answered 500.")
    return list(Notice.objects.order_by("pk"))


@pytest.fixture
def dispute(coupon, store, cashier) -> Dispute:
    now = timezone.now()
    return disputes.note(
        coupon=coupon, store_id=store.pk, order_fen=9_000, request_id="q", reason="already_redeemed", redeemed_at=now,
        now=now, by=cashier,
    )  # fmt: skip


def test_given_up_notices_are_shown_with_their_error_and_sent_again(page, dead):
    answer = page("notice_list", query="?state=dead")
    assert "3 notices were given up." in answer.text
    assert "The receiver answered 500." in answer.text
    page("notice_resend", dead[0].pk, post={})
    assert [*Notice.objects.order_by("pk").values_list("state", flat=True)] == ["waiting", "dead", "dead"]
    page("notice_resend_all", post={})
    assert set(Notice.objects.values_list("state", flat=True)) == {"waiting"}
    assert "No notice" in page("notice_list", query="?state=sent").text


def test_notice_says_all_but_the_code(page, dead, coupon):
    answer = page("notice_detail", dead[0].pk)
    assert dead[0].key in answer.text
    assert coupon.code not in answer.text


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_take_the_same_queries(page, dead, dispute, rows, django_assert_num_queries):
    Notice.objects.filter(pk__in=[notice.pk for notice in dead[rows:]]).delete()
    with django_assert_num_queries(9):
        page("notice_list")
    for n in range(rows):
        disputes.note(
            coupon=dispute.coupon, store_id=dispute.store_id, order_fen=1, request_id=f"q{n}", reason="expired",
            redeemed_at=dispute.redeemed_at, now=timezone.now(),
        )  # fmt: skip
    with django_assert_num_queries(8):
        page("dispute_list")


def test_secret_is_shown_once(page, mall):
    page("channel_list", post={"sender": "webhook", "url": "https://example.com/hook"})
    channel, answer = NoticeChannel.objects.get(), page("channel_list")
    assert channels.secret(channel) in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert channels.secret(channel) not in page("channel_list").text
    assert AuditEntry.objects.filter(mall=mall, action="notice_channel_added").exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"sender": "webhook", "url": ""}, "must begin with https://"),
        ({"sender": "webhook", "url": "http://example.com/"}, "must begin with https://"),
        ({"sender": "webhook", "url": "https://10.0.0.1/"}, "private network"),
        ({"sender": "webhook", "url": "nonsense with blanks"}, "valid URL"),
        ({"sender": "webhook", "url": "https://example.com/" + "x" * 500}, "at most 500"),
        ({"sender": "pigeon", "url": ""}, "not one of the available choices"),
    ],
    ids=str,
)
def test_channel_that_cannot_be(page, data, said):
    answer = page("channel_list", post=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert not NoticeChannel.objects.exists()


def test_channel_once_only(page):
    page("channel_list", post={"sender": "mail", "url": "https://ignored.example.com/"})
    assert NoticeChannel.objects.get().url == ""
    assert "has this channel already" in page("channel_list", post={"sender": "mail"}).text


def test_channel_is_tried_and_switched(page, receiver, mall, manager):  # noqa: F811
    channel = channels.add(mall=mall, sender="webhook", url=receiver.url, by=manager)
    page("channel_test", channel.pk, post={})
    assert receiver.messages[0]["type"] == "test"
    receiver.status = 500
    page("channel_test", channel.pk, post={})
    assert "was not taken: The receiver answered 500." in page("channel_list").text
    page("channel_switch", channel.pk, post={"on": "0"})
    assert not NoticeChannel.objects.get().is_active
    page("channel_switch", channel.pk, post={"on": "1"})
    assert NoticeChannel.objects.get().is_active


def test_log_and_mail_cannot_be_tried(page, mall, manager):
    channel = channels.add(mall=mall, sender="console", by=manager)
    assert page("channel_test", channel.pk, post={}).status_code == 404


def test_dispute_is_settled_once_with_a_note(page, dispute, manager):
    assert page("dispute_settle", dispute.pk, post={"note": ""}).status_code == 422
    page("dispute_settle", dispute.pk, post={"note": "The mall bears it"})
    page("dispute_settle", dispute.pk, post={"note": "No, the store"})
    dispute.refresh_from_db()
    assert (dispute.state, dispute.note, dispute.settled_by) == ("settled", "The mall bears it", manager)
    answer = page("dispute_detail", dispute.pk)
    assert "Someone else settled it first." in answer.text
    assert 'name="note"' not in answer.text
    assert AuditEntry.objects.filter(action="dispute_settled").count() == 1


@pytest.mark.parametrize(
    ("text", "hours"),
    [("72, 24,2", [72, 24, 2]), ("2 72\u30012", [72, 2]), ("", []), ("720", [720])],
)
def test_reminders_as_people_write_them(text, hours):
    assert RemindersField().clean(text) == hours


@pytest.mark.parametrize("text", ["soon", "1.5", "0", "-2", "721", "1 2 3 4 5 6", "9" * 5000, "2\x00"])
def test_reminders_that_cannot_be(text):
    with pytest.raises(ValidationError, match=r"hours|numbers"):
        RemindersField().clean(text)


def test_reminders_may_change_after_the_first_issue(page, coupon):
    stock = coupon.stock
    data = {"name_en": stock.name_en, "quantity": stock.quantity, "remind_hours": "24, 2"}
    assert page("stock_edit", stock.pk, post=data).status_code == 302
    stock.refresh_from_db()
    assert stock.remind_hours == [24, 2]
    assert 'value="24, 2"' in page("stock_edit", stock.pk).text


def test_merchant_sees_what_was_agreed(client, store, owner, dispute, manager):
    disputes.settle(dispute=dispute, note="The mall bears it", by=manager, now=timezone.now())
    client.force_login(owner)
    assert "The mall bears it" in client.get(reverse("redeem:dispute_list", args=[store.merchant_id])).text
