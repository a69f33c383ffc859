"""`release/VERIFY.<language>.txt`: how a copy is checked by hand, without a program of ours (F18).

Plain text for any editor: prose is set in short lines, and every command stands alone on a line that begins
with four spaces and holds nothing but the command.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from tocsin.model.site import Site, pick
from tocsin.render.languages import Speech
from tocsin.signed.paths import RELEASE, SSHSIG, SUMS

NAMESPACE = "tocsin-release"
SIGNERS = "../allowed_signers"  # beside the copy: in it, it would be a file that no list names
INDENT = "    "
_WIDTH = 78
# Makes the line of a plain editor begin at the right, whatever stands first in it (Unicode Standard Annex 9).
_RIGHT_TO_LEFT = "\u200f"

LINUX = f"sha256sum --check --strict {SUMS}"
MACOS = f"shasum -a 256 -c {SUMS}"
# Windows PowerShell 5.1 and newer; its comparison does not tell capital letters from small ones.
WINDOWS = (
    f"Get-Content -Encoding UTF8 {SUMS} | ForEach-Object {{ $sum, $path = $_ -split '  ', 2; "
    'if ((Get-FileHash -Algorithm SHA256 -LiteralPath $path).Hash -ne $sum) { "FAILED $path" } }; "END"'
)


_EDITORS = "editors"
_ASKED = f"ssh-keygen -Y verify -f {SIGNERS} -I {_EDITORS} -n {NAMESPACE} -s {SSHSIG} < {SUMS}"


def N_(message: str) -> str:  # noqa: N802 - the name that extractors of catalogues know
    """Mark a word for the catalogues; it is translated where it is shown."""
    return message


class PublicLines(Protocol):
    """The public key of somebody who may sign: the line that minisign reads, and that of OpenSSH."""

    @property
    def minisign(self) -> str: ...

    @property
    def openssh(self) -> str: ...


TITLE = N_("How to check this copy by hand")
WHAT = N_(
    "This folder holds a copy of the site of %(name)s. Whoever passes a copy on can change it. The "
    "commands below show whether somebody did. They use programs that others made, none of ours."
)
KEYS = N_("Before: the editors’ keys")
TWIN = N_(
    "The keys in this file came with the copy, and whoever changed the copy may have changed them too. "
    "Compare every character with what the editors printed elsewhere, or ask somebody whom you trust "
    "and who did not give you this copy."
)
PRINTED = N_("The site says of its keys where they are printed:")
DEMONSTRATION = N_("It also says that a key is for demonstrations only. Such a key proves nothing.")
PLACE = N_(
    "Open a terminal (on Windows: PowerShell) in the folder that holds this copy: the folder in which "
    "there is a folder named release. Copy each command as a whole line."
)
FILES = N_("1. Is every file as the list says?")
ON_LINUX = N_("On Linux:")
ON_MACOS = N_("On macOS:")
ON_WINDOWS = N_("On Windows:")
FILES_GOOD = N_(
    "OK after every name, or on Windows nothing before END: no file of the list was changed. FAILED: "
    "that file was changed or is missing. Then trust nothing of this copy, and tell the editors."
)
EXTRA = N_(
    "A file that the list does not name was added by somebody else. Do not open it. Only the list "
    "itself and its two signatures are not on the list, and in a copy from a web server the files in "
    "metadata."
)
LIST = N_("2. Is the list the editors’ own?")
LIST_HOW = N_(
    "The program ssh-keygen is part of Linux, macOS and Windows. Write the keys that you compared into "
    "a file, then ask whether one of their owners signed the list."
)
ON_UNIX = N_("On Linux and macOS:")
LIST_GOOD = N_(
    "Good “tocsin-release” signature: the list is the editors’ own, and so is every file that the first "
    "command found right. Any other answer: somebody else made this list. Then trust nothing of this "
    "copy."
)
AGAIN = N_("3. The same with minisign")
AGAIN_HOW = N_(
    "Where the program minisign is installed, one command for each key does the same and needs no file. "
    "One of them has to give a good answer. They work on all three systems."
)
AGAIN_GOOD = N_(
    "Signature and comment signature verified: the list is the editors’ own. The line after it says "
    "what you hold."
)
AGE = N_("How old is it?")
AGE_HOW = N_(
    "The trusted comment that minisign prints, and the file release/edition.json, name the release and "
    "its day (date), and the day on which the editors’ signatures end (expires). After that day the "
    "copy is still theirs, but there should be a newer one: ask for it. If you have seen a newer one "
    "already, somebody may be keeping it from you."
)


def verify_path(language: str) -> str:
    """Where the text of a language stands."""
    return f"{RELEASE}/VERIFY.{language}.txt"


def verify_texts(
    site: Site, speeches: Mapping[str, Speech], people: Sequence[PublicLines]
) -> dict[str, bytes]:
    """The text of every language of the site, by path (F18)."""
    return {verify_path(code): verify_text(speeches[code], site, people).encode() for code in site.languages}


def verify_text(speech: Speech, site: Site, people: Sequence[PublicLines]) -> str:
    """The text in one language; raise `ValueError` where nobody may sign. It names nobody."""
    if not people:
        raise ValueError("somebody has to sign a release")
    return "\n".join(_Text(speech, site, people).lines()) + "\n"


class _Text:
    """The text of one language."""

    def __init__(self, speech: Speech, site: Site, people: Sequence[PublicLines]) -> None:
        self.speech = speech
        self.site = site
        self.people = people
        self.mark = _RIGHT_TO_LEFT if speech.direction == "rtl" else ""

    def lines(self) -> Iterator[str]:
        name = self._of(self.site.identity.name)
        yield from self._heading(TITLE, "=")
        yield from self._prose(self._word(WHAT) % {"name": name})
        yield from self._keys()
        yield from self._said(PLACE)
        yield from self._heading(FILES)
        for system, command in ((ON_LINUX, LINUX), (ON_MACOS, MACOS), (ON_WINDOWS, WINDOWS)):
            yield from self._command(system, [command])
        yield from self._said(FILES_GOOD)
        yield from self._said(EXTRA)
        yield from self._heading(LIST)
        yield from self._said(LIST_HOW)
        yield from self._command(ON_UNIX, on_unix(self.people))
        yield from self._command(ON_WINDOWS, on_windows(self.people))
        yield from self._said(LIST_GOOD)
        yield from self._heading(AGAIN)
        yield from self._said(AGAIN_HOW)
        yield from self._rows(f"minisign -Vm {SUMS} -P {one.minisign}" for one in self.people)
        yield from self._said(AGAIN_GOOD)
        yield from self._heading(AGE)
        yield from self._said(AGE_HOW)

    def _keys(self) -> Iterator[str]:
        yield from self._heading(KEYS)
        yield from self._said(TWIN)
        for one in self.people:
            yield from self._rows((one.minisign, _bare(one)))
        places = dict.fromkeys(self._of(key.printed_at) for key in self.site.keys)
        if places:
            yield from self._said(PRINTED)
        for place in places:
            yield from self._prose(f"– {place}")
        if any(key.demonstration for key in self.site.keys):
            yield from self._said(DEMONSTRATION)

    def _word(self, message: str) -> str:
        return self.speech.catalogue.gettext(message)

    def _of(self, names: dict[str, str]) -> str:
        """The best of the names that the site has in several languages."""
        return pick(names, self.site.order_for(self.speech.code, self.site.default_language))[0]

    def _said(self, message: str) -> Iterator[str]:
        return self._prose(self._word(message))

    def _prose(self, text: str) -> Iterator[str]:
        """A paragraph in short lines, and an empty one."""
        lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
        yield from (f"{self.mark}{line}" for line in lines)
        yield ""

    def _heading(self, message: str, under: str = "-") -> Iterator[str]:
        text = self._word(message)
        yield from (f"{self.mark}{text}", f"{self.mark}{under * len(text)}", "")

    def _command(self, system: str, commands: Iterable[str]) -> Iterator[str]:
        yield f"{self.mark}{self._word(system)}"
        yield from self._rows(commands)

    def _rows(self, rows: Iterable[str]) -> Iterator[str]:
        """Lines to be copied as they are."""
        yield from (f"{INDENT}{row}" for row in rows)
        yield ""


def on_unix(people: Sequence[PublicLines]) -> list[str]:
    """The commands that ask whether one of these people signed the list."""
    signs = (">", *(">>" for _ in people[1:]))
    keys = [f"echo '{_allowed(one)}' {sign} {SIGNERS}" for one, sign in zip(people, signs, strict=True)]
    return [*keys, _ASKED]


def on_windows(people: Sequence[PublicLines]) -> list[str]:
    """The same for PowerShell, which has no `<` and writes files in UTF-16 unless it is told otherwise."""
    words = ("Set-Content", *("Add-Content" for _ in people[1:]))
    file, asked = (text.replace("/", "\\") for text in (SIGNERS, _ASKED))
    keys = [
        f"{word} -Encoding ascii {file} '{_allowed(one)}'" for one, word in zip(people, words, strict=True)
    ]
    return [*keys, f'cmd /c "{asked}"']


def _allowed(one: PublicLines) -> str:
    """A line of `allowed_signers`: all of them stand for the editors."""
    return f"{_EDITORS} {_bare(one)}"


def _bare(one: PublicLines) -> str:
    """A public key for OpenSSH without its comment, which names a person."""
    return " ".join(one.openssh.split()[:2])
