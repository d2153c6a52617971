"""What Django takes for text without a word: a comment that goes on in the next line is shown to the reader."""

import re
from pathlib import Path

from django.conf import settings


def test_comments_end_in_their_line():
    templates = Path(settings.BASE_DIR, "templates").rglob("*")
    lines = {
        f"{path.name}:{number}": line
        for path in templates if path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    }  # fmt: skip
    assert len(lines) > 1_000
    assert [at for at, line in lines.items() if "{#" in re.sub(r"{#.*?#}", "", line)] == []
