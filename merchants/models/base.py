"""What several dimension tables share."""

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Bilingual(models.Model):
    """A name in Chinese and in English, at least one of them; `name` is the one for the reader's language."""

    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


def in_language(zh: str, en: str) -> str:
    """The one of two names for the reader's language, or the only one."""
    return zh or en if (get_language() or "").startswith("zh") else en or zh


def named_check(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=~models.Q(name_zh="", name_en=""))


class MallConfiguration(models.Model):
    """What an operator sets up. Each save raises the mall's `revision`, by which compiled copies are cached.

    Subclasses have a `mall`. Code that writes with `.update()` or `bulk_create()` calls `touch_mall` itself.
    """

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            touch_mall(self.mall_id)

    def delete(self, *args, **kwargs):
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            touch_mall(self.mall_id)
        return deleted


def touch_mall(mall_id: int) -> None:
    """Make every process compile the mall's directory and rulebook anew at its next payment."""
    from .directory import Mall

    Mall.objects.filter(pk=mall_id).update(revision=F("revision") + 1)
