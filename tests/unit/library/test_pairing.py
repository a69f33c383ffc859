"""What `new` left to be filled in is found however it is written."""

from __future__ import annotations

import pytest

from tocsin.library.faults import Findings
from tocsin.library.frontmatter import parse_source
from tocsin.library.pairing import refuse_unfilled


@pytest.mark.parametrize(
    ("head", "body", "told"),
    [
        ('title: "…"\n', "", [(2, "'title' is still '…'; write it, or delete the line")]),
        ('title: "\\u2026"\n', "", [(2, "'title' is still '…'; write it, or delete the line")]),
        ("names:\n  one: |\n    …\n", "", [(3, "'names.one' is still '…'; write it, or delete the line")]),
        ("title: a\n", "\n…\n", [(5, "the text is still '…'; write it, or delete it")]),
        ('title: "and so on …"\n', "…, she said", []),
    ],
)
def test_what_is_still_to_be_written_is_told_with_its_line(head, body, told):
    findings = Findings()
    refuse_unfilled([parse_source("x.md", f"---\n{head}---\n{body}".encode())], findings)
    assert [(finding.line, finding.message) for finding in findings] == told
    assert {finding.rule for finding in findings} <= {"unfilled"}
