"""One build: what is handed to Pelican in its settings, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tocsin.files import Output
from tocsin.ledger.store import Store
from tocsin.make.engine import Result, Work
from tocsin.render.world import World
from tocsin.reporting import Reporter

SETTING = "TOCSIN_BUILD"


@dataclass(slots=True)
class Build:
    """A world that is known to be valid, what of it has to be made, and where it goes.

    `code` is the digest of the program and its settings.
    """

    root: Path
    world: World
    work: Work
    output: Output
    store: Store
    reporter: Reporter
    code: str
    result: Result = field(default_factory=Result)
