"""Publishing itself: what readers and verifiers get meanwhile, and what a killed publisher leaves."""

from __future__ import annotations

import functools
import http.server
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests import mirror_editions as small
from tests.integration.servers import free_port
from tocsin import files
from tocsin.mirrors import everywhere, looking
from tocsin.mirrors.everywhere import publish_everywhere
from tocsin.mirrors.looking import Verdict, Wanted, look
from tocsin.mirrors.place import PlaceError
from tocsin.mirrors.programs import Program
from tocsin.mirrors.publishing import Manner, Moment
from tocsin.model.mirrors import DirectorySettings
from tocsin.signed.edition import Turn

ROOT = Path(__file__).resolve().parents[2]
EDITIONS = {1: small.first, 2: small.second, 3: small.withdrawn}


def reached(address: str = small.ADDRESS, name: str = "site", attempts: int = 1):
    return small.reached("directory", DirectorySettings(folder=name), address=address, attempts=attempts)


def edition(count: int, address: str = small.ADDRESS):
    return small.edition_of(EDITIONS[count](), count, address=address)


def publish(root, count: int, manner: Manner | None = None, address: str = small.ADDRESS, **more):
    found = publish_everywhere(
        root,
        [reached(address, **more)],
        {small.ID: edition(count, address)},
        manner or small.unseen(),
    )
    return found[0]


@contextmanager
def serving(folder):
    """A plain web server on a folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None: ...

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", free_port()), functools.partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


# Killed at every step

ACTS = ("write_atomically", "remove_below", "remove_file")


def killed_at(root, count: int, act: int) -> bool:
    """Publish in a process that kills itself before its n-th act on the disk; False where it ended."""
    process = multiprocessing.get_context("fork").Process(target=_publish_until, args=(root, count, act))
    process.start()
    process.join(timeout=60)
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def _publish_until(root, count: int, act: int) -> None:
    left = [act]

    def deadly(work: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*arguments: object) -> object:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return work(*arguments)

        return wrapped

    for module in ("tocsin.files", "tocsin.mirrors.account", "tocsin.mirrors.directory"):
        found = __import__(module, fromlist=["x"])
        for name in ACTS:
            if hasattr(found, name):
                setattr(found, name, deadly(getattr(found, name)))
    os._exit(0 if publish(root, count).state == "published" else 1)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 3)])
def test_a_publisher_that_is_killed_anywhere_goes_on_from_there(tmp_path, old, new):
    kept = tmp_path / "kept"
    publish(kept, old)
    before, after = small.whole(edition(old)), small.whole(edition(new))
    acts = 0
    while True:
        root = tmp_path / "root"
        shutil.copytree(kept, root)
        if not killed_at(root, new, acts):
            break
        found = small.tree(root / "site")
        for path, data in found.items():
            assert data in {before.get(path), after.get(path)}, f"{path} after {acts} acts"
        assert set(before) & set(after) <= set(found), f"after {acts} acts"
        outcome = publish(root, new)
        assert outcome.state in {"published", "current"}, outcome.faults
        assert small.tree(root / "site") == after, f"after {acts} acts"
        if new == 3 and found != after:
            assert outcome.withdrawn, f"after {acts} acts it is no withdrawal any more"
        shutil.rmtree(root)
        acts += 1
    assert acts > 25


# Readers meanwhile


def watched(address: str, ended: threading.Event, counts: tuple[int, int], seen: list[str]) -> int:
    """Read pages and their pictures without a pause; what is wrong goes to `seen`."""
    adjacent = [small.whole(edition(count, address)) for count in counts]
    paths = sorted({path for whole in adjacent for path in whole})
    read = 0
    with httpx.Client() as client:
        while not ended.is_set():
            for path in paths:
                answer = client.get(address + path)
                read += 1
                if answer.status_code == 404:
                    if all(path in whole for whole in adjacent):
                        seen.append(f"{path} is missing")
                    continue
                if answer.content not in [whole.get(path) for whole in adjacent]:
                    seen.append(f"{path} is of neither release")
                for picture in re.findall(r'src="/([^"]+)"', answer.text):
                    if client.get(address + picture).status_code != 200:
                        seen.append(f"{path} shows {picture}, which is missing")
    return read


@pytest.mark.parametrize("wrong", [False, True])
def test_nobody_who_reads_meanwhile_gets_a_page_without_its_pictures(tmp_path, monkeypatch, wrong):
    slowly(monkeypatch, 0.01)
    if wrong:  # deletions first: the test must notice
        import tocsin.mirrors.publishing as module

        real = module.plan_of
        monkeypatch.setattr(
            module,
            "plan_of",
            lambda *given: replace(real(*given), steps=tuple(reversed(real(*given).steps))),
        )
    (tmp_path / "site").mkdir()
    with serving(tmp_path / "site") as address:
        manner = replace(small.unseen(), linger=1.5)
        publish(tmp_path, 1, manner, address)
        seen: list[str] = []
        for counts in ((1, 2), (2, 1), (1, 2)):
            ended = threading.Event()
            reader = threading.Thread(target=watched, args=(address, ended, counts, seen))
            reader.start()
            time.sleep(0.2)
            outcome = publish(tmp_path, counts[1], manner, address)
            time.sleep(0.2)
            ended.set()
            reader.join()
            assert outcome.state == "published"
    assert bool(seen) == wrong, seen[:5]


def slowly(monkeypatch, seconds: float) -> None:
    """Every file takes its time."""
    real = files.put_below

    def slow(*arguments):
        time.sleep(seconds)
        return real(*arguments)

    monkeypatch.setattr("tocsin.mirrors.directory.put_below", slow)


# The public address


def test_what_the_address_serves_is_looked_at(tmp_path):
    (tmp_path / "site").mkdir()
    manner = Manner(verify=look, linger=0, pause=0)
    with serving(tmp_path / "site") as address:
        assert publish(tmp_path, 1, manner, address).state == "published"
        assert publish(tmp_path, 2, manner, address).faults == ()
        (tmp_path / "site/metadata/timestamp.json").write_text("{}")
        (tmp_path / "site/release/edition.json").write_bytes(edition(2, address).about.as_json() + b" ")
        outcome = publish(tmp_path, 2, manner, address)
        assert (outcome.state, outcome.faults) == (
            "differs",
            ("serves something else for metadata/timestamp.json, release/edition.json",),
        )
        again = publish(tmp_path, 2, manner, address)  # what was found wrong is sent again
        assert (again.state, again.put) == ("published", 2)
    outcome = publish(tmp_path, 2, manner, address)
    assert outcome.state == "differs"
    assert outcome.faults[0].startswith("does not answer: ")


def test_what_was_put_is_looked_at_once_and_after_deletions_what_is_gone(tmp_path):
    seen: list[Wanted] = []

    def seeing(wanted: Wanted) -> Verdict:
        seen.append(wanted)
        return Verdict(0)

    publish(tmp_path, 1)
    outcome = publish(tmp_path, 2, replace(small.unseen(), verify=seeing))
    before, after = seen
    assert (len(before.changed), before.gone) == (outcome.put, [])
    assert (after.changed, len(after.gone)) == ((), outcome.deleted)
    seen.clear()
    publish(tmp_path, 3, replace(small.unseen(), verify=seeing))
    assert [bool(one.surely) for one in seen] == [True, True]  # of a withdrawal all, each time


def test_several_questions_are_under_way_at_once_and_one_that_fails_ends_them():
    last = edition(2)
    busy: list[int] = []
    most: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        busy.append(1)
        most.append(len(busy))
        time.sleep(0.05)
        busy.pop()
        return httpx.Response(200, content=last.read(request.url.path[1:]))

    def refuse(request: httpx.Request) -> httpx.Response:
        most.append(1)
        time.sleep(0.05)
        raise httpx.ConnectError("nobody is there")

    wanted = Wanted("http://mirror.test/", last, sorted(last.files), ())
    with pytest.MonkeyPatch.context() as patch:
        for work, faults in ((answer, ()), (refuse, ("does not answer: nobody is there",))):
            most.clear()
            transport = httpx.MockTransport(work)
            patch.setattr(looking, "_client", lambda proxy, way=transport: httpx.Client(transport=way))
            found = look(wanted)
            assert found.faults == faults
            if work is answer:
                assert found.looked > looking.AT_ONCE
                assert max(most) == looking.AT_ONCE
            else:
                assert len(most) <= 2 * looking.AT_ONCE < len(last.files)


def test_publishing_leaves_the_interpreter_as_it_was(tmp_path):
    before = sys.getswitchinterval()
    seen: list[float] = []
    publish(tmp_path, 1, replace(small.unseen(), tell=lambda _: seen.append(sys.getswitchinterval())))
    found = publish_everywhere(
        tmp_path,
        [reached()],
        {small.ID: edition(2)},
        small.unseen(),
        lambda moment: seen.append(sys.getswitchinterval()),
    )
    assert found[0].state == "published"
    assert set(seen) == {everywhere._TURN}
    assert sys.getswitchinterval() == before


def test_withdrawn_files_that_are_still_served_are_no_success(tmp_path):
    (tmp_path / "site").mkdir()
    manner = Manner(verify=look, linger=0, pause=0)
    with serving(tmp_path / "site") as address:
        publish(tmp_path, 2, manner, address)
        (tmp_path / "site/appeals/three/index.html.gone").mkdir()
        shutil.copytree(tmp_path / "site", tmp_path / "cache")
        shutil.rmtree(tmp_path / "cache/appeals/three/index.html.gone")
    with serving(tmp_path / "cache") as cached:  # a host that goes on serving what it had
        one = reached(cached)
        found = publish_everywhere(tmp_path, [one], {small.ID: edition(3, cached)}, manner)[0]
    assert found.state == "differs"
    assert "still serves" in str(found.faults)
    assert not found.recalled
    with serving(tmp_path / "cache") as cached:  # nothing is left to do, and it still is no success
        one = reached(cached)
        found = publish_everywhere(tmp_path, [one], {small.ID: edition(3, cached)}, manner)[0]
    assert "still serves" in str(found.faults)
    with serving(tmp_path / "site") as address:
        found = publish(tmp_path, 3, manner, address)
        assert found.state == "published"
        assert found.recalled  # it was a withdrawal until it was seen to be done


def test_another_machine_published_meanwhile(tmp_path):
    (tmp_path / "site").mkdir()
    manner = Manner(verify=look, linger=0, pause=0)
    with serving(tmp_path / "site") as address:
        publish(tmp_path, 1, manner, address)
        shutil.copytree(tmp_path / "mirrors", tmp_path / "past")
        publish(tmp_path, 2, manner, address)
        for kind in ("lists", "does not list"):
            shutil.rmtree(tmp_path / "mirrors")
            shutil.copytree(tmp_path / "past", tmp_path / "mirrors")
            abilities = everywhere.Directory.abilities
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(everywhere.Directory, "abilities", replace(abilities, lists=kind == "lists"))
                outcome = publish(tmp_path, 3, manner, address)
            assert outcome.state == "published"
            assert outcome.withdrawn
            assert small.tree(tmp_path / "site") == small.whole(edition(3, address))
            shutil.rmtree(tmp_path / "mirrors")
            publish(tmp_path, 2, manner, address)


# What goes wrong


def test_programs_die_with_the_publisher(tmp_path):
    work = "import sys; sys.path.insert(0, sys.argv[1]); from tocsin.mirrors.programs import Program; "
    work += "Program('sh', {}).run(['-c', f'echo $$ > {sys.argv[2]}; exec sleep 60'])"
    told = tmp_path / "pid"
    publisher = subprocess.Popen([sys.executable, "-c", work, str(ROOT), str(told)])
    wait_for(lambda: told.exists() and told.read_text().endswith("\n"))
    publisher.kill()
    publisher.wait()
    program = int(told.read_text())
    wait_for(
        lambda: not Path(f"/proc/{program}").exists() or " Z " in Path(f"/proc/{program}/stat").read_text()
    )


def test_a_stop_ends_programs_and_those_that_they_call(tmp_path):
    told, stop = tmp_path / "pid", threading.Event()
    # The inner one has no ear for the end of the outer one, and holds its output open.
    inner = f"trap '' PIPE; echo $$ > {told}; while :; do sleep 0.1; done"
    seen: list[str] = []

    def work() -> None:
        with pytest.raises(PlaceError) as error:
            Program("sh", {}, stop=stop).run(["-c", 'sh -c "$0" & wait', inner])
        seen.append(str(error.value))

    thread = threading.Thread(target=work)
    thread.start()
    wait_for(lambda: told.exists() and told.read_text().endswith("\n"))
    stop.set()
    thread.join(timeout=10)
    assert seen == ["was stopped; publish again to go on"]
    wait_for(lambda: not Path(f"/proc/{int(told.read_text())}").exists())


def wait_for(is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def test_a_link_that_was_planted_in_a_mirror_leads_nowhere(tmp_path):
    publish(tmp_path, 1)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "appeals/two").mkdir(parents=True)
    (elsewhere / "appeals/two/index.html").write_text("somebody else's")
    shutil.rmtree(tmp_path / "site/appeals")
    (tmp_path / "site/appeals").symlink_to(elsewhere / "appeals")
    (tmp_path / "site/with space/é.html").unlink()
    (tmp_path / "site/with space").rmdir()
    (tmp_path / "site/with space").symlink_to(elsewhere)
    (elsewhere / "é.html").write_text("not to be deleted")
    manner = replace(small.unseen(), audit=True)
    assert publish(tmp_path, 2, manner).state == "published"
    assert small.tree(tmp_path / "site") == small.whole(edition(2))
    assert small.tree(elsewhere) == {
        "appeals/two/index.html": b"somebody else's",
        "é.html": b"not to be deleted",
    }


def test_a_host_that_says_forbidden_for_what_it_lacks_is_believed_and_one_that_says_yes_is_not():
    wanted = Wanted("http://mirror.test/", edition(1), (), ["gone.html"])
    for served, absent, faults in (
        (403, 403, ()),
        (404, 404, ()),
        (200, 200, ("still serves gone.html (200)",)),
        (403, 404, ("still serves gone.html (403)",)),
    ):

        def answer(request, served=served, absent=absent):
            path = request.url.path[1:]
            if path in edition(1).files:
                return httpx.Response(200, content=edition(1).read(path))
            return httpx.Response(served if path == "gone.html" else absent)

        with pytest.MonkeyPatch.context() as patch:
            transport = httpx.MockTransport(answer)
            patch.setattr(looking, "_client", lambda proxy, way=transport: httpx.Client(transport=way))
            assert look(wanted).faults == faults


def test_a_full_disk_is_told_and_the_mirror_can_go_on(tmp_path, monkeypatch):
    publish(tmp_path, 1)
    real = files.put_below

    def full(root, path, data):
        if path == "feed.xml":
            raise OSError(28, "No space left on device", str(root / path))
        real(root, path, data)

    with monkeypatch.context() as patch:
        patch.setattr("tocsin.mirrors.directory.put_below", full)
        outcome = publish(tmp_path, 2, attempts=3)
    assert (outcome.state, outcome.faults) == (
        "failed",
        ("feed.xml: feed.xml cannot be written or read: No space left on device",),
    )
    assert small.tree(tmp_path / "site")["metadata/timestamp.json"] == edition(1).read(
        "metadata/timestamp.json"
    )
    assert publish(tmp_path, 2).state == "published"
    assert small.tree(tmp_path / "site") == small.whole(edition(2))


def test_a_step_is_tried_again_and_one_mirror_holds_up_no_other(tmp_path, monkeypatch):
    good = reached(name="good", attempts=3)
    bad = small.reached("directory", DirectorySettings(folder="bad"), name="bad", attempts=3)
    bad = replace(bad, mirror=replace(bad.mirror, edition="bbbbbbbbbb"))
    failures = {"good": 2, "bad": 99}
    real = everywhere.Directory.put

    def shaky(self, given, paths, turn):
        name = self.settings.folder
        if turn is Turn.POINTER and failures[name]:
            failures[name] -= 1
            raise PlaceError("the line was cut")
        real(self, given, paths, turn)

    monkeypatch.setattr(everywhere.Directory, "put", shaky)
    heard: list[Moment] = []
    editions = {
        small.ID: edition(1),
        "bbbbbbbbbb": small.edition_of(small.first(), 1, edition="bbbbbbbbbb"),
    }
    found = publish_everywhere(tmp_path, [bad, good], editions, small.unseen(), heard.append)
    assert [(one.mirror.name, one.state, one.faults) for one in found] == [
        ("bad", "failed", ("the line was cut",)),
        ("oslo", "published", ()),
    ]
    assert failures == {"good": 0, "bad": 96}
    assert "the line was cut; trying again in 0 s" in [one.said for one in heard]
    ended = next(one for one in reversed(heard) if one.mirror == "oslo")
    assert (ended.done, ended.total) == (len(editions[small.ID].files),) * 2


def test_a_dry_run_touches_nothing(tmp_path):
    outcome = publish(tmp_path, 1, replace(small.unseen(), is_dry=True))
    assert (outcome.state, outcome.put) == ("planned", len(edition(1).files))
    assert not (tmp_path / "site").exists()
    assert [path.name for path in (tmp_path / "mirrors/.accounts").iterdir()] == [".abcdefghij.lock"]


def test_an_edition_of_another_mirror_or_address_is_refused(tmp_path):
    other = small.edition_of(small.first(), edition="bbbbbbbbbb")
    (found,) = publish_everywhere(tmp_path, [reached()], {small.ID: other}, small.unseen())
    assert found.faults == ("is to serve the edition abcdefghij, and was given bbbbbbbbbb",)
    moved = small.edition_of(small.first(), address="https://old.example/")
    (found,) = publish_everywhere(tmp_path, [reached()], {small.ID: moved}, small.unseen())
    assert found.faults == ("has another address than its edition, https://old.example/; release again",)


def test_a_verdict_that_comes_late_is_waited_for(tmp_path):
    verdicts = [Verdict(1, ("lacks index.html",), ("index.html",)), Verdict(1)]
    manner = replace(small.unseen(), verify=lambda wanted: verdicts.pop(0))
    assert publish(tmp_path, 1, manner, attempts=2).state == "published"
