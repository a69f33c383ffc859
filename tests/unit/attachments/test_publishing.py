"""From a file beside a text to the copy that is published, or to what its editor is told."""

from __future__ import annotations

import time

import pytest

from tests.unit.attachments import leaks
from tests.unit.attachments.test_cleaning import TRACKED
from tocsin import attachments, forks
from tocsin.console import published
from tocsin.console.published import Published, prepare
from tocsin.errors import ContentError
from tocsin.reporting import BufferReporter

SOURCE = "content/reports/2026/custody/Jane Writer.odt"
FILE = Published("reports/custody/custody-en.odt", SOURCE, "digest", None)


@pytest.fixture
def publish(tmp_path):
    """Publish an ODT of these bytes."""

    def publish(data, *uncleaned):
        place = tmp_path / SOURCE
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return prepare([FILE], tmp_path, 1, BufferReporter(), uncleaned)[FILE.address].read_bytes()

    return publish


def test_what_is_published_is_the_cleaned_copy(publish):
    assert publish(leaks.leaky_odt()) == attachments.clean(leaks.leaky_odt(), "odt")


def test_what_cannot_be_cleaned_is_told_with_its_place_and_the_way_out(publish):
    with pytest.raises(ContentError) as told:
        publish(leaks.leaky_odt(TRACKED))
    said = "holds tracked changes; accept or reject them all; save it without"
    way_out = f"or allow '{SOURCE}' in site.toml ([attachments], uncleaned)"
    assert [str(finding) for finding in told.value.findings] == [f"ERROR {SOURCE}: {said}, {way_out}"]


def test_what_site_toml_allows_by_name_is_published_as_it_is(publish):
    original = leaks.leaky_odt(TRACKED)
    assert publish(original, SOURCE) == original


@pytest.mark.skipif(not forks.CAN_FORK, reason="there is no fork here")
def test_a_document_that_takes_too_long_is_named(publish, monkeypatch):
    monkeypatch.setattr(published, "LIMITS", forks.Limits(seconds=0.5, memory=10**9))
    monkeypatch.setattr(published, "cleaned", lambda *_, **__: time.sleep(60))
    with pytest.raises(ContentError) as told:
        publish(leaks.leaky_odt())
    assert [str(finding) for finding in told.value.findings] == [
        f"ERROR {SOURCE}: cannot be cleaned: that takes more than 0.5 s; save it anew, or divide it"
    ]
