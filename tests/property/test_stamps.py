"""Stamping a file anew for another mirror gives exactly what a build for that mirror's address gives."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.render.stamps import SENTINEL_BASE, SENTINEL_HOST, host_of, restamp, stamp

HOSTS = st.from_regex(r"[a-z]{1,12}(\.[a-z]{2,6}){0,3}(:[1-9][0-9]{1,4})?", fullmatch=True)
PATHS = st.sampled_from(["/", "/below/", "/some/path/", "/~user/", "/%D8%B9/"])
BASES = st.builds(
    lambda scheme, host, path: f"{scheme}://{host}{path}", st.sampled_from(["http", "https"]), HOSTS, PATHS
)
# What stands between the marks: any text, letters of several bytes, and addresses that are there by chance.
CHANCE = st.sampled_from(
    ["https://site.example/", "site.example", "tocsin-edition", ".invalid/", "https://", "/", "لـ", "🕯"]
)
PLAIN = st.one_of(CHANCE, st.text(max_size=30)).filter(lambda text: SENTINEL_HOST not in text)
MARKS = st.sampled_from([SENTINEL_BASE, SENTINEL_HOST])
FILES = st.lists(st.one_of(PLAIN, MARKS), max_size=20).map("".join)


def is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which no source can hold
        return False
    return True


@given(FILES.filter(is_encodable), BASES, BASES)
def test_restamping_equals_stamping(text, old, new):
    ours, theirs = stamp(text, old), stamp(text, new)
    assert restamp(ours.data, ours.stamps, old, new) == theirs.data


@given(FILES.filter(is_encodable), BASES)
def test_restamping_for_the_same_address_changes_nothing(text, base):
    stamped = stamp(text, base)
    assert restamp(stamped.data, stamped.stamps, base, base) == stamped.data


@given(FILES.filter(is_encodable), BASES, BASES, BASES)
def test_restamping_twice_equals_once(text, first, second, third):
    ours, between = stamp(text, first), stamp(text, second)
    moved = restamp(ours.data, ours.stamps, first, second)
    assert restamp(moved, between.stamps, second, third) == stamp(text, third).data


@given(FILES.filter(is_encodable), BASES)
def test_every_mark_is_replaced_and_every_stamp_is_where_the_address_stands(text, base):
    stamped = stamp(text, base)
    assert len(stamped.stamps) == text.count(SENTINEL_HOST)
    assert stamped.data == text.replace(SENTINEL_BASE, base).replace(SENTINEL_HOST, host_of(base)).encode()
    for offset, is_base in stamped.stamps:
        assert stamped.data[offset:].startswith((base if is_base else host_of(base)).encode())


@given(PLAIN.filter(is_encodable), BASES)
def test_a_file_without_marks_is_not_touched_even_where_it_names_the_address_by_chance(text, base):
    stamped = stamp(text + base, base)
    assert stamped.data == (text + base).encode()
    assert stamped.stamps == ()
