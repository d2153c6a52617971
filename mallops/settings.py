"""All settings, read from the environment (or a `.env` file), each with a working default.

With nothing set the site runs for development on SQLite. A wrong value stops the start with a sentence that
names the variable. `.env.example` lists what a production installation sets.
"""

import re
import secrets
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def read_bool(name: str, default: bool) -> bool:
    value = env.str(name, str(default)).strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; it takes true or false")


def read_int(name: str, default: int, lowest: int = 0) -> int:
    text = env.str(name, str(default))
    if not (text.isascii() and text.isdigit()) or int(text) < lowest:
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes a whole number of at least {lowest}")
    return int(text)


def read_text(name: str, default: str, pattern: str, takes: str) -> str:
    value = env.str(name, default)
    if not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} is {value!r}; it takes {takes}")
    return value


def read_folder(name: str, default: Path) -> Path:
    """A folder, made if it is missing."""
    folder = Path(env.str(name, str(default)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name} is no folder that can be made: {error}") from error
    return folder


def read_database(name: str, default: str) -> dict[str, Any]:
    """The setting of Django for a database's address."""
    address = env.str(name, "") or default
    if not address.startswith(("postgres://", "postgresql://", "sqlite:///")):
        raise ImproperlyConfigured(f"{name} must begin with postgres:// or sqlite:///")
    try:
        return env.db_url_config(address)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}") from error


def read_secret(name: str) -> str:
    """A secret from NAME, from the file NAME_FILE points to, or kept in VAR_DIR; made there once for development."""
    if path := env.str(f"{name}_FILE", ""):
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error
        if not value:
            raise ImproperlyConfigured(f"{name}_FILE names an empty file")
        return value
    if value := env.str(name, "").strip():
        return value
    kept = VAR_DIR / f"{name.lower()}.txt"
    if not kept.exists():
        if not DEBUG:
            raise ImproperlyConfigured(f"{name} (or {name}_FILE) must be set when MALLOPS_DEBUG is off")
        kept.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        kept.chmod(0o600)
    return kept.read_text(encoding="utf-8")


# --- The installation ---
VAR_DIR = read_folder("MALLOPS_VAR_DIR", BASE_DIR / "var")
DEBUG = read_bool("MALLOPS_DEBUG", True)
SECRET_KEY = read_secret("SECRET_KEY")
# Keys the digests of shopper identities and the split into control groups. Changing it makes every known
# shopper a stranger, so it is apart from SECRET_KEY, which may be rotated.
SHOPPER_KEY = read_secret("SHOPPER_KEY").encode()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = read_text(
    "SITE_URL", "http://127.0.0.1:8000", r"https?://\S+", "an address such as https://mall.example.com"
)

INSTALLED_APPS = [
    "mallops",
    "mallops.lib.ui",
    "mallops.lib.tasks",
    "merchants",
    "payments",
    "coupons",
    "settlements",
    "analytics",
    "mallops.imports",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "drf_spectacular",
    "rest_framework",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "merchants.middleware.UserLocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mallops.lib.htmx.HtmxSignInMiddleware",
]

ROOT_URLCONF = "mallops.urls"
WSGI_APPLICATION = "mallops.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mallops.navigation.shell",
            ],
            "builtins": ["mallops.lib.ui.templatetags.ui"],
        },
    }
]

# --- Database ---
DATABASES = {"default": read_database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'mallops.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # WAL lets readers go on beside the one writer; IMMEDIATE takes the write lock at the start of a
    # transaction, so that a reader never has to be turned into a writer half-way (that is where "database is
    # locked" comes from); FULL makes an acknowledged payment survive a power cut.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768;",
    }
elif _database["ENGINE"].endswith("postgresql"):
    _database["CONN_MAX_AGE"] = read_int("DATABASE_CONN_MAX_AGE", 600)
    _database["CONN_HEALTH_CHECKS"] = True
    # Our queries are short: compiling them, or starting helpers for them, takes longer than it saves.
    _database.setdefault("OPTIONS", {}).setdefault("options", "-c jit=off -c max_parallel_workers_per_gather=0")
    # Only what asks for it is prepared (`mallops.lib.sql.ask`), never what merely ran often.
    _database["OPTIONS"]["prepare_threshold"] = 10**9 if read_bool("DATABASE_PREPARE", True) else None
else:
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ---
AUTH_USER_MODEL = "merchants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "merchants.adapter.InvitedOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a reset asked for a stranger's address sends nothing
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[MallOps] "
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
_RATE = r"[0-9]+/[0-9]*[smhd]/(ip|key|user)"
ACCOUNT_RATE_LIMITS = {
    "login_failed": read_text(
        "LOGIN_FAILED_LIMIT", "10/m/ip,5/5m/key", rf"{_RATE}(,{_RATE})*", "rates such as 10/m/ip,5/5m/key"
    ),
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
}
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = read_int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = read_bool("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "MallOps <mallops@localhost>")
# The sign-in limit counts in the cache, so the cache is shared by all processes.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"},
}

# --- Language and time ---
LANGUAGE_CODE = read_text("LANGUAGE_CODE", "en", "en|zh-hans", "en or zh-hans")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files and uploads ---
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Without a collected folder, whitenoise serves straight from the source tree: no build step for a demonstration.
_collected = (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = not _collected
WHITENOISE_AUTOREFRESH = not _collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "files"  # Private: never served by URL, only through views that check who asks.
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
IMPORT_MAX_BYTES = read_int("IMPORT_MAX_MB", 512, lowest=1) * 1024 * 1024

# --- Security ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
_https = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = read_bool("SECURE_SSL_REDIRECT", False)
SECURE_HSTS_SECONDS = read_int("SECURE_HSTS_SECONDS", 0)
SECURE_REFERRER_POLICY = "same-origin"
if read_bool("TRUST_PROXY_HEADERS", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # limits per address count the last one in X-Forwarded-For
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"

# --- Background work, API, awards ---
TASKS = {"default": {"BACKEND": "mallops.lib.tasks.backend.RowBackend"}}
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["mallops.api.parsing.BoundedParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["mallops.api.authentication.CredentialAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "mallops.api.problems.problem_details",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MallOps",
    "DESCRIPTION": "Payments, coupons and the rules between them. docs/api.md tells the same in prose.",
    "VERSION": "1",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
}
# A payment that arrives later than this after it was made is recorded but awards nothing.
AWARD_WITHIN_HOURS = read_int("AWARD_WITHIN_HOURS", 48, lowest=1)
# Webhooks may go to addresses inside private networks, such as a mall's own server room.
WEBHOOK_TO_PRIVATE = read_bool("WEBHOOK_TO_PRIVATE", False)
# Decisions that refused a coupon are deleted after so many days; awards and ghost issues are kept for good.
REFUSALS_KEPT_DAYS = read_int("REFUSALS_KEPT_DAYS", 90, lowest=1)
# From how many on a guard against abuse speaks up (coupons/guards says of what, and within which time).
GUARD_REFUNDED_PAYMENTS = read_int("GUARD_REFUNDED_PAYMENTS", 3, lowest=2)
GUARD_DEVICE_SHOPPERS = read_int("GUARD_DEVICE_SHOPPERS", 5, lowest=2)
GUARD_STAFF_REDEMPTIONS = read_int("GUARD_STAFF_REDEMPTIONS", 8, lowest=2)
GUARD_AWARDS_PER_HOUR = read_int("GUARD_AWARDS_PER_HOUR", 20, lowest=2)
GUARD_PAYMENTS_PER_10_MINUTES = read_int("GUARD_PAYMENTS_PER_10_MINUTES", 10, lowest=2)

_log_level = read_text(
    "LOG_LEVEL", "INFO", "DEBUG|INFO|WARNING|ERROR|CRITICAL", "DEBUG, INFO, WARNING, ERROR or CRITICAL"
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": _log_level},
}
