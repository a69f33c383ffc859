"""`mirrors.toml` and `deploy.toml`: what they give, and what is said of what is wrong with them."""

from __future__ import annotations

import pytest

from tocsin.errors import ContentError
from tocsin.mirrors.configured import load_mirrors, load_proxies, load_reached
from tocsin.model.mirrors import DirectorySettings, RcloneSettings
from tocsin.signed.edition import is_edition_id

FACTS = """\
schema = 1

[mirrors.oslo]
edition = "abcdefghij"
address = "https://oslo.example/site/"
kind = "rclone"
label = "Press association, Oslo"

[mirrors.folder]
edition = "bbbbbbbbbb"
address = "http://127.0.0.1:9/"
kind = "directory"
tier = "collateral"

[mirrors.forever]
address = "https://ipfs.example/"
kind = "ipfs"
"""
WAYS = """\
schema = 1

[mirrors.oslo]
proxy = "socks5h://127.0.0.1:9050"
bandwidth = 500

[mirrors.oslo.rclone]
backend = "s3"
path = "bucket"
options = { provider = "Other", endpoint = "https://s3.example" }

[mirrors.oslo.rclone.secrets]
secret_access_key = { environment = "OSLO_SECRET" }
access_key_id = { command = ["pass", "show", "oslo"] }

[mirrors.forever.ipfs]

[reserve.quiet]
edition = "cccccccccc"
address = "https://quiet.example/"
kind = "directory"
directory = { folder = "/srv/quiet" }
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "mirrors.toml").write_text(FACTS)
    (tmp_path / "deploy.toml").write_text(WAYS)
    return tmp_path


def told(root):
    with pytest.raises(ContentError) as raised:
        load_reached(root)
    return [str(finding) for finding in raised.value.findings]


def change(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_with_nothing_configured_there_are_three_folders_served_on_this_machine(tmp_path):
    mirrors = load_mirrors(tmp_path)
    assert [(m.name, m.address, m.tier, m.kind) for m in mirrors] == [
        ("one", "http://127.0.0.1:8101/", "public", "directory"),
        ("two", "http://127.0.0.1:8102/", "public", "directory"),
        ("three", "http://127.0.0.1:8103/", "public", "directory"),
    ]
    assert all(is_edition_id(mirror.edition) for mirror in mirrors)
    assert [r.settings for r in load_reached(tmp_path)] == [
        DirectorySettings(folder=f"mirrors/{name}") for name in ("one", "two", "three")
    ]


def test_what_is_public_and_how_to_get_there_are_joined(root):
    oslo, folder, forever, quiet = load_reached(root)
    assert (oslo.mirror.edition, oslo.mirror.label) == ("abcdefghij", "Press association, Oslo")
    assert (oslo.proxy, oslo.bandwidth, oslo.attempts) == ("socks5h://127.0.0.1:9050", 500, 4)
    assert isinstance(oslo.settings, RcloneSettings)
    assert oslo.settings.secrets["access_key_id"].command == ("pass", "show", "oslo")
    assert folder.settings == DirectorySettings(folder="mirrors/folder")
    assert (folder.mirror.tier, forever.mirror.edition) == ("collateral", "offline")
    assert (quiet.mirror.tier, quiet.mirror.is_listed) == ("reserve", False)
    assert load_mirrors(root) == (oslo.mirror, folder.mirror, forever.mirror, quiet.mirror)
    assert load_proxies(root) == {"oslo": "socks5h://127.0.0.1:9050"}


def test_mirrors_are_known_where_only_others_can_reach_them(root):
    (root / "deploy.toml").unlink()
    assert [mirror.name for mirror in load_mirrors(root)] == ["oslo", "folder", "forever"]
    assert told(root) == [
        "ERROR deploy.toml: says not how to reach the mirror 'forever'; add a table [mirrors.forever.ipfs]",
        "ERROR deploy.toml: says not how to reach the mirror 'oslo'; add a table [mirrors.oslo.rclone]",
    ]


def test_all_faults_of_both_files_are_told_together(root):
    change(root / "mirrors.toml", '"abcdefghij"', '"Oslo"')
    change(root / "mirrors.toml", '"http://127.0.0.1:9/"', '"http://folder.example/"')
    change(root / "mirrors.toml", 'tier = "collateral"', 'teir = "collateral"')
    change(root / "deploy.toml", '"socks5h://', '"socks5://')
    change(root / "deploy.toml", '{ environment = "OSLO_SECRET" }', '{ environment = "hunter2" }')
    change(root / "deploy.toml", '"socks5://127.0.0.1:9050"', '"socks5://127.0.0.1:9050"\nbandwith = 3')
    assert told(root) == [
        (
            "ERROR deploy.toml:4: 'mirrors.oslo.proxy': 'socks5://127.0.0.1:9050' is not a proxy such as "
            "'socks5h://127.0.0.1:9050', where Tor listens; with 'socks5' this computer would ask for names "
            "itself, and whoever listens would learn which mirror is meant: write 'socks5h'"
        ),
        "ERROR deploy.toml:5: unknown key 'mirrors.oslo.bandwith', did you mean 'bandwidth'?",
        (
            "ERROR deploy.toml:14: 'mirrors.oslo.rclone.secrets.secret_access_key.environment' must "
            "be the name "
            "of an environment variable, such as 'S3_SECRET'; not its value"
        ),
        (
            "ERROR mirrors.toml:4: 'mirrors.oslo.edition': 'Oslo' is not the id of an edition; draw ten "
            "characters of a-z and 2-7 at random"
        ),
        (
            "ERROR mirrors.toml:11: 'mirrors.folder.address': 'http://folder.example/' can be read "
            "and changed "
            "on its way; use an address with 'https://'"
        ),
        "ERROR mirrors.toml:13: unknown key 'mirrors.folder.teir', did you mean 'tier'?",
    ]


def test_two_mirrors_share_nothing_and_each_has_the_settings_of_its_kind(root):
    change(root / "deploy.toml", '"cccccccccc"', '"bbbbbbbbbb"')
    change(root / "deploy.toml", "[mirrors.forever.ipfs]", "[mirrors.forever.archive]\nfolder = 'x'")
    change(root / "deploy.toml", "[mirrors.oslo]", "[mirrors.osl.git]\nrepository = 'x'\n[mirrors.oslo]")
    assert told(root) == [
        "ERROR deploy.toml: says not how to reach the mirror 'forever'; add a table [mirrors.forever.ipfs]",
        "ERROR deploy.toml:3: unknown mirror 'osl', did you mean 'oslo'?",
        "ERROR deploy.toml:18: 'forever': is of kind ipfs, but this table is for archive; delete one",
        "ERROR deploy.toml:22: 'quiet': edition 'bbbbbbbbbb' is that of another mirror; give it its own",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('edition = "abcdefghij"\n', "", ("3: 'mirrors.oslo.edition' is missing; add ten characters of a-z "
         "and 2-7, drawn at random")),
        ("/site/", "/site", ("5: 'mirrors.oslo.address': 'https://oslo.example/site' is not the address of a "
         "folder; write it with '/' at its end")),
        ('kind = "ipfs"', 'kind = "ipfs"\nedition = "dddddddddd"', ("18: 'mirrors.forever.edition' "
        "belongs to "
         "kinds other than ipfs, which gets the offline edition; delete it")),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_the_way_out(root, old, new, said):
    change(root / "mirrors.toml", old, new)
    assert f"ERROR mirrors.toml:{said}" in told(root)


def test_an_onion_may_do_without_tls(root):
    onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion"
    change(root / "mirrors.toml", "https://oslo.example/site/", f"http://{onion}/")
    assert load_mirrors(root)[0].address == f"http://{onion}/"
