"""Links of pages that are opened from a folder."""

from tocsin.offline.links import lead
from tocsin.render.addresses import ROOT

FILES = {"index.html", "fr/index.html", "reports/x/index.html", "s/a.css", "i/p-1.avif", "i/p-2.avif"}


def test_every_link_names_its_file():
    text = f'<a href="{ROOT}">Home</a> <a href="{ROOT}fr/">Accueil</a> <a href="{ROOT}reports/x/#end">End</a>'
    assert lead(text, "reports/x/index.html", FILES) == (
        '<a href="../../index.html">Home</a> <a href="../../fr/index.html">Accueil</a> '
        '<a href="../../reports/x/index.html#end">End</a>'
    )


def test_a_page_at_the_root_leads_on_from_there():
    assert (
        lead(f'<a href="{ROOT}fr/">F</a>', "START-HERE.en.html", FILES) == '<a href="./fr/index.html">F</a>'
    )


def test_style_sheets_and_pictures_are_found():
    small, large = f"{ROOT}i/p-1.avif", f"{ROOT}i/p-2.avif"
    text = f'<link href="{ROOT}s/a.css"><img srcset="{small} 300w, {large} 600w" src="{small}">'
    assert lead(text, "fr/index.html", FILES) == (
        '<link href="../s/a.css"><img srcset="../i/p-1.avif 300w, ../i/p-2.avif 600w" src="../i/p-1.avif">'
    )


def test_a_link_to_what_the_edition_lacks_is_shown_as_its_words():
    lost = f'<a href="{ROOT}countries/ke/" class="x">all of <b>Kenya</b></a>'
    text = f'<p>See {lost} and <a href="{ROOT}gone/">more</a>.</p>'
    assert (
        lead(text, "index.html", FILES) == '<p>See <span class="x">all of <b>Kenya</b></span> and more.</p>'
    )


def test_the_words_of_a_lost_link_keep_their_language_and_direction():
    text = f'<a href="{ROOT}ar/" lang="ar" hreflang="ar" dir="rtl">العربية</a>'
    assert lead(text, "index.html", FILES) == '<span lang="ar" dir="rtl">العربية</span>'


def test_links_that_lead_out_and_within_the_page_stay():
    text = (
        '<a href="https://example.org/">Out</a><a href="#main">Main</a><a href="mailto:a@b.example">Mail</a>'
    )
    assert lead(text, "index.html", FILES) == text


def test_signs_within_attributes_do_not_end_a_link():
    text = f'<a title="a > b" href="{ROOT}gone/">words</a> <a title="a > b" href="{ROOT}fr/">mots</a>'
    assert lead(text, "index.html", FILES) == 'words <a title="a > b" href="./fr/index.html">mots</a>'
