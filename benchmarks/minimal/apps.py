from django.apps import AppConfig


class MinimalConfig(AppConfig):
    """The other side of the comparison: the least that Django REST framework needs to take in one row."""

    name = "benchmarks.minimal"
    label = "minimal"
