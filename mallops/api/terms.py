"""How the API describes the terms of a rule, and words what is wrong with them."""

from dataclasses import fields
from typing import Any

from coupons.engine import conditions
from coupons.engine.terms import CODES, ON_TRIGGER_REFUND, ON_USE_REFUND, TRIGGERS, BadTerms, Limits

WHOLE = {"type": "integer", "minimum": 0}
ID_LIST = {"type": "array", "items": {"type": "integer", "minimum": 1}}
PAIRS = {"type": "array", "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}}
DAY = {"type": "string", "format": "date", "nullable": True}

LEAF: dict[str, Any] = {
    "type": "object",
    "required": ["fact", "op", "value"],
    "properties": {
        "fact": {"type": "string", "enum": list(conditions.FACTS)},
        "op": {"type": "string", "enum": sorted({op for spec in conditions.FACTS.values() for op in spec.ops})},
        "value": {"description": "A number, a truth or a list, as the fact needs; money in fen."},
        "days": {"type": "integer", "minimum": 1, "maximum": conditions.MAX_DAYS},
        "stores": ID_LIST,
        "categories": ID_LIST,
    },
}
TREE: dict[str, Any] = {
    "type": "object",
    "nullable": True,
    "description": 'A tree: {"all": [...]}, {"any": [...]}, {"not": {...}} around leaves, at most'
    f" {conditions.MAX_DEPTH} levels and {conditions.MAX_LEAVES} leaves.",
    "oneOf": [
        LEAF,
        {"type": "object", "properties": {"all": {"type": "array", "items": {"type": "object"}}}},
        {"type": "object", "properties": {"any": {"type": "array", "items": {"type": "object"}}}},
        {"type": "object", "properties": {"not": {"type": "object"}}},
    ],
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["award"],
    "properties": {
        "trigger": {"type": "string", "enum": list(TRIGGERS), "default": "payment"},
        "award": {**PAIRS, "description": "Pairs of stock id and number of coupons."},
        "stores": {**ID_LIST, "description": "Ids of stores; with no store and no category: anywhere."},
        "categories": {**ID_LIST, "description": "Ids of categories, each with those below it."},
        "radius_m": {"type": "integer", "minimum": 10, "maximum": 50_000, "nullable": True},
        "min_fen": WHOLE,
        "max_fen": {**WHOLE, "nullable": True},
        "starts_on": DAY,
        "ends_on": DAY,
        "weekdays": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 7}},
        "hours": {**PAIRS, "description": "Pairs of minutes of the local day, the second excluded."},
        "conditions": TREE,
        "limits": {
            "type": "object",
            "properties": {limit.name: {"type": "integer", "minimum": 1, "nullable": True} for limit in fields(Limits)},
        },
        "shares": {
            **PAIRS,
            "description": "Pairs of payer and basis points, together 10,000. A payer is 0 for the mall, the id of a"
            " merchant, or the id of a service provider with a minus before it.",
        },
        "group": {"type": "string", "maxLength": 40},
        "priority": {"type": "integer", "minimum": -10_000, "maximum": 10_000},
        "holdout_bp": {"type": "integer", "minimum": 0, "maximum": 9_000},
        "on_trigger_refund": {"type": "string", "enum": list(ON_TRIGGER_REFUND)},
        "on_use_refund": {"type": "string", "enum": list(ON_USE_REFUND)},
    },
}


def problems(error: BadTerms) -> dict[str, list[str]]:
    """Messages by field; those of conditions by the path to the node."""
    found = {name: [CODES[code] for code in codes] for name, codes in error.errors.items() if name != "conditions"}
    for path, code in error.conditions:
        found.setdefault(f"conditions.{path}".rstrip("."), []).append(conditions.CODES[code])
    return found
