"""Who may sign in: one person for each role in each mall, one for both malls, and one of the staff."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from mallops import navigation
from mallops.lib.tasks.models import TaskRun
from merchants.choices import Role
from merchants.models import Mall, Membership, Merchant, ServiceProvider, User
from merchants.tasks import mail

PASSWORD = "star-river-mall"
ADMIN = ("demo.admin", "管理员 Admin")
BOTH_MALLS = ("demo.regional", "区域总监 贺远 He Yuan")

# Sign-in name within the mall, shown name, role.
ROLES = (
    ("manager", "林月 Lin Yue", Role.MALL_MANAGER),
    ("operator", "周成 Zhou Cheng", Role.MALL_OPERATOR),
    ("viewer", "许安 Xu An", Role.MALL_VIEWER),
    ("owner", "陈小甜 Chen Xiaotian", Role.MERCHANT_OWNER),
    ("cashier", "吴桐 Wu Tong", Role.MERCHANT_CASHIER),
    ("provider", "何川 He Chuan", Role.PROVIDER_MANAGER),
    ("partner", "沈青 Shen Qing", Role.PROVIDER_VIEWER),
)
MERCHANT_OF = {"galaxy": "sweetcloud", "harbour": "pearl"}
PROVIDER_OF = {"galaxy": "juxin-pay", "harbour": "harbourlink"}


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    role: str
    body: str
    path: str


def hire_management(malls: list[Mall], *, password: str) -> dict[str, User]:
    """Accounts for all, and the roles held at the malls. Returns them by sign-in name."""
    names = [ADMIN, BOTH_MALLS] + [(f"{mall.slug}.{name}", shown) for mall in malls for name, shown, _role in ROLES]
    hashed = make_password(password)  # once: it is slow on purpose, and everyone has the same password
    users = {
        user.username: user
        for user in User.objects.bulk_create(
            User(
                username=username, first_name=shown, email=f"{username}@example.com", password=hashed,
                is_staff=username == ADMIN[0], is_superuser=username == ADMIN[0],
            )
            for username, shown in names
        )
    }  # fmt: skip
    for mall in malls:
        _join(mall.slug, users, "mall_", mall=mall)
        Membership.objects.create(user=users[BOTH_MALLS[0]], role=Role.MALL_MANAGER, mall=mall)
    return users


def hire_partners(mall: Mall, users: dict[str, User]) -> None:
    """The people of one merchant and one service provider of the mall."""
    _join(mall.slug, users, "merchant_", merchant=Merchant.objects.get(mall=mall, code=MERCHANT_OF[mall.slug]))
    _join(mall.slug, users, "provider_", provider=ServiceProvider.objects.get(mall=mall, code=PROVIDER_OF[mall.slug]))


def staff_of(mall: Mall, users: dict[str, User]) -> dict[str, User]:
    """The accounts of a mall by what they are there, such as `manager`, of those by sign-in name."""
    return {name: users[f"{mall.slug}.{name}"] for name, _shown, _role in ROLES}


def forget_mails() -> None:
    """Nobody is told of the past."""
    addresses = list(accounts().values_list("email", flat=True))
    TaskRun.objects.filter(path=mail.module_path, args__0__in=addresses).delete()


def _join(slug: str, users: dict[str, User], prefix: str, **body) -> None:
    Membership.objects.bulk_create(
        Membership(user=users[f"{slug}.{name}"], role=role, **body)
        for name, _shown, role in ROLES
        if role.startswith(prefix)
    )


def accounts():
    """The accounts of the demonstration that exist."""
    names = [ADMIN[0], BOTH_MALLS[0], *(f"{slug}.{name}" for slug in MERCHANT_OF for name, _shown, _role in ROLES)]
    return User.objects.filter(username__in=names)


def logins() -> list[Login]:
    """Each account with its role and the path where it begins."""
    found = [Login(user.username, "Staff", "", "/admin/") for user in accounts().filter(is_staff=True)]
    members = Membership.objects.filter(user__in=accounts()).select_related(
        "user", "mall", "merchant", "provider"
    )  # fmt: skip
    for membership in members.order_by("pk"):
        path = navigation.start_url(membership)
        found.append(Login(membership.user.username, str(membership.get_role_display()), membership.body.name, path))
    return found
