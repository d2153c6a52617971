"""Proposals of stores from a CSV file: all good, or each problem with its line and column."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mallops.lib.csvcolumns import Column, match_header
from mallops.lib.csvio import BadFile, open_csv
from mallops.lib.ui.forms import MallForm
from merchants.choices import Capability
from merchants.services.onboarding_checks import Problem, Proposal

from .onboarding import Offered, OnboardingForm

MOST_BYTES = 1024 * 1024
MOST_ROWS = 500
NEW_MERCHANT = gettext_lazy("Used when the merchant is new; without a name it gets that of the store.")
ONE_NAME = gettext_lazy("A store needs one of its two names.")
COLUMNS = (
    Column("store_code", "门店编号", gettext_lazy("Not used in the mall yet."), "L4-hotpot"),
    Column("store_name_zh", "门店中文名", ONE_NAME, "红锅", required=False),
    Column("store_name_en", "门店英文名", ONE_NAME, "Red Pot", required=False),
    Column("category", "业态", gettext_lazy("Code or name of a category of the mall."), "hotpot"),
    Column("floor", "楼层", gettext_lazy("Such as B1 or L2."), "L4", required=False),
    Column("unit", "铺位", gettext_lazy("Such as L2-05."), "L4-12", required=False),
    Column("registration_number", "统一社会信用代码", gettext_lazy("Of the merchant."), "91310000MA1K0001XX"),
    Column("merchant_name_zh", "商户中文名", NEW_MERCHANT, "红锅餐饮有限公司", required=False),
    Column("merchant_name_en", "商户英文名", NEW_MERCHANT, "", required=False),
    Column("capability", "服务能力", gettext_lazy("What you will do: acquiring, operations, expansion or saas."),
           "expansion"),
    Column("from_day", "起始日期", gettext_lazy("First day of the agreement, such as 2026-12-01."), "2026-12-01"),
)  # fmt: skip


class LineProblem(NamedTuple):
    line: int
    column: str  # as the template calls it; empty if it is about the whole line
    message: str


class OnboardingFileForm(MallForm):
    """A valid form has `proposals`; one in error has `problems`, as far as they are about single lines."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        help_text=gettext_lazy("At most 500 stores and 1 MB. UTF-8, GB18030 or UTF-16."),
    )  # fmt: skip

    def __init__(self, *args: Any, offered: Offered, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered, self.codes = offered, codes_by_word(offered)
        self.proposals: list[Proposal] = []
        self.problems: list[LineProblem] = []
        self.lines: list[int] = []  # of the proposals
        if too_large:
            self.fields["file"].error_messages["required"] = _("The file is larger than 1 MB.")

    def clean_file(self) -> UploadedFile:
        try:
            self._read(self.cleaned_data["file"])
        except BadFile as error:
            raise forms.ValidationError(str(error)) from error
        if self.problems:
            raise forms.ValidationError(_("Nothing was taken. Mend the lines below and upload the file again."))
        return self.cleaned_data["file"]

    def refuse(self, problems: Sequence[Problem]) -> None:
        """What the service has against single proposals."""
        self.problems += [LineProblem(self.lines[each.place], each.field, each.message) for each in problems]
        self.add_error("file", _("Nothing was taken. Mend the lines below and upload the file again."))

    def _read(self, file: UploadedFile) -> None:
        reader = open_csv(file)
        places = match_header(COLUMNS, reader.header)
        chunk = reader.take(MOST_ROWS + 1)
        if len(chunk) > MOST_ROWS:
            raise BadFile(_("The file has more than %(most)d lines.") % {"most": MOST_ROWS})
        if not len(chunk):
            raise BadFile(_("The file has a header only."))
        self.problems += [LineProblem(line, "", why) for line, why, _text in chunk.broken]
        for line, row in zip(chunk.lines, chunk.rows, strict=True):
            self._take(line, {name: row[at] for name, at in places.items() if at < len(row)})
        self.problems.sort()

    def _take(self, line: int, cells: dict[str, str]) -> None:
        form = OnboardingForm(self._known(cells), offered=self.offered)
        if form.is_valid():
            self.proposals.append(form.proposal)
            self.lines.append(line)
        for name, messages in form.errors.items():
            self.problems += [LineProblem(line, name, message) for message in messages]

    def _known(self, cells: dict[str, str]) -> dict[str, str]:
        """The cells with the codes of what is named otherwise."""
        known = {name: text.strip() for name, text in cells.items()}
        for name, codes in self.codes.items():
            known[name] = codes.get(known.get(name, "").casefold(), known.get(name, ""))
        return known


def codes_by_word(offered: Offered) -> dict[str, dict[str, str]]:
    """How people may call a category or a capability -> its code."""
    categories = {name.casefold(): code for code, row in offered.categories.items()
                  for name in (row.name_zh, row.name_en, code) if name}  # fmt: skip
    capabilities = {word.casefold(): value for value, label in Capability.choices for word in (str(label), value)}
    return {"category": categories, "capability": capabilities}
