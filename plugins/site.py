"""The plugin: Pelican builds what the library holds.

Pelican's own article, page and static generators find nothing (their paths are empty in `pelicanconf.py`);
`SiteGenerator` makes every page of every language in the one run, `SiteWriter` hands them to the engine, and
`LibraryReader` gives whoever reads a content file through Pelican what the library has read and cleaned.
"""

from __future__ import annotations

from typing import Any

from pelican import Pelican, signals
from pelican.generators import Generator
from pelican.readers import BaseReader, Readers
from pelican.settings import DEFAULT_CONFIG
from pelican.writers import Writer

from plugins.build import SETTING, Build
from tocsin import forks
from tocsin.errors import TocsinError
from tocsin.library.faults import did_you_mean
from tocsin.make import engine
from tocsin.render import jobs
from tocsin.render.stamps import stamp
from tocsin.render.typeset import Typesetter

# Ours, and those that Pelican reads although its defaults do not list them.
OTHER_SETTINGS = frozenset({SETTING, "FEED_DOMAIN", "TIMEZONE"})


class LibraryReader(BaseReader):  # type: ignore[misc]
    """Reads Markdown as the library has read it: validated, converted, sanitised."""

    enabled = True
    file_extensions = ("md",)

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        """The body's HTML (links still named, see `tocsin.library.body`) and the words of a language file."""
        library = self.settings[SETTING].world.library
        folder, _, name = str(source_path).replace("\\", "/").rpartition("/")
        language = name.removesuffix(".md")
        for entry in library.entries.values():
            if folder.endswith(entry.folder) and language in entry.languages:
                words = library.item(entry.key).words[language]
                metadata = {"title": words.title, "lang": language, "slug": entry.slug}
                return library.read_texts(entry.key, language)["body"], metadata
        raise TocsinError(f"{source_path} is not a public item of this site")


class SiteWriter(Writer):  # type: ignore[misc]
    """Writes through the engine: staged, compared, then replaced as a whole."""

    def write_site(self, build: Build, setter: Typesetter) -> None:
        """Do the jobs of a build and keep what came of it in `build.result`."""
        build.result = engine.make(
            build.work,
            lambda job: jobs.do(job, build.world, setter),
            lambda text: stamp(text, build.world.library.site.address),
            build.output,
            build.reporter,
        )


class SiteGenerator(Generator):  # type: ignore[misc]
    """Makes the outputs of the site that have to be made, in all languages."""

    def generate_context(self) -> None:
        """Take over what was planned when everything had been read and checked."""
        self.build: Build = self.settings[SETTING]

    def generate_output(self, writer: SiteWriter) -> None:
        """Set the pages and write them."""
        theme = self.build.world.theme
        self.env.globals["stylesheet"] = theme.style_address
        speeches, store, code = self.build.world.speeches, self.build.store, self.build.code
        offline = self.build.world.offline is not None
        setter = Typesetter(self.env, theme.templates, speeches, store, code, is_offline=offline)
        work = self.build.work
        if work.is_worth_forking and (work.is_fresh or not work.is_cut_by_language):
            self._prepare(setter)
        writer.write_site(self.build, setter)

    def _prepare(self, setter: Typesetter) -> None:
        """Load the templates as they were compiled; where none can be yet, workers compile them first."""
        parts, work = setter.parts(), self.build.work
        languages = list(self.build.world.speeches)
        if work.is_fresh:  # in any one language, since all share what is compiled
            for _ in forks.run(lambda part: setter.prepare(part, languages[:1]), parts, work.workers):
                pass
        for part in parts:
            setter.prepare(part, languages)


def check_settings(pelican: Pelican) -> None:
    """Refuse what Pelican would ignore: a run without a library, a setting that nobody knows."""
    if SETTING not in pelican.settings:
        raise TocsinError("this site is built by 'python3 tasks.py build', which checks everything first")
    known = {*DEFAULT_CONFIG, *OTHER_SETTINGS}
    unknown = sorted(
        name for name in pelican.settings if name.isupper() and name[0] != "_" and name not in known
    )
    if unknown:
        hints = "; ".join(f"'{name}'{did_you_mean(name, known)}" for name in unknown)
        raise TocsinError(f"pelicanconf.py: unknown setting {hints}")


def _add_reader(readers: Readers) -> None:
    readers.reader_classes["md"] = LibraryReader


def _get_generators(pelican: Pelican) -> type[SiteGenerator]:
    return SiteGenerator


def _get_writer(pelican: Pelican) -> type[SiteWriter]:
    return SiteWriter


def register() -> None:
    """Connect to Pelican. It swallows what is raised here, so nothing is done that could fail."""
    signals.initialized.connect(check_settings)
    signals.readers_init.connect(_add_reader)
    signals.get_generators.connect(_get_generators)
    signals.get_writer.connect(_get_writer)
