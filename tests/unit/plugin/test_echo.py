"""What an answer repeats of the URL that was asked is masked; everything else in it stays."""

from __future__ import annotations

import base64

import pytest

from hoploop.plugin.echo import Echo

KEY = "Zm9vYmFyYmF6cXV4"
BASIC = base64.b64encode(f"{KEY}:".encode()).decode()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"https://node.example/v2/{KEY}", f"no such key {KEY}"),
        (f"wss://node.example/?api-key={KEY}&x=1", f"GET /?api-key={KEY}&x=1"),
        (f"wss://node.example?{KEY}", f"?{KEY}"),
        (f"https://me:{KEY}@node.example", f"{KEY} is wrong"),
        (f"https://{KEY}@node.example", f"Authorization: Basic {BASIC}"),
        ("https://node.example/a%20key%20of%20ours%21", "a key of ours! a%20key%20of%20ours%21"),
        ("https://me:hunter22@node.example", "hunter22"),
    ],
)
def test_the_key_of_a_url_is_masked(url: str, told: str) -> None:
    answer = Echo(url).out_of(told.encode()).decode()
    assert "********" in answer
    assert not any(part in answer for part in (KEY, BASIC, "a key of ours", "a%20key", "hunter22"))


@pytest.mark.parametrize(
    "url", ["ipc:/run/node.ipc", "https://node.example/solana/mainnet?commitment=confirmed", "http://[", ""]
)
def test_words_of_a_url_that_are_no_keys_stay(url: str) -> None:
    answer = b'{"result": "solana mainnet commitment confirmed node.example"}'
    assert Echo(url).out_of(answer) is answer
