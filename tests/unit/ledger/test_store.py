"""A store gives back what was put into it, or says that it cannot be trusted; it gives nothing else."""

import marshal
import os
import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import BuildError, DamagedStoreError
from tocsin.ledger import store as module
from tocsin.ledger.store import Store, chunks, digest, pack, shard, unpack

VALUES = {
    f"name:{number}": ("text", number, b"bytes" * number, {"a": [1, 2], "b": (None, True)})
    for number in range(60)
}
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "deep" / "store.sqlite")
    made.put(VALUES.items())
    return made


@given(PLAIN)
def test_what_was_packed_is_unpacked(value):
    assert unpack("name", pack("name", value)) == value


@given(PLAIN, st.data())
def test_a_changed_byte_is_noticed(value, data):
    packed = bytearray(pack("name", value))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedStoreError):
        unpack("name", bytes(packed))


@pytest.mark.parametrize("data", [b"", b"short", "text", 7, None, marshal.dumps("without a digest")])
def test_what_was_never_packed_is_not_unpacked(data):
    with pytest.raises(DamagedStoreError):
        unpack("name", data)


def test_a_value_is_not_believed_under_another_name():
    with pytest.raises(DamagedStoreError):
        unpack("other", pack("name", "value"))


def test_values_packed_elsewhere_are_kept_as_they_are(store):
    store.put([("a", 1)], ["name:1"], packed=[("b", pack("b", [2])), ("c", pack("other", 3))])
    assert (store.get("a"), store.get("b"), store.get("name:1")) == (1, [2], None)
    with pytest.raises(DamagedStoreError):
        store.get("c")


def test_values_are_kept(store):
    again = Store(store.path)
    assert {name: again.get(name) for name in VALUES} == VALUES
    assert again.get("nothing") is None


def test_names_are_found_by_how_they_begin(store):
    store.put([("other:1", 1), ("name;", 2), ("naming", 3)])
    assert sorted(store.names("name:")) == sorted(VALUES)
    assert store.names("other:") == ["other:1"]


def test_values_are_replaced_and_forgotten_in_one_step(store):
    store.put([("name:1", "new")], removed=["name:2"])
    assert store.get("name:1") == "new"
    assert store.get("name:2") is None


def test_a_failure_halfway_keeps_nothing(store):
    def values():
        yield "name:1", "new"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.put(values(), removed=["name:2"])
    assert store.get("name:1") == VALUES["name:1"]
    assert store.get("name:2") == VALUES["name:2"]
    store.put([("name:1", "and goes on")])
    assert store.get("name:1") == "and goes on"


def test_a_discarded_store_begins_anew(store):
    store.discard()
    assert not store.path.exists()
    assert store.get("name:1") is None
    store.put([("name:1", 1)])
    assert Store(store.path).get("name:1") == 1


def _read(path: Path) -> dict[str, object]:
    """What can be read of a store; nothing where it is given up."""
    found = {}
    store = Store(path)
    try:
        for name in [*VALUES, *store.names("")]:
            try:
                value = store.get(name)
            except DamagedStoreError:
                continue
            if value is not None:
                found[name] = value
    except DamagedStoreError:
        pass
    finally:
        store.close()
    found.pop("format", None)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_whatever_bytes_change_no_value_is_another(store, seed):
    store.close()
    rng = random.Random(seed)
    data = bytearray(store.path.read_bytes())
    region = rng.choice(((0, 100), (0, 4096), (0, len(data)), (len(data) - 4096, len(data))))
    for _ in range(rng.choice((1, 1, 4, 60))):
        data[rng.randrange(*region)] ^= rng.choice((1, 128, 255))
    store.path.write_bytes(data)
    found = _read(store.path)
    assert found.items() <= VALUES.items() or {**VALUES, **found} == VALUES


@pytest.mark.parametrize("part", [0, 1, 50, 99, 100, 512, 4095, 4096, 4097, 8192, 0.5, 0.9, 0.999])
def test_a_cut_store_gives_no_wrong_value_and_can_be_used_again(store, part):
    store.close()
    size = store.path.stat().st_size
    os.truncate(store.path, int(part * size) if isinstance(part, float) else part)
    assert {**VALUES, **_read(store.path)} == VALUES
    again = Store(store.path)
    try:
        again.put([("new", 1)])
        assert again.get("new") == 1
    except DamagedStoreError:
        again.discard()
        again.put([("new", 1)])
        assert again.get("new") == 1


def test_pages_that_changed_places_give_no_wrong_value(store):
    store.close()
    data = store.path.read_bytes()
    pages = [data[start : start + 4096] for start in range(0, len(data), 4096)]
    assert len(pages) > 4
    for first in range(1, len(pages)):
        for second in range(first):
            mixed = list(pages)
            mixed[first], mixed[second] = mixed[second], mixed[first]
            store.path.write_bytes(b"".join(mixed))
            assert {**VALUES, **_read(store.path)} == VALUES


@pytest.mark.parametrize("junk", [b"not a database at all" * 400, b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_file_that_is_no_store_is_replaced(tmp_path, junk):
    path = tmp_path / "store.sqlite"
    path.write_bytes(junk)
    store = Store(path)
    assert store.get("x") is None
    store.put([("x", 1)])
    assert Store(path).get("x") == 1


def test_a_store_of_another_format_is_replaced(store, monkeypatch):
    store.close()
    monkeypatch.setattr(module, "FORMAT", "another Python's")
    assert Store(store.path).get("name:1") is None


def test_a_table_of_another_shape_is_replaced(tmp_path):
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE item (key TEXT, value TEXT)")
    connection.close()
    store = Store(path)
    store.put([("x", 1)])
    assert store.get("x") == 1


def test_a_child_opens_the_store_for_itself(store):
    assert store.get("name:1") == VALUES["name:1"]
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            store.put([("from the child", 1)])
            status = 0 if store.get("name:1") == VALUES["name:1"] else 2
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
    assert store.get("from the child") == 1
    store.put([("from the parent", 2)])
    assert store.get("from the parent") == 2


def test_many_writers_lose_nothing(tmp_path):
    path = tmp_path / "store.sqlite"
    pids = []
    for writer in range(4):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                own = Store(path)
                for number in range(25):
                    own.put([(f"{writer}:{number}", (writer, number))])
                status = 0
            finally:
                os._exit(status)
        pids.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 4
    store = Store(path)
    assert {store.get(f"{w}:{n}") for w in range(4) for n in range(25)} == {
        (w, n) for w in range(4) for n in range(25)
    }


def test_a_store_that_is_thrown_away_under_a_user_is_noticed_when_he_writes(store):
    other = Store(store.path)
    other.discard()
    other.put([("other's", 1)])
    with pytest.raises(DamagedStoreError):
        store.put([("ours", 2)])
    assert Store(store.path).get("other's") == 1


def test_a_store_in_use_is_waited_for_and_never_thrown_away(store, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, **options: connect(path, **{**options, "timeout": 0})
    )
    holder = connect(store.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(
        BuildError, match=r"deep/store.sqlite is in use by another build for too long"
    ) as caught:
        Store(store.path).get("name:1")
    assert not isinstance(caught.value, DamagedStoreError)
    holder.execute("ROLLBACK")
    holder.close()
    assert Store(store.path).get("name:1") == VALUES["name:1"]


def test_a_folder_in_the_place_of_the_store_is_told(tmp_path):
    (tmp_path / "store.sqlite").mkdir()
    with pytest.raises(BuildError, match="cannot be opened"):
        Store(tmp_path / "store.sqlite").get("x")


def test_what_a_killed_process_had_begun_to_write_is_taken_back(store):
    store.close()
    pid = os.fork()
    if pid == 0:
        own = Store(store.path)
        own.connection.execute("PRAGMA cache_size=1")
        own.connection.execute("BEGIN IMMEDIATE")
        for name in VALUES:
            own.connection.execute("UPDATE item SET data = ? WHERE name = ?", (b"x" * 5000, name))
        os._exit(9)
    os.waitpid(pid, 0)
    assert {name: Store(store.path).get(name) for name in VALUES} == VALUES


@given(st.text(), st.integers(1, 1000))
def test_a_shard_is_a_number_below_the_number_of_shards(name, shards):
    assert 0 <= shard(name, shards) < shards


def test_shards_are_the_same_in_every_process():
    assert [shard(name, 64) for name in ("appeal:x", "report:y", "")] == [39, 38, 62]


@given(PLAIN, PLAIN)
def test_equal_values_have_equal_digests_and_others_have_others(one, other):
    assert (digest(one) == digest(other)) == (repr(one) == repr(other))


@given(st.lists(st.integers()), st.integers(1, 7))
def test_chunks_hold_everything_in_order(values, size):
    found = list(chunks(values, size))
    assert [value for chunk in found for value in chunk] == values
    assert all(len(chunk) == size for chunk in found[:-1])
    assert all(found)
