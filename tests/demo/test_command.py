"""What `load_demo` refuses."""

import pytest
from django.core.management import CommandError, call_command

from merchants.models import Mall


@pytest.mark.django_db
def test_a_mall_of_the_same_short_name_is_left_alone(mall, settings):
    settings.DEBUG = True
    with pytest.raises(CommandError, match="stays away"):
        call_command("load_demo", "--reset")
    assert list(Mall.objects.all()) == [mall]


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [["--days", "0"], ["--scale", "0"], ["--until", "soon"]])
def test_wrong_arguments_are_refused(arguments):
    with pytest.raises(CommandError):
        call_command("load_demo", *arguments)


@pytest.mark.django_db
def test_published_password_is_refused_where_debug_is_off(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--password"):
        call_command("load_demo")
