"""No slug and no file name leads out of its folder, on any system."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.property.strategies import file_names, slugs, texts
from tocsin.model.items import file_name
from tocsin.model.text import RESERVED_SLUGS, is_device, slug


def accepted(call, value):
    try:
        return call(value)
    except ValueError:
        return None


@given(file_names)
@example("C:photo.jpg")
@example("..")
@example("nul.jpg")
@example("photo.jpg\0")
@settings(max_examples=200)
def test_no_file_name_escapes_its_folder(name):
    if accepted(file_name, name) is None:
        return
    for flavour, root in ((PurePosixPath, "/site/content/x"), (PureWindowsPath, "C:\\site\\content\\x")):
        path = flavour(root, name)
        assert path.parent == flavour(root)
        assert path.name == name
        assert ".." not in path.parts
    assert not is_device(name)
    assert name.isprintable() or not re.search(r"[\x00-\x1f\x7f]", name)


@given(st.one_of(texts, file_names, slugs))
@settings(max_examples=200)
def test_a_slug_is_an_address_that_needs_no_escaping(value):
    found = accepted(slug, value)
    if found is None:
        return
    assert found == value
    assert re.fullmatch(r"[a-z0-9-]{1,80}", found)
    assert "--" not in found
    assert found.strip("-") == found
    assert found not in RESERVED_SLUGS


@given(slugs.filter(lambda value: not re.fullmatch(r"[0-9]{4}", value) and value not in RESERVED_SLUGS))
@settings(max_examples=100)
def test_every_name_of_words_and_hyphens_is_a_slug(value):
    assert accepted(slug, value) == (None if is_device(value) else value)
