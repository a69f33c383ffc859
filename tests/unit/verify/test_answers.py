"""Which role answers for a target: asked once for all paths of one shape, and never another answer for it."""

import pytest
from tuf.api.metadata import DelegatedRole, Delegations

from tocsin.signed.paths import Roles
from tocsin.verify.comparing import _Answers

ONE = "q4t7dk2wzm"
PATHS = [
    "index.html", "fr", "fr/index.html", "fr/appeals/x/index.html", "404.html", "new.txt", "i/a.jpg",
    "i/a/b.jpg",
    "server/nginx.conf", "appeals/server/index.html", f"editions/{ONE}/404.html", f"editions/{ONE}/fr/a/b",
    "editions/other/fr/a", "a/b/c/d/e/f/g/h/i/j", "a/b/c/d/e/f/g/h/i/j/k", "editions/i/fr/404.html",
]  # fmt: skip


def delegations_of(patterns):
    roles = {
        name: DelegatedRole(name, [], 1, terminating=True, paths=list(paths)) for name, paths in patterns
    }
    return Delegations({}, roles)


@pytest.mark.parametrize(
    "patterns",
    [
        list(Roles(["fr", "ar"], [ONE, "x6hn3vbr5p"]).delegations()),
        [("letters", ["[a-f]*", "i/*.jpg"]), ("rest", ["*", "*/*", "*/*/*"])],
    ],
)
def test_every_path_has_the_role_that_a_client_of_tuf_comes_to(patterns):
    delegations = delegations_of(patterns)
    answers = _Answers(delegations)
    for path in [*PATHS, *reversed(PATHS)]:
        expected = next((name for name, _ in delegations.get_roles_for_target(path)), None)
        assert answers.role(path) == expected, path
