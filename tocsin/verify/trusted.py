"""The set of metadata that is trusted, by python-tuf, without judging the same file twice.

All editions of a release share most of their metadata, and whoever verifies many of them, or one mirror after
another, meets it again each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar, cast

from securesystemslib.signer import Signature
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Signed, Targets
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from tocsin.signed.canonical import canonical

T = TypeVar("T", bound=Signed)
Judged = tuple[Signed, bytes, Mapping[str, Signature]]
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Accepted:
    """Lists that were accepted before: by role and digest, with whose word they were accepted on."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, bytes], tuple[Root | Targets, Judged]] = {}

    def judged(self, role: str, data: bytes, delegator: Root | Targets) -> Judged | None:
        """What a file is that was accepted for this role on this very word; None where it was not."""
        held = self._held.get((role, hashlib.sha256(data).digest()))
        return held[1] if held and held[0] == delegator else None

    def add(self, role: str, data: bytes, delegator: Root | Targets, judged: Judged) -> None:
        """Remember a file that was accepted."""
        self._held[role, hashlib.sha256(data).digest()] = (delegator, judged)


class TrustedSet(TrustedMetadataSet):
    """What python-tuf trusts after a root that was given; it raises `RepositoryError` for what it refuses.

    It would refuse what has expired before it looks further. Authenticity fails hard and freshness soft here,
    so its reference time is set back to the beginning of time.
    """

    def __init__(self, anchor: bytes, accepted: Accepted | None = None) -> None:
        super().__init__(anchor, EnvelopeType.METADATA)
        self.reference_time = _ALWAYS
        self._accepted = accepted or Accepted()
        self._load_data = self._judge

    def _judge(
        self,
        role: type[T],
        data: bytes,
        delegator: Root | Targets | None = None,
        role_name: str | None = None,
    ) -> tuple[T, bytes, dict[str, Signature]]:
        """As python-tuf does it: the form, the role, then the signatures of those who may sign it."""
        name = role_name or role.type
        if role is not Targets or delegator is None:
            found = _judged(role, data, delegator, name)
        elif (held := self._accepted.judged(name, data, delegator)) is not None:
            found = held
        else:
            found = _judged(role, data, delegator, name)
            self._accepted.add(name, data, delegator, found)
        return cast("tuple[T, bytes, dict[str, Signature]]", found)


def _judged(role: type[T], data: bytes, delegator: Root | Targets | None, name: str) -> Judged:
    metadata: Metadata[Any] = Metadata.from_dict(
        json.loads(data.decode(), parse_float=_no_number, parse_constant=_no_number)
    )
    if metadata.signed.type != role.type:
        raise RepositoryError(f"Expected '{role.type}', got '{metadata.signed.type}'")
    signed = canonical(metadata.signed.to_dict())
    if delegator:
        delegator.verify_delegate(name, signed, metadata.signatures)
    return metadata.signed, signed, metadata.signatures


def _no_number(text: str) -> NoReturn:
    """Numbers with fractions have no canonical form, so nobody can have signed them."""
    raise ValueError(f"{text[:20]} is no number that can be signed")
