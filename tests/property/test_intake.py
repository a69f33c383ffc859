"""Whatever is written, an item is read whole or refused in sentences of one line each."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.strategies import Quoting, keys, markdown_texts, values
from tests.small_sites import SITES
from tocsin.library.folders import item_folders
from tocsin.library.frontmatter import parse_source
from tocsin.library.intake import build_item, read_item, read_with_item

FOLDERS = item_folders(SITES / "base")[0]
SOURCES = {
    path: parse_source(path, (SITES / "base" / path).read_bytes())
    for folder in FOLDERS
    for path in (f"{folder.path}/{language}.md" for language in folder.languages)
}


@st.composite
def changed_values(draw, original):
    """The values of a file of the base with some of them replaced, also deep inside, added or left out."""
    changed = dict(original)
    for _ in range(draw(st.integers(0, 3))):
        names = st.sampled_from(sorted(changed)) if changed else keys
        name = draw(st.one_of(names, keys))
        inner = changed.get(name)
        if isinstance(inner, dict) and draw(st.booleans()):
            changed[name] = draw(changed_values(inner))
        elif draw(st.booleans()):
            changed.pop(name, None)
        else:
            changed[name] = draw(values)
    return changed


@given(st.data())
@settings(max_examples=200)
def test_any_item_is_read_whole_or_refused(data):
    folder = data.draw(st.sampled_from(FOLDERS))
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        (root / folder.path).mkdir(parents=True)
        for language in folder.languages:
            path = f"{folder.path}/{language}.md"
            source = SOURCES[path]
            head = yaml.dump(data.draw(changed_values(source.values)), Dumper=Quoting, allow_unicode=True)
            body = data.draw(st.one_of(st.just(source.body), markdown_texts))
            (root / path).write_bytes(f"---\n{head}---\n{body}".encode())
        for name in folder.others:
            (root / folder.path / name).write_bytes((SITES / "base" / folder.path / name).read_bytes())
        record, findings = read_item(root, folder, ("en", "fr", "ar"))
        assert read_item(root, folder, ("en", "fr", "ar")) == (record, findings)
        found, _ = read_with_item(root, folder, ("en", "fr", "ar"))
    for finding in findings:
        assert re.fullmatch(r"(ERROR|WARNING) content/[^\n\r]+: [^\n\r]+", str(finding))
        assert not re.search(r"Input should|Value error|Extra inputs|Field required|<class", str(finding))
        assert "look it up" not in str(finding)
    if record is not None:
        item = build_item(record)
        assert found == (record, item)
        assert item.key == folder.key
        assert set(item.words) == set(folder.languages)
        assert set(record.fragments) == set(folder.languages)
