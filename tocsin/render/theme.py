"""The theme's files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tocsin.errors import ThemeError


@dataclass(frozen=True)
class Theme:
    """A folder with `templates/`, `static/site.css` and `locale/`."""

    folder: Path

    @property
    def locale(self) -> Path:
        return self.folder / "locale"

    @cached_property
    def style(self) -> str:
        """The text of the one style sheet."""
        path = self.folder / "static" / "site.css"
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ThemeError(f"theme/static/{path.name} is missing; a theme has one style sheet") from None

    @cached_property
    def style_address(self) -> str:
        """Where the style sheet is served: a name made from its content, so that it can be cached for ever."""
        return f"s/site-{hashlib.sha256(self.style.encode()).hexdigest()[:10]}.css"
