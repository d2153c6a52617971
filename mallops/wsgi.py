"""WSGI entry point: `gunicorn mallops.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallops.settings")
application = get_wsgi_application()
