"""mallops.lib < merchants < payments < coupons < settlements < analytics < mallops: each imports to its left."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ORDER = ["mallops.lib", "merchants", "payments", "coupons", "settlements", "analytics", "mallops"]
ROOT = Path(settings.BASE_DIR)


def place(module: str) -> int | None:
    """Where a dotted name stands in the order; None for the world outside."""
    layer = "mallops.lib" if f"{module}.".startswith("mallops.lib.") else module.partition(".")[0]
    return ORDER.index(layer) if layer in ORDER else None


def imported(source: str, module: str) -> list[str]:
    """Every module that a module's text imports, deferred and relative imports included."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(module.split(".")[: -node.level]) if node.level else ""
            whole = f"{base}.{node.module or ''}".strip(".")
            found += [f"{whole}.{alias.name}" for alias in node.names]
    return found


def to_the_right(source: str, module: str) -> list[str]:
    return [name for name in imported(source, module) if (place(name) or 0) > place(module)]


def every_module() -> Iterator[tuple[str, str]]:
    """Dotted name and text of each module of the project."""
    for package in sorted({name.partition(".")[0] for name in ORDER}):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text(encoding="utf-8")


def test_every_module_imports_only_to_its_left():
    wrong = {module: names for module, source in every_module() if (names := to_the_right(source, module))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("merchants.access", "def f():\n    from coupons.models import Rule"),
        ("mallops.lib.money", "import merchants"),
        ("mallops.lib.money", "from mallops import pipeline"),
        ("payments.ledger", "from mallops.pipeline import record_payments"),
        ("mallops.lib.tasks.worker", "from ...imports import models"),
        ("analytics.rollups", "if True:\n    import mallops.settings"),
    ],
)
def test_a_planted_import_is_caught(module, planted):
    assert len(to_the_right(planted, module)) == 1


def test_an_app_may_use_the_library_and_its_left():
    assert (
        to_the_right("from mallops.lib.money import yuan\nfrom merchants import access\nimport os", "coupons.x") == []
    )
