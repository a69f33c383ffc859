"""Running Pelican so that an error stops the build."""

from __future__ import annotations

import contextlib
import io
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pelican import Pelican
from pelican.log import init as init_logging
from pelican.settings import read_settings

from plugins.build import SETTING, Build
from tocsin.errors import BuildError, Finding, Severity
from tocsin.make.engine import Result
from tocsin.reporting import Reporter

CONFIGURATION = "publishconf.py"


def run_pelican(build: Build) -> Result:
    """Build a library with Pelican; raise `TocsinError` for whatever Pelican would only log."""
    with _listening(build.reporter) as heard:
        try:
            # Pelican counts articles and pages of its own, of which there are none; what it prints misleads.
            with contextlib.redirect_stdout(io.StringIO()):
                Pelican(_settings(build)).run()
        except RuntimeError as error:
            if not heard.errors:
                raise
            raise BuildError(f"Pelican stopped: {'; '.join(heard.errors)}") from error
    if not build.result.outputs:
        raise BuildError("Pelican made nothing: PLUGINS in pelicanconf.py must hold plugins.site")
    return build.result


def _settings(build: Build) -> dict[str, Any]:
    """The settings of `publishconf.py` and of this build."""
    try:
        settings: dict[str, Any] = read_settings(
            str(build.root / CONFIGURATION),
            override={"OUTPUT_PATH": str(build.output.root), SETTING: build},
        )
    except (ImportError, NameError, SyntaxError) as error:
        raise BuildError(f"{_place(error, build.root)}: {type(error).__name__}: {error}") from error
    return settings


def _place(error: Exception, root: Path) -> str:
    """The last line of this checkout that a trace goes through."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(Path(frame.filename), frame.lineno) for frame in frames]
    if isinstance(error, SyntaxError):
        places.append((Path(error.filename or ""), error.lineno))
    path, line = next(
        (place for place in reversed(places) if place[0].is_relative_to(root)), (root / CONFIGURATION, 1)
    )
    return f"{path.relative_to(root).as_posix()}:{line}"


class _Listener(logging.Handler):
    """Tells the reporter what Pelican warns of, and keeps what it calls an error."""

    def __init__(self, reporter: Reporter) -> None:
        super().__init__(logging.WARNING)
        self.reporter = reporter
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else None
        text = ": ".join(record.getMessage().splitlines()) + (
            f" ({type(cause).__name__}: {cause})" if cause else ""
        )
        if record.levelno >= logging.ERROR:
            self.errors.append(text)
        else:
            self.reporter.finding(Finding(CONFIGURATION, 0, text, "pelican", Severity.WARNING))


@contextlib.contextmanager
def _listening(reporter: Reporter) -> Iterator[_Listener]:
    """Hear what is logged; an error that is logged raises `RuntimeError` where it is."""
    init_logging(level=logging.WARNING, fatal="errors", handler=None)
    listener = _Listener(reporter)
    logging.getLogger().addHandler(listener)
    try:
        yield listener
    finally:
        logging.getLogger().removeHandler(listener)
