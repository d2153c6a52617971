"""Sign-in, sign-out, passwords, the limit on tries."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse

from tests import factories

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def lin():
    return factories.make_user(username="lin", email="lin@example.com", password="correct horse 9")


def sign_in(client, login: str, password: str = "correct horse 9", **more):
    return client.post(LOGIN, {"login": login, "password": password, **more})


@pytest.mark.parametrize("login", ["lin", "LIN", "lin@example.com", "Lin@Example.com"])
def test_sign_in_by_name_or_address(client, lin, login):
    answer = sign_in(client, login)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(lin.pk)


def test_sign_in_goes_on_to_where_one_wanted_but_not_elsewhere(client, lin):
    assert sign_in(client, "lin", next="/health/")["Location"] == "/health/"
    client.logout()
    assert sign_in(client, "lin", next="https://evil.example/")["Location"] == "/"


def test_the_sixth_wrong_password_is_told_to_wait_even_if_the_next_is_right(client, lin):
    for _ in range(5):
        assert "not correct" in sign_in(client, "lin", "wrong").text
    assert "Too many failed login attempts" in sign_in(client, "lin", "wrong").text
    assert "Too many failed login attempts" in sign_in(client, "lin").text
    assert "_auth_user_id" not in client.session


def test_the_limit_counts_in_a_cache_all_processes_share(client, lin, settings):
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    sign_in(client, "lin", "wrong")
    cache.clear()
    for _ in range(5):
        assert "Too many" not in sign_in(client, "lin", "wrong").text


def test_a_closed_account_is_told_so(client, lin):
    lin.is_active = False
    lin.save()
    answer = sign_in(client, "lin")
    assert "_auth_user_id" not in client.session
    assert answer.status_code == 302 and client.get(answer["Location"]).status_code == 200


def test_sign_out_needs_a_post(client, lin):
    client.force_login(lin)
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/logout/")["Location"] == LOGIN
    assert "_auth_user_id" not in client.session


def test_change_password(client, lin):
    client.force_login(lin)
    form = {"oldpassword": "wrong", "password1": "another horse 8", "password2": "another horse 8"}
    client.post("/accounts/password/change/", form)
    client.post("/accounts/password/change/", form | {"oldpassword": "correct horse 9", "password1": "1234567890"})
    lin.refresh_from_db()
    assert lin.check_password("correct horse 9")
    client.post("/accounts/password/change/", form | {"oldpassword": "correct horse 9"})
    lin.refresh_from_db()
    assert lin.check_password("another horse 8")


def test_reset_by_mail_works_once(client, lin):
    assert client.post("/accounts/password/reset/", {"email": "Lin@example.com"}).status_code == 302
    (sent,) = mail.outbox
    (path,) = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", sent.body)
    assert "example.com" not in sent.subject and "lin" not in path
    form_page = client.get(path, follow=True)
    new = {"password1": "another horse 8", "password2": "another horse 8"}
    assert client.post(form_page.request["PATH_INFO"], new).status_code == 302
    lin.refresh_from_db()
    assert lin.check_password("another horse 8")
    client.logout()
    assert "This link does not work any more" in client.get(path, follow=True).text


def test_a_reset_for_an_unknown_address_looks_the_same_and_sends_nothing(client, lin):
    known = client.post("/accounts/password/reset/", {"email": "lin@example.com"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [sent.to for sent in mail.outbox] == [["lin@example.com"]]


def test_too_many_resets_are_told_to_wait(client, lin):
    answers = [client.post("/accounts/password/reset/", {"email": "lin@example.com"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Wait a few minutes" in answers[-1].text
    assert len(mail.outbox) == 5


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "account_set_password", "account_request_login_code"]
)
def test_pages_of_accounts_that_we_do_not_offer_do_not_exist(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize(
    "path", ["signup/", "email/", "confirm-email/", "password/set/", "login/code/", "3rdparty/", ""]
)
def test_their_addresses_do_not_exist_either(client, lin, path):
    client.force_login(lin)
    assert client.get(f"/accounts/{path}").status_code == 404


def test_who_belongs_nowhere_is_told_to_wait(client, lin):
    client.force_login(lin)
    page = client.get("/")
    assert page.status_code == 200
    assert "Your account belongs to no mall" in page.text
