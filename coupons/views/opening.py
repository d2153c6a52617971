"""How a view opens the rule of its URL, and where a rule's pages are."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from coupons.models import Rule
from coupons.queries.rules import refused, rests
from merchants.models import Mall
from merchants.views.base import open_mall


def open_rule(request: HttpRequest, mall: str, pk: int, action: str) -> tuple[Mall, Rule]:
    opened = open_mall(request, mall, action)
    rules = opened.rules.select_related("version", "proposed", "created_by")
    return opened, get_object_or_404(rules.annotate(refused=refused(), rests=rests()), pk=pk)


def rule_url(name: str, mall: Mall, rule: Rule) -> str:
    return reverse(f"coupons:{name}", kwargs={"mall": mall.slug, "pk": rule.pk})
