"""Rules, stocks and decisions in plain sentences of the reader's language; made of values, never of queries."""

from .changes import audit_sentence, change_lines, terms_lines
from .decisions import check_sentence, reason_label
from .names import Names
from .problems import problem_sentences
from .rules import refund_examples, rule_sentence
from .stocks import stock_sentence, validity_sentence

__all__ = [
    "Names",
    "audit_sentence",
    "change_lines",
    "check_sentence",
    "problem_sentences",
    "reason_label",
    "refund_examples",
    "rule_sentence",
    "stock_sentence",
    "terms_lines",
    "validity_sentence",
]
