"""Running Pelican so that an error stops the build."""

from __future__ import annotations

import contextlib
import io
import logging
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError
from pelican import Pelican
from pelican.log import init as init_logging
from pelican.settings import read_settings

from plugins.build import SETTING, Build
from tocsin.errors import BuildError, ThemeError, TocsinError
from tocsin.make.engine import Result

CONFIGURATION = "publishconf.py"


def run_pelican(build: Build) -> Result:
    """Build a library with Pelican; raise `TocsinError` for whatever Pelican would only log."""
    init_logging(level=logging.WARNING, fatal="errors")
    settings = read_settings(
        str(build.root / CONFIGURATION),
        override={"OUTPUT_PATH": str(build.output.root), SETTING: build},
    )
    try:
        # Pelican counts articles and pages of its own, of which there are none; what it prints misleads.
        with contextlib.redirect_stdout(io.StringIO()):
            Pelican(settings).run()
    except TocsinError:
        raise
    except TemplateSyntaxError as error:
        raise ThemeError(f"{_shown(error.filename, build.root)}:{error.lineno}: {error.message}") from None
    except TemplateError as error:
        raise ThemeError(f"a template failed: {error}") from error
    except RuntimeError as error:
        raise BuildError(f"Pelican stopped: {error}") from error
    return build.result


def _shown(filename: str | None, root: Path) -> str:
    path = Path(filename or "theme")
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
