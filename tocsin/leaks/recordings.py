"""Sound and film: nothing may be in them but what is heard and seen, which is not searched."""

from __future__ import annotations

from tocsin.attachments import clean
from tocsin.errors import AttachmentError
from tocsin.leaks.looking import Fault, Found, OpaqueError


def recording(data: bytes, kind: str) -> Found:
    """What an MP3 or MP4 holds beside its sound and pictures: tags, times, places, names of programs."""
    try:
        cleaned = clean(data, kind)
    except AttachmentError:
        raise OpaqueError("is not a recording that can be read") from None
    if cleaned != data:
        yield Fault("recording", "holds more than sound and pictures; publish it as an edition of a report")
