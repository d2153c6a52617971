"""A backtest as a background task: progress, cancel, failures that trying again does not mend."""

from django.utils import timezone

from coupons.engine.terms import BadTerms
from coupons.models import Backtest
from mallops.lib.tasks.progress import Cancelled, GiveUp, Interrupted, LeaseLost, RunContext

from . import services
from .services import BacktestError

ATTEMPTS = 3


def run(backtest_id: int, context: RunContext) -> None:
    """Make the result and keep it; nothing is done for a backtest that has ended.

    Raises what the context raises to stop the work, GiveUp for terms that cannot be tried any more.
    """
    backtest = Backtest.objects.select_related("mall", "rule").get(pk=backtest_id)
    if not services.mark_running(backtest):
        return
    try:
        result = services.carry_out(backtest, context.progress, now=timezone.now())
        with context.fenced():
            services.finish(backtest, result)
    except (Interrupted, LeaseLost):
        raise  # goes on elsewhere, from the start
    except Cancelled:
        services.mark_cancelled(backtest)
        raise
    except (BacktestError, BadTerms) as error:
        services.fail(backtest, getattr(error, "code", "bad_terms"))
        raise GiveUp(str(error)) from error
    except Exception:
        if context.attempt - context.run.forgiven >= ATTEMPTS:
            services.fail(backtest, "failed")
        raise
