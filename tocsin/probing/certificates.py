"""Who vouches for a server, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID

from tocsin.probing.faults import Fault, Found

_SOON = timedelta(days=14)
# A certificate that was made for a day or a week is renewed as often, and is not late before its last third.
_LATE = 1 / 3


@dataclass(frozen=True, slots=True)
class Certificate:
    """The authority that issued it, and the instants between which it is valid."""

    issuer: str
    begins: datetime
    ends: datetime


def read_certificate(der: bytes) -> Certificate | None:
    """A certificate; None without TLS, and for one that cannot be read."""
    if not der:
        return None
    try:
        found = x509.load_der_x509_certificate(der)
        names = [
            str(one.value)
            for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
            for one in found.issuer.get_attributes_for_oid(kind)
        ]
    except ValueError:
        return None
    # Authorities sign in turn with several keys of theirs: the organisation counts, if it is named.
    return Certificate(names[0] if names else "", found.not_valid_before_utc, found.not_valid_after_utc)


def judge_certificate(certificate: Certificate, known_issuer: str, at: datetime) -> list[Found]:
    """Whether it ends soon, and whether another authority issued it than the one that was known."""
    found = []
    left, whole = certificate.ends - at, certificate.ends - certificate.begins
    if left < min(_SOON, whole * _LATE):
        detail = f"The certificate ends on {certificate.ends:%Y-%m-%d}."
        found.append(Found(Fault.ENDING_CERTIFICATE, "", detail))
    if known_issuer and certificate.issuer != known_issuer:
        detail = f"The certificate was issued by {certificate.issuer}, and before by {known_issuer}."
        found.append(Found(Fault.OTHER_ISSUER, "", detail))
    return found
