"""Settings run anew under another environment: what they make of it, and which sentence stops them."""

import runpy

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ALL = (
    "MALLOPS_DEBUG", "SECRET_KEY", "SECRET_KEY_FILE", "SHOPPER_KEY", "SHOPPER_KEY_FILE", "DATABASE_URL", "LOG_LEVEL",
    "SITE_URL", "TRUST_PROXY_HEADERS", "IMPORT_MAX_MB", "AWARD_WITHIN_HOURS", "LANGUAGE_CODE",
)  # fmt: skip


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Read the settings with nothing set but what is given."""
    for name in ALL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MALLOPS_VAR_DIR", str(tmp_path / "var"))

    def read(**environment: str) -> dict:
        for name, value in environment.items():
            monkeypatch.setenv(name, str(value))
        return runpy.run_path(str(settings.BASE_DIR / "mallops" / "settings.py"))

    return read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MALLOPS_DEBUG", "maybe"),
        ("MALLOPS_VAR_DIR", "/dev/null/var"),
        ("DATABASE_URL", "mysql://u@h/x"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgres://host:port/name"),
        ("SHOPPER_KEY_FILE", "/nowhere/key"),
        ("SECRET_KEY_FILE", "/dev/null"),
        ("SITE_URL", "mall.example.com"),
        ("EMAIL_PORT", "smtp"),
        ("EMAIL_PORT", "²⁵"),
        ("EMAIL_PORT", "-25"),
        ("EMAIL_USE_TLS", "starttls"),
        ("LANGUAGE_CODE", "xx"),
        ("LOGIN_FAILED_LIMIT", "few"),
        ("LOGIN_FAILED_LIMIT", "5/m/key,"),
        ("IMPORT_MAX_MB", "0"),
        ("IMPORT_MAX_MB", "1e3"),
        ("AWARD_WITHIN_HOURS", ""),
        ("SECURE_SSL_REDIRECT", "2"),
        ("SECURE_HSTS_SECONDS", "1.5"),
        ("TRUST_PROXY_HEADERS", "proxy"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_wrong_value_stops_the_start_with_its_name(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        read(**{name: value})


def test_connection_age_is_checked_where_it_is_used(read):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_CONN_MAX_AGE"):
        read(DATABASE_URL="postgres://u@h/x", DATABASE_CONN_MAX_AGE="long")


def test_nothing_set_works_for_development_and_keeps_its_secrets(read, tmp_path):
    first, again = read(), read()
    assert first["DEBUG"] is True
    assert first["DATABASES"]["default"]["NAME"] == str(tmp_path / "var" / "mallops.sqlite3")
    assert first["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert len(first["SHOPPER_KEY"]) >= 48
    assert (first["SECRET_KEY"], first["SHOPPER_KEY"]) == (again["SECRET_KEY"], again["SHOPPER_KEY"])
    assert first["SECRET_KEY"] != first["SHOPPER_KEY"].decode()
    assert (tmp_path / "var" / "shopper_key.txt").stat().st_mode & 0o777 == 0o600
    assert read(MALLOPS_DEBUG="no")["SHOPPER_KEY"] == first["SHOPPER_KEY"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [({}, "SECRET_KEY"), ({"SECRET_KEY": "s"}, "SHOPPER_KEY"), ({"SECRET_KEY": " ", "SHOPPER_KEY": "k"}, "SECRET_KEY")],
)
def test_secrets_are_required_once_debug_is_off(read, given, missing):
    with pytest.raises(ImproperlyConfigured, match=rf"{missing} .*must be set"):
        read(MALLOPS_DEBUG="off", **given)


def test_secret_from_a_file(read, tmp_path):
    (tmp_path / "key").write_text("from the file\n", encoding="utf-8")
    found = read(MALLOPS_DEBUG="no", SECRET_KEY="s", SHOPPER_KEY="other", SHOPPER_KEY_FILE=tmp_path / "key")
    assert found["SHOPPER_KEY"] == b"from the file"


def test_postgres_keeps_connections_and_checks_them(read):
    database = read(DATABASE_URL="postgres://u:p@h:5433/x", DATABASE_CONN_MAX_AGE="30")["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("h", 5433, "x")
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (30, True)


@pytest.mark.parametrize(("url", "secure"), [("https://mall.example.com", True), ("http://127.0.0.1", False)])
def test_cookies_are_secure_where_the_site_is(read, url, secure):
    found = read(SITE_URL=url)
    assert (found["SESSION_COOKIE_SECURE"], found["CSRF_COOKIE_SECURE"]) == (secure, secure)


def test_no_inline_script_or_style_is_allowed(read):
    directives = read()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert not any("unsafe" in source for sources in directives.values() for source in sources)
