"""The Chinese translation is whole, true to its placeholders, compiled, and misses no text of the code."""

import ast
import gettext
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.utils import translation

ROOT = Path(django_settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
APPS = ("analytics", "coupons", "mallops", "merchants", "payments", "settlements", "templates")
MARKS = {
    "_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy",
    "npgettext", "npgettext_lazy",
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|<[^>]*>")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]|[,;:?!.][\u4e00-\u9fff]")


@dataclass
class Message:
    """One entry of a .po file: its parts by keyword, such as msgid and msgstr, and its flags."""

    parts: dict[str, str] = field(default_factory=dict)
    flags: str = ""

    @property
    def key(self) -> tuple[str | None, str, str | None]:
        return self.parts.get("msgctxt"), self.parts["msgid"], self.parts.get("msgid_plural")

    @property
    def said(self) -> str:
        return self.parts.get("msgstr[0]", self.parts.get("msgstr", ""))


def read(path: Path) -> list[Message]:
    """The messages of a .po file, the head left out."""
    messages = [_message(block) for block in path.read_text(encoding="utf-8").split("\n\n")]
    return [message for message in messages if message.parts.get("msgid")]


def _message(block: str) -> Message:
    message, keyword = Message(), ""
    for line in block.splitlines():
        if line.startswith("#,"):
            message.flags = line
        elif line and not line.startswith("#"):
            if not line.startswith('"'):
                keyword, line = line.split(" ", 1)
            message.parts[keyword] = message.parts.get(keyword, "") + ast.literal_eval(line)
    return message


MESSAGES = read(CATALOGUE)


def test_every_message_is_translated():
    assert MESSAGES
    assert [message.key for message in MESSAGES if not message.said or "fuzzy" in message.flags] == []


def test_no_message_is_there_twice():
    assert len({message.key for message in MESSAGES}) == len(MESSAGES)


def test_placeholders_and_markup_are_kept():
    wrong = [
        (message.said, original)
        for message in MESSAGES
        for original in [message.key[2] or message.key[1]]  # Chinese says one as it says many
        if sorted(PLACEHOLDER.findall(original)) != sorted(PLACEHOLDER.findall(message.said))
    ]
    assert wrong == []


def test_punctuation_beside_chinese_is_full_width():
    assert [message.said for message in MESSAGES if HALF_WIDTH.search(message.said)] == []


def test_compiled_catalogue_is_in_step():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert [message.key for message in MESSAGES if look_up(compiled, message) != message.said] == []


def look_up(catalogue: gettext.GNUTranslations, message: Message) -> str:
    context, one, many = message.key
    if many:
        return catalogue.npgettext(context, one, many, 2) if context else catalogue.ngettext(one, many, 2)
    return catalogue.pgettext(context, one) if context else catalogue.gettext(one)


def test_pages_in_chinese_find_it():
    with translation.override("zh-hans"):
        assert translation.gettext("Net sales") == "净销售额"
        assert translation.pgettext("between clauses", ", ") == "，"
        assert translation.ngettext("%(count)s day", "%(count)s days", 3) == "共 %(count)s 天"


def test_no_text_is_put_together_before_it_is_translated():
    assert [place for app in APPS for path in (ROOT / app).rglob("*.py") for place in composed(path)] == []


def composed(path: Path) -> Iterator[str]:
    """Where a marked text is an f-string, a sum or a filled template, which cannot be looked up."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MARKS:
            if any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in node.args[:2]):
                yield f"{path.relative_to(ROOT)}:{node.lineno}"


@pytest.mark.skipif(not shutil.which("xgettext"), reason="needs gettext")
def test_no_text_is_missing_and_none_is_left_over(tmp_path, monkeypatch, settings):
    """Texts are collected from a copy, because `makemessages` writes beside the templates."""
    for app in APPS:
        shutil.copytree(ROOT / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "found").mkdir()
    settings.LOCALE_PATHS = [str(tmp_path / "found")]
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["zh_Hans"], verbosity=0, no_wrap=True)
    found = {message.key for message in read(tmp_path / "found" / "zh_Hans" / "LC_MESSAGES" / "django.po")}
    assert found == {message.key for message in MESSAGES}
