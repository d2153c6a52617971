"""Control groups: who gets nothing, so that what a rule brings can be measured. Pure."""

import hashlib

from .rulebook import CompiledRule, Rulebook


def control_group(rulebook: Rulebook, rule: CompiledRule, shopper_id: int) -> str:
    """Whose control group the shopper is in: "mall", "rule" or, of none, ""."""
    if rulebook.holdout_bp and is_held_out_of_all(rulebook.salt, rulebook.holdout_bp, shopper_id):
        return "mall"
    return "rule" if is_held_out(rulebook.salt, rule, shopper_id) else ""


def is_held_out(salt: bytes, rule: CompiledRule, shopper_id: int) -> bool:
    """Whether a shopper is in the rule's control group: the same answer each time, independent between rules."""
    return _is_drawn(salt, rule.terms.holdout_bp, f"{rule.rule_id}:{shopper_id}")


def is_held_out_of_all(salt: bytes, holdout_bp: int, shopper_id: int) -> bool:
    """Whether a shopper is in the mall's control group, which no rule awards; independent of those of the rules."""
    return _is_drawn(salt, holdout_bp, f"mall:{shopper_id}")


def _is_drawn(salt: bytes, share_bp: int, text: str) -> bool:
    if not share_bp:
        return False
    drawn = hashlib.blake2b(text.encode(), digest_size=8, key=salt[:64]).digest()
    return int.from_bytes(drawn, "big") % 10_000 < share_bp
