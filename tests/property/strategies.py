"""What authors, and attackers, might write."""

from __future__ import annotations

import string
from typing import Any

import yaml
from hypothesis import strategies as st

from tocsin.model.text import INVISIBLE

# Letters of several scripts, blanks and signs that languages need, and signs that mean something to YAML, to
# Markdown and to HTML.
_LETTERS = "abcXYZ019éßœñ жщы ابتثيـ中文字 हिन्दी \u200c\u200d\u200e\u200f\u2066\u2069\u00a0\u00ad𝒳😀"
_SIGNS = string.punctuation + "«»„“…–—،؟\n\t "

characters = st.one_of(
    st.sampled_from(_LETTERS),
    st.sampled_from(_SIGNS),
    st.characters(exclude_categories=["Cs"]).filter(lambda character: not INVISIBLE.match(character)),
)
texts = st.text(characters, max_size=60)
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)

# What an unquoted YAML word could be taken for.
# fmt: off
tricky_words = st.sampled_from([
    "no", "NO", "yes", "on", "off", "true", "True", "null", "Null", "~", "0", "-1", "007", "0x1f", "1.5",
    "1e3", ".nan", "12:30", "2013-02-12", "<<", "", "=", "-", "---", "...", "#", "a:b", "x:", "[x]", "{x}",
    "'x'", '"x"', "!x", "&x", "*x", "%x", "@x", "`x`",
])
# fmt: on
keys = st.one_of(st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True), tricky_words, lines)
scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**14), 10**14), texts, tricky_words
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4).map(tuple), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
front_matters = st.dictionaries(keys, values, max_size=6)

# Pieces of Markdown and HTML, whole and broken, right and hostile.
# fmt: off
_PIECES = [
    "*", "**", "_", "`", "``", "#", "## ", "# ", "> ", "- ", "1. ", "    ", "\t", "\n", "\n\n", "---",
    "===", "  \n", "\\", "[", "]", "(", ")", "![", "](", "[x](page:y)",
    "[x](https://bell.example/?a=1&b=2)", "[x](javascript:alert(1))", "[x](<java\tscript:x>)", "[x][r]",
    "[r]: page:x", "[r]: javascript:alert(1)", "![x](a.jpg)", "![](data:image/png,x)",
    "<https://bell.example>", "<a@b.example>", "[^1]", "[^1]: note", "[^a b]", "[^a b]: *note*",
    "*[NGO]: <b>", "NGO", "term\n: meaning", "> term\n> : meaning", "| a | b |\n|:--|--:|\n| 1 | 2 |",
    "{: .note #x onclick=alert(1) }", "{.note}", "{: lang=fr dir=rtl style='x' }", "{fact:members}",
    "{fact:members@1986}", "{fact: x}", "{", "}", "&", "&amp;", "&lt;script&gt;", "&#x202E;", "&#xFDD0;",
    "&#0;", "&NewLine;", "<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?php", "?>",
    "<!DOCTYPE html>", "<script>", "</script>", "<style>", "</style>", "<svg onload=alert(1)>", "</svg>",
    "<math><mtext>", "<mglyph>", "<img src=x onerror=alert(1)>", '<img alt="<x>" src=\'a.jpg\' class=note>',
    "<a href='page:x' class=wide id=top>", "</a>", '<a href="javascript:alert(1)">', "<iframe srcdoc='x'>",
    "</iframe>", "<form><input name=x>", "<base href=//evil.example>", "<table class=note>", "<tr>",
    "<td align=right style=x>", "<th scope=col colspan=9999>", "</table>", "<div onclick=x>", "</div>",
    "<p", "<p>", "</p>", "<noscript>", "<plaintext>", "<xmp>", "<textarea>", "<title>", "</title>",
    "<template>", "<select><option>", "<details open ontoggle=x>", '<b title=\'"><script>x</script>\'>',
    '<abbr title="<table>">', "\x00", "\x02", "\x03", "\ufdd0", "\ufdd1", "\u202e", "wzxhzdk:0",
    "klzzwxh:0001", "\x02klzzwxh:0001\x03", "stx", "///Footnotes Go Here///", "\r", "\r\n",
]
# fmt: on
markdown_texts = st.lists(st.one_of(st.sampled_from(_PIECES), texts), max_size=25).map("".join)

slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,4}", fullmatch=True)
file_names = st.one_of(
    st.text(characters, max_size=20),
    st.lists(
        st.sampled_from(
            ["..", ".", "/", "\\", "a", "photo", ".jpg", ":", "C:", "~", "%2e", "\0", "nul", " ", "\n"]
        ),
        max_size=6,
    ).map("".join),
)


class Quoting(yaml.SafeDumper):
    """Writes every text between double quotes, and nothing as an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)
Quoting.add_representer(tuple, lambda dumper, items: dumper.represent_list(items))
