"""ASGI entry point, for servers that speak ASGI only."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallops.settings")
application = get_asgi_application()
