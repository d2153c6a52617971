"""What we ship from others is what the manifest says, and no page needs another host or breaks the CSP."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from plotly.offline._plotlyjs_version import __plotlyjs_version__

ROOT = Path(settings.BASE_DIR)
MANIFEST = json.loads((ROOT / "static/vendor/MANIFEST.json").read_text(encoding="utf-8"))
TEMPLATES = sorted(
    path
    for path in ROOT.glob("**/templates/**/*.html")
    if not {".venv", "node_modules", "mail", "email", "emails"} & set(path.relative_to(ROOT).parts)
)
STATIC = sorted(
    path for path in (ROOT / "static").rglob("*") if path.suffix in {".css", ".js", ".svg", ".html", ".json"}
)
# XML namespaces are names, not addresses; the rest stands in licence comments and messages of Bootstrap.
HARMLESS = (
    "www.w3.org/",
    "getbootstrap.com/",
    "github.com/twbs/bootstrap/",
    "github.com/floating-ui/popper-docs/",
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_vendored_file_is_the_one_of_the_manifest(entry):
    content = (ROOT / "static" / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert b"sourceMappingURL" not in content
    assert entry["licence"] == "MIT"


def test_every_vendored_file_is_in_the_manifest():
    present = {f"vendor/{path.name}" for path in (ROOT / "static/vendor").glob("*.[jc]s*")} - {"vendor/MANIFEST.json"}
    assert present <= {entry["file"] for entry in MANIFEST}


def test_the_browser_draws_with_the_plotly_that_the_server_writes_for():
    version = next(entry["version"] for entry in MANIFEST if entry["file"] == "vendor/plotly.min.js")
    assert version == "4.1.1" == __plotlyjs_version__
    assert f'"{version}"' in (ROOT / "static/vendor/plotly.min.js").read_text(encoding="utf-8")


def test_the_lock_file_names_no_registry():
    lock = (ROOT / "tools/vendor/package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock


@pytest.mark.parametrize("path", TEMPLATES + STATIC, ids=relative)
def test_no_outside_host_is_named(path):
    hosts = re.findall(r"(?:https?:)?//([\w-]+(?:\.[\w-]+)+/?[\w/.-]*)", path.read_text(encoding="utf-8"))
    if path.suffix in {".js", ".css"}:  # "//" also begins comments there, so only whole addresses count
        hosts = re.findall(r"https?://([\w-]+(?:\.[\w-]+)+/?[\w/.-]*)", path.read_text(encoding="utf-8"))
    assert [host for host in hosts if not host.startswith(HARMLESS)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_a_template_keeps_to_the_content_security_policy(path):
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"))
    assert re.findall(r"<[^>]*\sstyle\s*=", text) == [], "style attribute"
    assert re.findall(r"<style\b", text) == [], "style element"
    assert re.findall(r"<[^>]*\son[a-z]+\s*=", text) == [], "inline handler"
    assert re.findall(r"<[^>]*\shx-on\b", text) == [], "hx-on"
    assert re.findall(r"<script\b(?![^>]*\ssrc=)", text) == [], "script without src"


def test_every_icon_named_in_a_template_is_in_the_sprite():
    sprite = (ROOT / "static/ui/icons.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"""{% icon ["']([\w-]+)["']""", path.read_text(encoding="utf-8"))
    }
    assert named - known == set()
