"""The real connectors on a node that repeats the URL it was asked with: its key is in no output, log, book or tape."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
import structlog
from echoing_node import MANNERS, EchoingNode, echoing_node
from eth_keys.datatypes import PrivateKey
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from planted import KEYS, WORDS, keyed, leaks
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from hoploop.cli import main
from hoploop.recipe.starters.catalog import STARTERS

SHAPES = (
    "127.0.0.1:{port}/{key}", "127.0.0.1:{port}/v2/{key}/x?a=b", "127.0.0.1:{port}/?api-key={key}",
    "127.0.0.1:{port}?{key}", "me:{key}@127.0.0.1:{port}/", "{key}@127.0.0.1:{port}/rpc",
)  # fmt: skip


class Asked(NamedTuple):
    """A starter on an echoing node, and what nobody may see."""

    starter: str
    replaced: tuple[tuple[str, str], ...]
    environ: dict[str, str]
    secrets: tuple[str | bytes, ...]
    manner: str
    shape: str
    word: str
    profile: str


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """A live starter with the owner's key in its environment and one in its endpoint, by reference or typed."""
    starter = draw(st.sampled_from(["evm-live", "solana-live"]))
    word, raw, relay = draw(WORDS), draw(KEYS), draw(KEYS)
    # No address twice, as on a chain.
    known = {name: str(Pubkey([at + 1] * 32)) for at, name in enumerate(STARTERS[starter].examples)}
    known |= {name: value for name, value in STARTERS[starter].examples.items() if value.startswith("0x")}
    if starter == "evm-live":
        owner = PrivateKey(raw).public_key.to_checksum_address()
        key, typed = draw(st.sampled_from([raw.hex(), f"0x{raw.hex()}"])), "${secret:env/HOPLOOP_EVM_ENDPOINT}"
        names = ("HOPLOOP_EVM_KEY", "HOPLOOP_EVM_OWNER", "HOPLOOP_EVM_RELAY_KEY", "HOPLOOP_EVM_ENDPOINT")
    else:
        pair = Keypair.from_seed(raw)
        owner, key, typed = str(pair.pubkey()), f"{list(bytes(pair))}", "${secret:env/HOPLOOP_SOL_ENDPOINT}"
        names = ("HOPLOOP_SOL_KEY", "HOPLOOP_SOL_OWNER", "UNUSED", "HOPLOOP_SOL_ENDPOINT")
    wrong = draw(st.booleans())
    values = (keyed(relay, draw) if wrong else key, owner, relay.hex(), "@URL@")
    rpc = "connector: solana_rpc, chain: sol"
    replaced = [("https://relay.flashbots.net", "@HTTP@"), (rpc, f'{rpc}, url: "@HTTP@"')]
    if draw(st.booleans()):
        replaced.append((typed, draw(st.sampled_from(['"@URL@"', f'"{typed.replace("secret:env/", "env:")}"']))))
    return Asked(
        starter, tuple(replaced), {**known, **dict(zip(names, values, strict=True))}, (word, raw, relay),
        draw(st.sampled_from(MANNERS)), draw(st.sampled_from(SHAPES)), word, draw(st.sampled_from(["", "live"])),
    )  # fmt: skip


@pytest.fixture(scope="module")
def node() -> Iterator[EchoingNode]:
    with echoing_node() as one:
        yield one


@contextmanager
def _started(case: Asked, node: EchoingNode) -> Iterator[Path]:
    """In a folder with the recipe."""
    node.manner = case.manner
    scheme = "ws" if case.starter == "evm-live" else "http"

    def filled(text: str) -> str:
        for mark, kind in (("@URL@", scheme), ("@HTTP@", "http")):
            text = text.replace(mark, f"{kind}://{case.shape.format(port=node.port, key=case.word)}")
        return text

    text = STARTERS[case.starter].text()
    for before, after in case.replaced:
        text = text.replace(before, after)
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        for variable, value in case.environ.items():
            patch.setenv(variable, filled(value))
        patch.setenv("HOPLOOP_STATE", f"{name}/state")
        patch.chdir(name)
        Path(name, "bot.yaml").write_text(filled(text), "utf-8")
        yield Path(name)


def _told(*command: str) -> str:
    """Everything one command prints and logs; what it did to logging is undone."""
    out, root = io.StringIO(), logging.getLogger()
    handlers = list(root.handlers)
    own = logging.StreamHandler(out)
    root.addHandler(own)
    try:
        with redirect_stdout(out), redirect_stderr(out):
            code = main.run(list(command))
    finally:
        for handler in root.handlers:
            if handler not in handlers:
                handler.close()
        root.handlers = handlers
        structlog.reset_defaults()
    assert code != 70, out.getvalue()
    return f"$ {' '.join(command)}\n{out.getvalue()}"


def test_the_node_is_asked(node: EchoingNode) -> None:
    """Else the property below would hold of anything."""
    raw = bytes([7]) * 32
    environ = {
        **STARTERS["evm-live"].examples, "HOPLOOP_EVM_KEY": raw.hex(), "HOPLOOP_EVM_RELAY_KEY": (bytes([8]) * 32).hex(),
        "HOPLOOP_EVM_OWNER": PrivateKey(raw).public_key.to_checksum_address(), "HOPLOOP_EVM_ENDPOINT": "@URL@",
    }  # fmt: skip
    case = Asked("evm-live", (), environ, (raw,), MANNERS[0], SHAPES[0], "zq" + "A" * 20, "")
    with _started(case, node):
        _told("check", "bot.yaml", "--timeout", "5s")
    assert node.asked


@settings(phases=[Phase.generate], max_examples=max(6, settings.default.max_examples // 20))
@given(case=asked())
def test_what_a_node_repeats_of_its_url_is_in_no_output(case: Asked, node: EchoingNode) -> None:
    profile = ["--profile", case.profile] if case.profile else []
    with _started(case, node) as folder:
        told = [_told(command, "bot.yaml", *profile) for command in ("validate", "plan", "show")]
        told += [_told("check", "bot.yaml", "--timeout", "5s", *profile)]
        told += [_told("check", "bot.yaml", "--timeout", "5s", "--format", "json", *profile)]
        told += [_told("run", "bot.yaml", "--for", "200ms", *profile)]
        if case.manner != "nearly":
            told += [_told("dry-run", "bot.yaml", "--record", *profile)]
        told += [_told("ledger", "runs", "bot.yaml", "--format", "json"), _told("status", "bot.yaml")]
        for text in told:
            assert not leaks(text, case.secrets), text
        for path in folder.rglob("*"):
            if path.is_file() and path.name != "bot.yaml":
                assert not leaks(path.read_bytes(), case.secrets), (path, path.read_text("utf-8", "replace"))
