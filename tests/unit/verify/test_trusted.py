"""What was accepted once is not judged again; anything else is."""

import pytest
from tuf.api.metadata import Metadata, Root

from tests.simulator import Person, Tree, signed
from tests.unit.verify.conftest import Desk, History
from tocsin.verify.trusted import Accepted
from tocsin.verify.verdicts import Verdict

pytestmark = pytest.mark.real("ssh-keygen")


def root_of(history: History, *people: Person) -> Root:
    root = Metadata[Root].from_bytes(history.root).signed
    for person in people:
        root.add_key(person.signer.public_key, "targets")
    return root


def test_a_list_is_accepted_for_its_role_on_the_same_word_alone(history: History):
    accepted, judged = Accepted(), (root_of(history), b"signed", {})
    accepted.add("en", b"a list", root_of(history), judged)

    assert accepted.judged("en", b"a list", root_of(history)) is judged
    assert accepted.judged("fr", b"a list", root_of(history)) is None
    assert accepted.judged("en", b"a list.", root_of(history)) is None
    assert accepted.judged("en", b"a list", root_of(history, Person("another"))) is None


@pytest.mark.parametrize("number", ["1.5", "1e3", "NaN", "-Infinity"])
def test_metadata_with_numbers_that_have_no_canonical_form_is_refused(
    desk: Desk, history: History, first: Tree, number: str
):
    timestamp = Metadata.from_bytes(first["metadata/timestamp.json"]).signed
    data = signed(timestamp, [history.office.online])
    changed = data.replace(b'"spec_version"', b'"more":' + number.encode() + b',"spec_version"')
    report = desk.folder_of({**first, "metadata/timestamp.json": changed})
    assert [(one.verdict, one.path, one.detail) for one in report.found] == [
        (
            Verdict.ALTERED,
            "metadata/timestamp.json",
            f"is not what the editors signed: {number} is no number that can be signed",
        )
    ]
