"""The product's settings plus the minimal view that the live door is measured against."""

from mallops.settings import *  # noqa: F403
from mallops.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.minimal"]
ROOT_URLCONF = "benchmarks.urls"
DEBUG = False
LOGGING = {"version": 1, "disable_existing_loggers": True}
