"""One build: what is handed to Pelican in its settings, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.files import Output
from tocsin.library.library import Library
from tocsin.make.engine import Result
from tocsin.render.languages import Speech, load_speech
from tocsin.render.theme import Theme
from tocsin.reporting import Reporter

SETTING = "TOCSIN_BUILD"


@dataclass(slots=True)
class Build:
    """A library that is known to be valid, where its site goes, and how it is made."""

    root: Path
    library: Library
    output: Output
    copies: Mapping[str, Path]
    reporter: Reporter
    workers: int = 1
    theme: Theme = field(init=False)
    result: Result = field(default_factory=Result)

    def __post_init__(self) -> None:
        self.theme = Theme(self.root / "theme")

    def speeches(self) -> dict[str, Speech]:
        """The site's languages with their catalogues and the network's own names of countries."""
        names = self.library.shared.country_names
        return {
            code: load_speech(
                self.theme.locale,
                code,
                {country: entry.name[code] for country, entry in names.items() if code in entry.name},
            )
            for code in self.library.site.languages
        }
