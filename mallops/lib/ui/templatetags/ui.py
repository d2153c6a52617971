"""Tags and filters of the design system; a builtin library, so templates need no ``{% load %}``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from mallops.lib import format as fmt
from mallops.lib.ui.forms import MallBoundField, control_class

register = template.Library()

register.filter("money", fmt.money)
register.filter("basis_points", fmt.basis_points)
register.filter("percent", fmt.percent)
register.filter("count", fmt.count)
register.filter("month_label", fmt.month_label)
register.simple_tag(fmt.rate, name="rate")
register.simple_tag(fmt.date_range, name="date_range")


@register.filter
def money_short(fen: int | None) -> str:
    return fmt.money_short(fen)


@register.filter
def count_short(number: int | None) -> str:
    return fmt.count_short(number)


@register.filter
def day_label(day) -> str:
    return fmt.day_label(day)


@register.filter
def moment(when: datetime | None, zone: str) -> str:
    """``{{ payment.paid_at|moment:mall.time_zone }}``"""
    return fmt.moment(when, str(zone))


@register.simple_tag
def icon(name: str, size: str = "", label: str = "", **attrs: str) -> SafeString:
    """An icon of the sprite in the colour of the text; with a `label` it is read out, else it is decoration.

    Sizes: sm (14 px), default 18, lg (24), xl (44).
    """
    return _icon(name, size, str(label), attrs.get("class", ""))


@lru_cache(maxsize=512)
def _icon(name: str, size: str, label: str, css: str) -> SafeString:
    classes = " ".join(filter(None, ["i", f"i-{size}" if size else "", css]))
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="{}" {}><use href="{}#{}"/></svg>', classes, role, static("ui/icons.svg"), name)


@register.simple_tag
def sparkline(values: Sequence[float | int | None], css: str = "") -> SafeString | str:
    """A line without axes; gaps (None) are left out. Decoration beside the figure.

    Whole units, one across for each value and 96 down: half as many bytes as with decimals, and no step is seen.
    """
    known = [(index, float(value)) for index, value in enumerate(values or ()) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(v for _, v in known), max(v for _, v in known)
    scale = 84 / (high - low) if high > low else 0
    points = " ".join(f"{i},{90 - (v - low) * scale if scale else 48:.0f}" for i, v in known)
    return format_html(
        '<svg class="spark {}" viewBox="0 0 {} 96" preserveAspectRatio="none" aria-hidden="true">'
        '<polyline points="{}"/></svg>',
        css,
        len(values) - 1,
        points,
    )


@register.filter
def figure_script(figure: Mapping[str, Any], id: str) -> SafeString:
    """The figure of a chart as a JSON script, in fewer bytes than by ``json_script``."""
    return json_script(figure, id, encoder=Dense)


class Dense(DjangoJSONEncoder):
    """Without spaces, and Chinese as it is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"ensure_ascii": False, "separators": (",", ":")})


@register.simple_tag
def change_pill(change: fmt.Change | None) -> SafeString | str:
    """A change with its sign and arrow; blue is better, brown-orange worse, never red or green."""
    if change is None:
        return ""
    arrows = {"up": "arrow-up-right", "down": "arrow-down-right", "flat": "minus", None: ""}
    arrow = arrows[change.arrow]
    return format_html(
        '<span class="pill pill-{}">{}{}</span>', change.tone, icon(arrow, "sm") if arrow else "", change.text
    )


@register.simple_tag
def share_bar(ratio: float | None, tone: str = "") -> SafeString | str:
    """A bar of a share of 1 (cut off at 0 and 1); decoration beside the figure."""
    if ratio is None:
        return ""
    width = round(max(0.0, min(1.0, float(ratio))) * 92, 1)
    return format_html(
        '<svg class="share-bar{}" viewBox="0 0 92 6" aria-hidden="true"><rect width="92" height="6" rx="3"/>'
        '<rect width="{}" height="6" rx="3"/></svg>',
        f" tone-{tone}" if tone else "",
        width,
    )


@register.simple_block_tag
def panel(
    content: str, title: str = "", sub: str = "", *, id: str = "", css: str = "", flush: bool = False
) -> SafeString:
    """``{% panel "Title" sub="…" %}…{% endpanel %}``; `flush` lets a table reach the edges."""
    head = ""
    if title:
        head = format_html(
            '<div class="panel-head"><div><h2 class="panel-title">{}</h2>{}</div></div>',
            title,
            format_html('<p class="panel-sub">{}</p>', sub) if sub else "",
        )
    body = content if flush else format_html('<div class="panel-body">{}</div>', content)
    identity = format_html(' id="{}"', id) if id else ""
    return format_html('<section{} class="panel {}">{}{}</section>', identity, css, head, conditional_escape(body))


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The control of a field of any form, ours or of another package, with our classes."""
    if isinstance(field, MallBoundField):
        return field.as_widget()
    return field.as_widget(attrs={"class": control_class(field)})
