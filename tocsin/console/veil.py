"""What is told to people, without withheld terms: a message about a source may quote what stands there."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.errors import ContentError, Finding

if TYPE_CHECKING:
    from tocsin.leaks.matching import Matcher


class Veil:
    """Takes withheld terms out of texts. Nothing is imported before there is something to say."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def text(self, text: str) -> str:
        """A text as it may be told."""
        matcher = self._matcher
        return matcher.masked(text) if matcher else text

    def finding(self, finding: Finding) -> Finding:
        """A finding as it may be told."""
        return finding._replace(path=self.text(finding.path), message=self.text(finding.message))

    @cached_property
    def _matcher(self) -> Matcher | None:
        if not (self.root / "data" / "withheld.toml").is_file():
            return None
        from tocsin.leaks.matching import Matcher
        from tocsin.leaks.words import of_terms
        from tocsin.library.withheld import read_terms

        try:
            terms = read_terms(self.root)
        except ContentError:  # which is told by `check`
            return None
        return Matcher(one.pattern for one in of_terms(terms or ()))
