"""What a build left: from the state of an output to what is released and what must not be found in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tocsin.console.quick import STATE, state_path
from tocsin.errors import DamagedStoreError, ReleaseError
from tocsin.files import Output
from tocsin.ledger.store import Store
from tocsin.library.hidden import Unpublished, collect_unpublished, known_unpublished
from tocsin.library.known import Known
from tocsin.make.state import State
from tocsin.model.site import Site
from tocsin.release.manifest import Content, StampedFile
from tocsin.render.stamps import host_of
from tocsin.signed.edition import File


def left_by_build(root: Path, output: Path) -> State:
    """What the build that made an output remembers; raise `ReleaseError` where another build came between."""
    state = State(Store(state_path(root, output)), frozenset())
    state.load()
    if not state.head or state.head["save"] != Output(output).mark:
        state.store.close()
        raise ReleaseError(f"{output.name}/ was changed by another build; run 'release' again")
    return state


def content_of(state: State, site: Site, as_of: str, commit: str) -> Content:
    """The content of an output that was just built."""
    common: dict[str, File] = {}
    stamped: dict[str, StampedFile] = {}
    for path, digest, size, stamps in state.outputs():
        if stamps:
            stamped[path] = StampedFile(digest, size, tuple(map(tuple, stamps)))
        else:
            common[path] = File(digest, size)
    others = [code for code in site.languages if code != site.default_language]
    return Content(
        site=host_of(site.address),
        base=site.address,
        as_of=as_of,
        languages=(site.default_language, *others),
        commit=commit,
        common=dict(sorted(common.items())),
        stamped=dict(sorted(stamped.items())),
    )


def unpublished_of(root: Path, at: datetime, state: State) -> Unpublished:
    """What is not public, as the build knows it; read anew where what it had read is gone."""
    try:
        as_of = datetime.fromisoformat(state.head["as_of"])
        return known_unpublished(root, Known(state.value), as_of, root / STATE)
    except DamagedStoreError:
        return collect_unpublished(root, at, root / STATE)
