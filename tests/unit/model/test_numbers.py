"""Standard numbers are compared with their own check digit."""

from __future__ import annotations

import pytest

from tocsin.model.numbers import isbn, issn


@pytest.mark.parametrize(
    "number",
    [
        "978-92-95015-00-5",
        "9789295015005",
        "978 92 95015 00 5",
        "92-95015-00-2",
        "0-8044-2957-X",
        "0-8044-2957-x",
    ],
)
def test_an_isbn_of_thirteen_or_ten_digits_is_kept_as_it_is_printed(number):
    assert isbn(number) == number


@pytest.mark.parametrize("number", ["978-92-95015-00-2", "92-95015-00-5", "0-8044-2957-1"])
def test_a_wrong_check_digit_of_an_isbn_is_found(number):
    with pytest.raises(ValueError, match="has a wrong check digit; compare it with the printed report"):
        isbn(number)


@pytest.mark.parametrize(
    "number", ["", "978-92-950", "97892950150055", "ISBN 9789295015005", "٩٧٨٩٢٩٥٠١٥٠٠٥"]
)
def test_what_is_no_isbn_is_refused(number):
    with pytest.raises(ValueError, match="is not an ISBN; it has 10 or 13 digits"):
        isbn(number)


@pytest.mark.parametrize("number", ["2225-1804", "0317-8471", "2434-561X"])
def test_an_issn_is_kept_as_it_is_printed(number):
    assert issn(number) == number


def test_a_wrong_check_digit_of_an_issn_is_found():
    with pytest.raises(ValueError, match="ISSN 2225-1805 has a wrong check digit"):
        issn("2225-1805")


@pytest.mark.parametrize("number", ["22251804", "ISSN 2225-1804", "2225-180", "٢٢٢٥-١٨٠٤"])
def test_what_is_no_issn_is_refused(number):
    with pytest.raises(ValueError, match="is not an ISSN; write it like 2225-1804"):
        issn(number)
