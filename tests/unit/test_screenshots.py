"""The pictures of `docs/how-it-looks.md` are those that the task makes."""

import re
from pathlib import Path

from tocsin.console.screenshots import FOLDER, PAGES, shots

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_shows_every_picture_that_the_task_makes_and_no_other():
    wanted = {shot.name for shot in shots()}
    page = (ROOT / "docs" / "how-it-looks.md").read_text("utf-8")
    shown = re.findall(r"!\[[^]]+\]\(pictures/([^)]+)\)", page)
    assert set(shown) == wanted
    assert len(shown) == len(wanted) == 4 * len(PAGES)
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == wanted
