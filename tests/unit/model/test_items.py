"""The rules of each kind: what a live item needs, what an archived one may lack, what contradicts itself."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from tocsin.model import ITEM_TYPES, Appeal, Member, Page, Portrait, Report, Statement
from tocsin.model.items import file_name
from tocsin.model.record import BETWEEN_FIELDS

ID = "0appea1100"
APPEAL = {
    "id": ID,
    "issued": "2026-02-12",
    "stage": "first",
    "countries": ("KE",),
    "issuers": ("bell",),
    "addressees": ("ke-justice",),
}
REPORT = {"id": ID, "issued": "2026-02-12", "form": "fact-finding"}
STATEMENT = {"id": ID, "issued": "2026-02-12", "form": "press-release"}
PORTRAIT = {
    "id": ID,
    "issued": "2026-02-12",
    "countries": ("KE",),
    "series": "portraits",
    "number": 1,
    "consent": "given",
    "consent_on": "2026-01-01",
    "review_on": "2027-01-01",
    "picture": {"file": "photo.jpg", "credit": "The Bell", "consent": "given"},
}
MEMBER = {"id": ID, "countries": ("KE",)}
UNLESS = "unless only a source page is known ('archived: true')"


def facts(kind, values, **changes):
    """The facts of an item; a change to None leaves the key out."""
    stated = {key: value for key, value in (values | changes).items() if value is not None}
    return kind.facts_type.model_validate(stated)


def faults(kind, values, **changes):
    with pytest.raises(ValidationError) as caught:
        facts(kind, values, **changes)
    found = {}
    for details in caught.value.errors():
        assert details["type"] == BETWEEN_FIELDS
        found |= {
            ".".join(map(str, (*details["loc"], field))): said for field, said in details["ctx"]["faults"]
        }
    return found


@pytest.mark.parametrize(
    ("kind", "values"),
    [(Appeal, APPEAL), (Report, REPORT), (Statement, STATEMENT), (Portrait, PORTRAIT), (Member, MEMBER)],
    ids=["appeal", "report", "statement", "portrait", "member"],
)
def test_an_item_needs_no_more_than_this(kind, values):
    assert facts(kind, values).id == ID


def test_a_page_needs_an_id_alone():
    assert facts(Page, {"id": ID}).order == 100


@pytest.mark.parametrize("kind", [Appeal, Report, Statement, Portrait], ids=lambda kind: kind.kind)
def test_an_archived_item_may_lack_what_a_live_one_needs(kind):
    least = {
        Appeal: {"stage": "follow-up"},
        Report: {"form": "fact-finding"},
        Statement: {"form": "call-for-input"},
        Portrait: {"series": "portraits", "number": 1, "consent": "public-source"},
    }[kind]
    item = facts(kind, {"id": ID, "archived": True, "seen": "2013-03", **least})
    assert item.sorted_on == date(2013, 3, 1)


def test_an_open_appeal_names_whom_to_write_to_and_a_closed_one_need_not():
    assert faults(Appeal, APPEAL, addressees=None) == {
        "addressees": f"is missing; an open appeal needs this, {UNLESS}"
    }
    assert not facts(Appeal, APPEAL, addressees=None, status="closed-released").is_open


def test_everything_that_lacks_is_named_in_one_sentence():
    assert faults(Appeal, APPEAL, issued=None, issuers=None, countries=None) == {
        "issued": f"is missing, and so are 'issuers', 'countries'; an open appeal needs these, {UNLESS}"
    }


def test_a_follow_up_follows_and_a_first_appeal_does_not():
    assert faults(Appeal, APPEAL, stage="follow-up") == {
        "follows": "is missing; name the folder of the appeal that this one continues"
    }
    assert faults(Appeal, APPEAL, follows="ken-arrest") == {
        "follows": "contradicts 'stage: first'; write 'stage: follow-up' or delete this"
    }


@pytest.mark.parametrize("person", [{"minor": True}, {"age": 17}, {"age": 0}])
def test_a_minor_is_not_named_in_full_also_where_only_the_age_tells(person):
    assert faults(Appeal, APPEAL, persons={"pupil": {"name_mode": "full", **person}}) == {
        "persons.pupil.name_mode": "must not be 'full' for a minor; use initials, pseudonym or withheld, "
        "or give the reason under 'exceptions.minor-in-full'"
    }
    reason = {"minor-in-full": "Named by her parents in their own campaign."}
    assert facts(Appeal, APPEAL, persons={"pupil": {"name_mode": "full", **person}}, exceptions=reason)
    for mode in ("initials", "pseudonym", "withheld"):
        assert facts(Appeal, APPEAL, persons={"pupil": {"name_mode": mode, **person}})


def test_an_adult_may_be_named_in_full():
    assert facts(Appeal, APPEAL, persons={"chair": {"name_mode": "full", "age": 18}})


def test_letters_cannot_be_due_before_the_appeal():
    assert faults(Appeal, APPEAL, respond_before="2026-02-11") == {
        "respond_before": "is 2026-02-11, before the day of issue 2026-02-12; one of the two is wrong"
    }
    assert facts(Appeal, APPEAL, respond_before="2026-02-12")


def test_an_archived_item_tells_when_it_was_seen_and_a_live_one_does_not():
    assert faults(Report, REPORT, archived=True) == {
        "seen": "is missing; an archived item tells when its source page showed it"
    }
    assert faults(Report, REPORT, seen="2013") == {
        "seen": "belongs to archived items; write 'issued', or add 'archived: true'"
    }


def test_an_archived_item_is_not_invented():
    assert faults(Report, REPORT, archived=True, seen="2013", fictional=True) == {
        "fictional": "contradicts 'archived'; delete one, as archived items are real"
    }


def test_a_call_for_input_has_a_deadline_and_nothing_else_has():
    assert faults(Statement, STATEMENT, form="call-for-input") == {
        "deadline": f"is missing; a call for input needs this, {UNLESS}"
    }
    assert faults(Statement, STATEMENT, deadline="2026-03-01") == {
        "deadline": "belongs to calls for input; delete it or write 'form: call-for-input'"
    }


def test_a_call_for_input_is_open_to_the_end_of_its_last_day():
    call = facts(Statement, STATEMENT, form="call-for-input", deadline="2026-03-01")
    assert call.is_open(date(2026, 3, 1))
    assert not call.is_open(date(2026, 3, 2))
    assert not facts(Statement, STATEMENT).is_open(date(2026, 3, 1))


def test_a_joint_submission_names_the_body_that_it_is_made_to():
    assert faults(Report, REPORT, form="joint-submission") == {
        "mechanism": "is missing; a joint submission names the body that it is made to"
    }
    assert facts(Report, REPORT, form="joint-submission", mechanism="UPR")


def test_a_member_has_one_country_and_is_named_only_with_its_consent():
    assert faults(Member, MEMBER, countries=("KE", "CM"), listing="full") == {
        "countries": "must name exactly one country, that of the member",
        "consent_on": "is missing; a member is listed by name only if it has consented",
    }
    assert facts(Member, MEMBER).listing == "unlisted"
    assert facts(Member, MEMBER, listing="counted-only")


@pytest.mark.parametrize("name", ["photo.jpg", "Photo 1.JPG", "фото.png", "a-b_c.d.webp"])
def test_a_file_name_may_be_any_name_in_the_items_own_folder(name):
    assert file_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "../x.jpg",
        "a/b.jpg",
        "/etc/passwd",
        "a\\b.jpg",
        "C:x.jpg",
        "x.jpg.",
        " x.jpg",
        "x.jpg ",
        "nul",
        "AUX.jpg",
        "a\nb.jpg",
        "a\0.jpg",
        "a\u202egpj.jpg",
        "what?.jpg",
        "*.jpg",
        "a|b",
    ],
)
def test_a_file_name_leads_nowhere_else_on_any_system(name):
    with pytest.raises(ValueError, match="cannot be used; write the name of a file in the item's own folder"):
        file_name(name)


@pytest.mark.parametrize("kind", ITEM_TYPES.values(), ids=lambda kind: kind.kind)
def test_every_key_is_either_a_fact_or_words(kind):
    assert not kind.facts_keys() & kind.words_keys()
    assert {"id", "original", "draft"} <= kind.facts_keys()
    assert {"title", "source_rev"} <= kind.words_keys()


def test_an_item_knows_its_languages_and_which_are_stale():
    words = Page.words_type
    item = Page(
        slug="about",
        folder="content/network/about",
        original="fr",
        facts=Page.facts_type(id=ID),
        words={
            "en": words(title="About", source_rev="222222222222"),
            "fr": words(title="À propos"),
            "ar": words(title="حول", source_rev="111111111111"),
        },
        digests={"en": "333333333333", "fr": "222222222222", "ar": "444444444444"},
    )
    assert item.key == "page:about"
    assert item.languages == ("fr", "ar", "en")
    assert [language for language in item.languages if item.is_stale(language)] == ["ar"]


def test_an_item_without_words_in_its_original_language_cannot_be_made():
    with pytest.raises(ValueError, match="content/x: there are no words in the original language fr"):
        Page(slug="x", folder="content/x", original="fr", facts=None, words={}, digests={})


@pytest.mark.parametrize("name", ["id", "source_rev"])
def test_an_id_or_revision_of_digits_alone_need_not_be_quoted(name):
    if name == "id":
        assert Page.facts_type.model_validate({"id": 1234567890}).id == "1234567890"
    else:
        assert Page.words_type.model_validate({"title": "x", name: 123456789012}).source_rev == "123456789012"
