"""`keys`: making keys, deciding who signs, signing on machines without a network, who signs what by when."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.console.own_keys import opened, passphrase
from tocsin.errors import ContentError, SigningError
from tocsin.files import write_atomically
from tocsin.keys.calendar import calendar
from tocsin.keys.carrying import carry, check_known, remember
from tocsin.keys.folder import PEOPLE, SigningFolder
from tocsin.keys.keyfile import key_path, write_key
from tocsin.keys.own import key_folder, own_keys
from tocsin.keys.pending import Pending, accept, read_pending, say, sign, take_in
from tocsin.keys.public import check_name
from tocsin.keys.root import signers_of
from tocsin.keys.rotating import Wanted, rotate
from tocsin.keys.secret import new_key
from tocsin.keys.status import duties
from tocsin.library.shared import load_site
from tocsin.model.signing import Signing
from tocsin.model.site import Site
from tocsin.reporting import Reporter

SIGNING = "signing"
_NEW = """\
The secret key is {path}.
Whoever has it and its passphrase signs as {name}. What to do now:
 1. Copy {file} onto two sticks, and keep them in two places that one fire or
    one search would not reach.
 2. Write the passphrase on paper, once, and keep it apart from the sticks.
    Nobody can find it out again.
 3. Add {public} to the repository. Tell the others this
    fingerprint by telephone, so that they can compare it before they sign:
    {fingerprint}
 4. Who signs what stands in [signing] of site.toml. After a change there:
    python3 tasks.py keys rotate"""
_AFTER_ROOT = """\
Root {version} is the newest now. Commit {folder}/ and send it to the others.
'keys status' says what has to be signed again, so that readers' programs go
on believing what they get."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = actions.add_parser("new", help="make a key for a person, or for the timer")
    new.add_argument(
        "name", help="a-z, 0-9 and hyphens; it stands in the repository and need not be a real name"
    )
    change = actions.add_parser("rotate", help="make the next root of trust from [signing] in site.toml")
    change.add_argument("--renew", action="store_true", help="also where the people are the same")
    change.add_argument("--yes", action="store_true", help="sign without being asked")
    signing = actions.add_parser("sign", help="say what waits for signatures, and sign it with the keys here")
    signing.add_argument(
        "folder", nargs="?", type=Path, help="a folder that 'keys carry' made; default: signing/"
    )
    signing.add_argument("--yes", action="store_true", help="sign without being asked")
    out = actions.add_parser("carry", help="put what waits into a folder, for a machine without a network")
    out.add_argument("folder", type=Path, help="a folder on a stick")
    back = actions.add_parser("fetch", help="take in the signatures that such folders bring back")
    back.add_argument("folders", nargs="+", type=Path, metavar="folder", help="folders on sticks")
    status = actions.add_parser(
        "status", help="say who has to sign what by when; exit 1 where it is too late"
    )
    status.add_argument(
        "--calendar", type=Path, metavar="FILE", help="also write the days into a calendar (.ics)"
    )
    status.add_argument("--json", action="store_true", help="print the list as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    return _ACTIONS[options.action](root, options, reporter)


def _ours(root: Path) -> SigningFolder:
    return SigningFolder(root / SIGNING, SIGNING)


def _stick(path: Path, *, must_exist: bool = True) -> SigningFolder:
    if must_exist and not path.is_dir():
        raise SigningError(f"{path} is no folder; name the one on the stick that 'keys carry' made")
    return SigningFolder(path, str(path))


def _site(root: Path) -> tuple[Site, Signing]:
    site, findings = load_site(root)
    if site is None:
        raise ContentError(findings)
    if site.signing is None:
        raise SigningError(
            "site.toml has no [signing], so releases are signed by a throw-away key that nobody should "
            "trust; docs/keys.md says how to begin"
        )
    return site, site.signing


def _new(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    name = check_name(options.name)
    folder = key_folder(os.environ, root)
    path, public = key_path(folder, name), root / SIGNING / PEOPLE / f"{name}.pub"
    for taken in (path, public):
        if taken.exists():
            raise SigningError(
                f"{taken} exists already; if {name} needs another key, give it another name, such as {name}-2"
            )
    with new_key(name) as key:
        write_key(path, key, passphrase(name, is_new=True))
        write_atomically(public, f"{key.public.openssh}\n".encode())
        shown = public.relative_to(root).as_posix()
        words = _NEW.format(
            path=path, file=path.name, name=name, public=shown, fingerprint=key.public.fingerprint
        )
    for line in words.splitlines():
        reporter.detail(line)
    print(shown)
    return 0


def _rotate(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    _, signing = _site(root)
    place = _ours(root)
    roles = {
        role: (group.people, group.threshold)
        for role, group in (("root", signing.root), ("targets", signing.targets), ("online", signing.online))
    }
    signers = signers_of(place.people, roles, f"{SIGNING}/{PEOPLE}")
    wanted = Wanted(signers["root"], signers["targets"], signers["online"], signing.root.days)
    for line in rotate(place, wanted, datetime.now(UTC), renew=options.renew):
        reporter.detail(line)
    roots = [one for one in read_pending(place) if one.is_root]
    print("\n".join(say(place, roots)))
    _sign_with_own(root, place, roots, reporter, is_agreed=options.yes)
    return _accept(root, place)


def _sign(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    place = _stick(options.folder) if options.folder else _ours(root)
    waiting = read_pending(place)
    if not waiting:
        print("Nothing waits for a signature.")
        return 0
    print("\n".join(say(place, waiting)))
    done = _sign_with_own(root, place, waiting, reporter, is_agreed=options.yes)
    if options.folder is None:
        return _accept(root, place)
    if done:
        print("Signed. Take the folder on to whoever signs next, or back: python3 tasks.py keys fetch FOLDER")
    return 0


def _sign_with_own(
    root: Path, place: SigningFolder, waiting: list[Pending], reporter: Reporter, *, is_agreed: bool
) -> bool:
    """Sign with every key of this machine that may; True where one did."""
    folder = key_folder(os.environ, root)
    check_known(place, folder)
    keys = [key for key in own_keys(folder) if any(one.wanted(key.public.tuf.keyid) for one in waiting)]
    if not keys:
        reporter.detail(f"No key in {folder} is needed for this, or it has signed already.")
        return False
    if not is_agreed:
        _ask(", ".join(key.public.name for key in keys))
    for key in keys:
        with opened(key) as secret:
            for line in sign(waiting, secret.signer, key.public.name):
                reporter.detail(line)
    remember(place, folder)
    return True


def _ask(names: str) -> None:
    if not sys.stdin.isatty():
        raise SigningError(
            "there is nobody to ask whether to sign; read what is written above, then add --yes"
        )
    print(f"Sign this as {names}? Type yes: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise SigningError("nothing was signed")


def _accept(root: Path, place: SigningFolder) -> int:
    """Make complete roots the newest, and say what is next."""
    for version in accept(place):
        print(_AFTER_ROOT.format(version=version, folder=place.shown))
        if own_keys(folder := key_folder(os.environ, root)):
            remember(place, folder)
    left = read_pending(place)
    if any(not one.is_complete for one in left):
        print(f"Commit {place.shown}/, so that the others can sign; or: python3 tasks.py keys carry FOLDER")
    elif left:
        print("Enough have signed what waits: 'release' makes it the newest.")
    return 0


def _carry(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    place, stick = _ours(root), _stick(options.folder, must_exist=False)
    for line in carry(place, stick):
        reporter.detail(line)
    print(f"{options.folder} can go. Whoever signs: python3 tasks.py keys sign FOLDER")
    return 0


def _fetch(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    place = _ours(root)
    sticks = [_stick(path) for path in options.folders]
    is_new = False
    for stick in sticks:
        came, left = take_in(place, stick)
        is_new = is_new or bool(came)
        for line in [*came, *left]:
            reporter.detail(line)
    if not is_new:
        print("No new signatures.")
    return _accept(root, place)


def _status(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    site, signing = _site(root)
    place, now = _ours(root), datetime.now(UTC)
    days: Mapping[str, int] = {
        "root": signing.root.days,
        "targets": signing.targets.days,
        "online": signing.online.days,
    }
    found = duties(place, days, now)
    if options.calendar:
        write_atomically(
            options.calendar.absolute(), calendar(found, urlsplit(site.address).hostname or "site")
        )
        reporter.detail(f"wrote {options.calendar}")
    if options.json:
        print(json.dumps([duty.as_record() for duty in found]))
    else:
        print("\n".join([*(duty.sentence(now) for duty in found), *_of_pending(place)]))
    return 1 if any(duty.is_overdue for duty in found) else 0


def _of_pending(place: SigningFolder) -> Iterable[str]:
    waiting = read_pending(place)
    return ["", *say(place, waiting)] if waiting else []


_ACTIONS = {
    "new": _new,
    "rotate": _rotate,
    "sign": _sign,
    "carry": _carry,
    "fetch": _fetch,
    "status": _status,
}
