"""Secrets, every form in which something may print one, and recipe folders with one planted where it may stand."""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import Node, ScalarNode

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_HEX = re.compile(r"(?:0x)?([0-9a-fA-F]{64}|[0-9a-fA-F]{128})\Z")
WORDS = st.text(string.ascii_letters + string.digits, min_size=20, max_size=40).map(lambda text: f"zq{text}")
"""What a provider gives its customers: nothing tells it from any other word."""
KEYS = st.binary(min_size=32, max_size=32).filter(lambda raw: raw[0] > 15)


class Scalar(NamedTuple):
    """A value or a key of a YAML text."""

    start: int
    end: int
    text: str
    key: bool
    flow: bool


def base58(raw: bytes) -> str:
    """As Solana writes keys."""
    number, text = int.from_bytes(raw), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def forms(secret: str | bytes) -> frozenset[str]:
    """Every text that gives it away, in lower case: as it is, hex, base58, base64, a number, a list of numbers."""
    found: set[str] = set()
    if isinstance(secret, str):
        found.add(secret.removeprefix("0x"))
        match = _HEX.match(secret)
        secret = bytes.fromhex(match[1]) if match else secret.encode()
    coded = base64.b64encode(secret).decode().rstrip("=")
    numbers = [str(number) for number in secret]
    found |= {secret.hex(), base58(secret), coded, coded.replace("+", "-").replace("/", "_"), repr(secret)[2:-1]}
    found |= {str(int.from_bytes(secret)), ", ".join(numbers), ",".join(numbers), "\n".join(numbers)}
    return frozenset(form.lower() for form in found)


def leaks(told: str | bytes, secrets: tuple[str | bytes, ...]) -> list[str]:
    """Forms of the secrets that occur."""
    text = (told if isinstance(told, str) else told.decode("utf-8", "replace")).lower()
    return sorted(form for secret in secrets for form in forms(secret) if form in text)


def scalars(text: str) -> list[Scalar]:
    """Every scalar of a YAML text, in order."""
    loader = YAML(typ="safe", pure=True)
    return sorted(_within(loader.compose(text), False))


def _within(node: Node, flow: bool) -> Iterator[Scalar]:
    if isinstance(node, ScalarNode):
        yield Scalar(node.start_mark.index, node.end_mark.index, node.value, False, flow)
        return
    flow = flow or bool(node.flow_style)
    for child in node.value:
        if isinstance(child, tuple):
            yield from (one._replace(key=True) for one in _within(child[0], flow))
            yield from _within(child[1], flow)
        else:
            yield from _within(child, flow)


def keyed(raw: bytes, draw: st.DrawFn) -> str:
    """A private key as somebody may type it: hex of any look, base58 of seed and public half, a key file's list."""
    pair = raw + raw[::-1]
    look = draw(st.sampled_from(["hex", "0x", "upper", "pair", "base58", "list", "tight list"]))
    if look == "base58":
        return base58(pair)
    if look.endswith("list"):
        return f"[{(', ' if look == 'list' else ',').join(map(str, pair))}]"
    text = (pair if look == "pair" else raw).hex()
    return {"0x": f"0x{text}", "upper": text.upper()}.get(look, text)


def written(value: str, scalar: Scalar, draw: st.DrawFn) -> str:
    """A value in one of the styles of YAML that can hold it there."""
    quote = draw(st.sampled_from(["", '"', "'"]))
    if scalar.key and value[0] in "[{":
        quote = '"'
    return f"{quote}{value}{quote}"


def put(text: str, scalar: Scalar, value: str) -> str:
    """The text with one scalar replaced."""
    return text[: scalar.start] + value + text[scalar.end :]
