"""What a withdrawal has reached, in plain words: for the family, the board, whoever asked for it.

No name, title, path or reason stands there, and no mirror that is not public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from tocsin.mirrors.publishing import Outcome

_ABOUT = """\
Certificate of a withdrawal

Release {release}, {day} UTC. {what}

"Gone" means: deleted on that host, its old list of contents too, and asked for afterwards by its public
address in a way that passes by what is kept in between. What stands in its place says that something was
withdrawn and nothing else.
"""
_NOBODY = """\
Nobody can call back what readers, feed readers, search engines and archives of the web have copied. Feeds
now carry a notice that asks to delete it. Search engines and archives take requests: each has a form for
them; the editors can tell which they have sent.
"""


def certificate(outcomes: Sequence[Outcome], left: Mapping[str, str], at: datetime) -> str:
    """The text, empty where nothing was withdrawn; `left` says by mirror what its kind cannot recall."""
    concerned = [one for one in outcomes if one.withdrawn]
    if not concerned:
        return ""
    most = max(len(one.withdrawn) for one in concerned)
    what = "One file was withdrawn." if most == 1 else f"{most} files were withdrawn."
    gone = [one for one in concerned if one.recalled]
    kept = [one for one in concerned if not one.recalled and one.is_good]
    open_ = [one for one in concerned if not one.is_good]
    parts = [_ABOUT.format(release=concerned[0].release, day=f"{at:%Y-%m-%d %H:%M}", what=what)]
    parts += _section("Gone from", gone, lambda one: "")
    parts += _section("Replaced, but it cannot be recalled wholly", kept, lambda one: left[one.mirror.name])
    parts += _section("Not done yet", open_, lambda one: "still serves something of it, or did not answer")
    return "\n".join([*parts, _NOBODY])


def _section(title: str, outcomes: Iterable[Outcome], more: Callable[[Outcome], str]) -> Iterator[str]:
    lines = list(outcomes)
    if not lines:
        return
    listed = [one for one in lines if one.mirror.is_listed]
    said = [f"* {one.mirror.address}{f': {told}' if (told := more(one)) else ''}" for one in listed]
    if hidden := len(lines) - len(listed):
        said.append(f"* {hidden} more that {'is' if hidden == 1 else 'are'} not public")
    yield "\n".join([f"{title}:", *said, ""])
