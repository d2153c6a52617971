"""Keys of the API: one of each provider that is told, and others with a life of their own."""

from datetime import date, timedelta

from mallops.lib.dates import day_start
from merchants.choices import Scope
from merchants.models import ApiCredential, ServiceProvider, Store, User
from merchants.services import credentials

from . import people
from .days import Days
from .marks import dated


def issue(days: Days, providers: dict[str, ServiceProvider], *, by: User) -> dict[str, str]:
    """A key of each provider, by its code, and the others."""
    told = {}
    with dated(days.mall, days.nine(days.first)):
        for code, provider in providers.items():
            credential, told[code] = credentials.issue(mall=days.mall, provider=provider, label=f"{code} demo", by=by)
            _date(credential, days, days.first, used=1)
    _of_mall(days, by)
    _of_provider(days, providers[people.PROVIDER_OF[days.mall.slug]], by)
    return told


def _of_mall(days: Days, by: User) -> None:
    """The car park tells who stays; an old report reader was taken back."""
    with dated(days.mall, days.nine(days.ago(30))):
        parking, _key = credentials.issue(
            mall=days.mall, provider=None, label="停车场 Car park", by=by, scopes=(Scope.SHOPPERS,)
        )
        _date(parking, days, days.ago(30), used=2)
        reader, _key = credentials.issue(mall=days.mall, provider=None, label="旧报表 Old reports", by=by)
        _date(reader, days, days.ago(30), used=60 * 24 * 9)
    with dated(days.mall, days.nine(days.ago(8))):
        credentials.revoke(credential=reader, by=by)
    ApiCredential.objects.filter(pk=reader.pk).update(revoked_at=days.nine(days.ago(8)))


def _of_provider(days: Days, provider: ServiceProvider, by: User) -> None:
    """Tills that only record payments of two stores, rotated lately, and a sandbox."""
    stores = Store.objects.filter(agreements__provider=provider, mall=days.mall).distinct().order_by("code")[:2]
    scopes, year = (Scope.PAYMENTS, Scope.REFUNDS), days.nine(days.last) + timedelta(days=365)
    about = {"mall": days.mall, "provider": provider, "by": by}
    with dated(days.mall, days.nine(days.ago(20))):
        tills, _key = credentials.issue(**about, label="收银机 Tills", stores=stores, scopes=scopes, expires_at=year)
        _date(tills, days, days.ago(20), used=30)
        sandbox, _key = credentials.issue(**about, label="联调沙箱 Sandbox", is_sandbox=True)
        _date(sandbox, days, days.ago(20), used=60 * 26)
    yesterday = days.last - timedelta(days=1)
    with dated(days.mall, days.nine(yesterday)):
        renewed, _key = credentials.rotate(credential=tills, overlap=timedelta(days=7), by=by)
    _date(renewed, days, yesterday)


def _date(credential: ApiCredential, days: Days, day: date, *, used: int | None = None) -> None:
    """Made on a day, and last used so many minutes before the end of the last but one, or never."""
    at = days.nine(day)
    last = None if used is None else max(at, day_start(days.last, days.mall.time_zone) - timedelta(minutes=used))
    ApiCredential.objects.filter(pk=credential.pk).update(created_at=at, last_used_at=last)
