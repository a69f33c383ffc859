"""Where else the site is found: what `mirrors.toml` tells readers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tocsin.errors import Finding
from tocsin.library.shared import load_record
from tocsin.model.mirrors import MirrorFacts, MirrorsFile

MIRRORS_FILE = "mirrors.toml"


def load_elsewhere(root: Path) -> tuple[Mapping[str, MirrorFacts], list[Finding]]:
    """The mirrors that readers are told of, by name in the order of the file; none where there is no file.

    What is wrong between mirrors is told by `tocsin.mirrors`, which knows those in reserve as well.
    """
    if not (root / MIRRORS_FILE).exists():
        return {}, []
    file, _, findings = load_record(root, MIRRORS_FILE, MirrorsFile)
    return (file.mirrors if file else {}), findings
