from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "mallops.lib.ui"
    label = "ui"
