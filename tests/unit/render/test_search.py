"""What stands in an index is words, whatever marks stood around them."""

from types import SimpleNamespace
from typing import cast

import pytest

from tocsin.render.reading import Reading
from tocsin.render.search import plain, shard_group

READING = cast(Reading, SimpleNamespace())


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("<p>un<em>believ</em>able <a href='x:y'>link</a>ed</p>", "unbelievable linked"),
        ("<p>Note<sup id='fnref:1'><a href='#fn:1'>1</a></sup> here</p>", "Note 1 here"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<p>5 &lt; 6 &amp; <code>&lt;mark&gt;</code></p>", "5 < 6 & <mark>"),
        ('<p><img src="a.jpg" alt="Seen &quot;x&quot; &gt; y">after</p>', "after"),
        ("<p>line<br>break\n and   space</p>", "line break and space"),
    ],
)
def test_marks_inside_words_vanish_and_all_others_part_them(html, words):
    assert plain(READING, html) == words


def test_shards_are_kept_by_language_and_year():
    assert shard_group("ar", "2013") == "ar-2013"
