"""The steps of a rule's life: propose, recall, launch, pause, resume, end."""

from collections.abc import Collection

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from coupons.models import Rule
from coupons.queries.names import names_of
from coupons.sentences import problem_sentences
from coupons.services import rules as services
from coupons.services.consents import missing
from merchants.choices import Action
from merchants.models import Mall, User

from .opening import open_rule, rule_url

# Who writes rules may also stop them; who lets them run is another pair of hands (`merchants.access`).
NEEDED = {
    "propose": Action.EDIT_RULES,
    "recall": Action.EDIT_RULES,
    "pause": Action.EDIT_RULES,
    "launch": Action.LAUNCH_RULES,
    "resume": Action.LAUNCH_RULES,
    "end": Action.LAUNCH_RULES,
}


@login_required
@require_POST
def rule_step(request: HttpRequest, mall: str, pk: int, step: str) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, NEEDED[step])
    try:
        say = take(step, rule, request.user)
    except services.RuleError as error:
        show_problems(request, opened, error)
    else:
        messages.success(request, say)
    return redirect(rule_url("rule_detail", opened, rule))


def take(step: str, rule: Rule, user: User) -> str:
    """Take a step and say what it means. Raises RuleError."""
    timed = {"now": timezone.now()} if step in ("propose", "launch") else {}
    getattr(services, step)(rule=rule, by=user, **timed)
    rule.refresh_from_db()
    return _done(step, rule)


def _done(step: str, rule: Rule) -> str:
    if step == "propose":
        if missing(rule.proposed):
            return _("Proposed: all concerned are asked by mail. Nothing changes before they agree.")
        return _("Proposed: nobody has to be asked, so it can be launched.")
    return {
        "recall": _("Taken back."),
        "launch": _("Version %(number)s is live.") % {"number": rule.version and rule.version.number},
        "pause": _("Paused: nothing is awarded until it is resumed."),
        "resume": _("Live again."),
        "end": _("Ended. Issued coupons stay valid."),
    }[step]


def show_problems(request: HttpRequest, mall: Mall, error: services.RuleError) -> None:
    for sentence in problem_sentences(error.problems, names_of(mall)):
        messages.error(request, sentence)


def offered(rule: Rule, rights: Collection[str]) -> set[str]:
    """The steps that make sense now for who holds these rights."""
    steps = {step for step, states in services.STEPS.items() if rule.state in states and NEEDED[step] in rights}
    if not rule.proposed:
        steps -= {"recall", "launch"}
    for step, version in (("launch", rule.proposed), ("resume", rule.version)):
        if step in steps and services.unpaid(version):
            steps.discard(step)
    newest = rule.proposed or rule.version
    return steps - {"propose"} if newest and newest.terms == rule.draft else steps
