from django.apps import AppConfig


class MallopsConfig(AppConfig):
    name = "mallops"
