"""What is published of documents and recordings passes the gate, and what they were made from does not."""

from __future__ import annotations

import pytest

from tests.unit.attachments.leaks import PLAIN, leaky_film
from tests.unit.attachments.test_cleaning import MAKERS
from tocsin.attachments import FORMATS, clean
from tocsin.leaks.channels import look_into
from tocsin.leaks.looking import Fault, Text
from tocsin.model.report import MEDIA_TYPES
from tocsin.serving.media_types import ENDINGS


def faults(name: str, data: bytes) -> set[str]:
    return {found.rule for found in look_into(name, data) if isinstance(found, Fault)}


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_a_cleaned_document_passes_and_its_text_is_searched(kind):
    original = MAKERS[kind]()
    assert faults(f"x.{kind}", original)
    cleaned = clean(original, kind)
    assert faults(f"x.{kind}", cleaned) == set()
    texts = [found.text for found in look_into(f"x.{kind}", cleaned) if isinstance(found, Text)]
    assert any(PLAIN in text for text in texts)


@pytest.mark.real("ffmpeg")
@pytest.mark.parametrize("kind", ["mp3", "mp4"])
def test_a_recording_passes_without_its_makers_traces_alone(kind, tmp_path):
    original = leaky_film(tmp_path, kind)
    assert faults(f"x.{kind}", original) == {"recording"}
    assert faults(f"x.{kind}", clean(original, kind)) == set()


def test_every_kind_of_document_has_one_media_type():
    assert {kind: ENDINGS[kind] for kind in FORMATS} == dict(MEDIA_TYPES)
