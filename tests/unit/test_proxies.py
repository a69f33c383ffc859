"""How a proxy may be named."""

import pytest

from tocsin.proxies import proxy_fault

TOR = "socks5h://127.0.0.1:9050"


@pytest.mark.parametrize("address", [TOR, "http://proxy.example:8118"])
def test_a_proxy_that_asks_for_names_itself(address: str):
    assert proxy_fault(address) == ""


@pytest.mark.parametrize("scheme", ["socks", "socks4", "socks5"])
def test_one_that_leaves_names_to_this_computer_is_refused_with_the_reason(scheme: str):
    address = f"{scheme}://127.0.0.1:9050"
    assert proxy_fault(address) == (
        f"'{address}' is not a proxy such as '{TOR}', where Tor listens; with '{scheme}' this computer would "
        "ask for names itself, and whoever listens would learn which mirror is meant: write 'socks5h'"
    )


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1:9050", "socks5h://127.0.0.1", f"{TOR}/", "socks5h://me:word@127.0.0.1:9050"]
)
def test_what_is_none(address: str):
    assert proxy_fault(address) == f"'{address}' is not a proxy such as '{TOR}', where Tor listens"
