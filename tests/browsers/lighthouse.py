"""Lighthouse has nothing to add: 100 for accessibility, best practices and search engines.

It takes 185 MB and a quarter of a minute for a page, and most of what it asks is asked by other tests. So it
is run only where it is named: `python3 tasks.py test tests/browsers/lighthouse.py`.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.browsers.served import plant
from tests.components import find

pytestmark = pytest.mark.real("chromium", "lighthouse")

CATEGORIES = ("accessibility", "best-practices", "seo")
PAGES = {
    "home": "",
    "appeal": "appeals/ken-water-committee-acquittal/",
    "portrait": "portraits/crisanto-malabay/",
    "Arabic appeal": "ar/appeals/ken-water-committee-acquittal/",
}
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"


def measured(address: str, told: Path) -> dict[str, Any]:
    """The report on a page, as Lighthouse writes it into a file."""
    command = ["node", str(find("lighthouse")), address, "--quiet", f"--chrome-flags={FLAGS}"]
    command += [f"--only-categories={','.join(CATEGORIES)}", "--output=json", f"--output-path={told}"]
    # It fetches robots.txt from within the page, whose policy forbids that (GoogleChrome/lighthouse #10225).
    command += ["--skip-audits=robots-txt", "--no-enable-error-reporting"]
    environment = os.environ | {"CHROME_PATH": str(find("chromium")), "HOME": str(told.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return report


def scores(report: dict[str, Any]) -> dict[str, float]:
    return {name: report["categories"][name]["score"] for name in CATEGORIES}


def complaints(report: dict[str, Any]) -> list[str]:
    """What costs points."""
    audits = report["audits"].values()
    return [f"{audit['id']}: {audit['title']}" for audit in audits if audit["score"] not in {None, 1}]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_all_points(name, base, tmp_path):
    report = measured(base + PAGES[name], tmp_path / "report.json")
    assert scores(report) == dict.fromkeys(CATEGORIES, 1), complaints(report)


def test_a_page_with_faults_loses_points(planted, tmp_path):
    folder, _, address = planted
    plant(folder, {"faulty": "<img src='x.png'><p style='color: #ccc'>Pale</p><a href='#'>here</a>"})
    assert max(scores(measured(f"{address}faulty.html", tmp_path / "report.json")).values()) < 1
