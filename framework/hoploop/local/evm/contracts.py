"""Published contract artifacts: ABI calls and creation code with libraries linked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from eth_abi.abi import decode, encode
from eth_abi.grammar import parse
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak


class Artifact:
    """ABI and creation code of one contract, whichever tool wrote the file."""

    def __init__(self, abi: list[dict[str, Any]], bytecode: str, links: Mapping[str, Mapping[str, Any]]) -> None:
        self.abi = abi
        self._bytecode = bytecode.removeprefix("0x")
        self._links = links
        inputs = (entry["inputs"] for entry in abi if entry["type"] == "constructor")
        self._constructor: list[dict[str, Any]] = next(inputs, [])

    @classmethod
    def load(cls, path: Path) -> Artifact:
        """Read a Truffle, Hardhat, Waffle or our own artifact file."""
        content = orjson.loads(path.read_bytes())
        return cls(content["abi"], content["bytecode"], content.get("linkReferences") or {})

    def creation_code(self, *args: Any, libraries: Mapping[str, str] | None = None) -> bytes:
        """Bytecode with linked libraries and the encoded constructor arguments."""
        code = self._bytecode
        for places in self._links.values():
            for name, references in places.items():
                address = (libraries or {})[name].removeprefix("0x").lower()
                for reference in references:
                    start, end = 2 * reference["start"], 2 * (reference["start"] + reference["length"])
                    code = code[:start] + address + code[end:]
        return bytes.fromhex(code) + encode(_types(self._constructor), args)

    def call_data(self, function: str, *args: Any) -> bytes:
        """Selector and encoded arguments of a call; of overloads, the one that takes as many arguments."""
        types = next(types for types in map(_types, self._entries(function, "inputs")) if len(types) == len(args))
        return keccak(text=f"{function}({','.join(types)})")[:4] + encode(types, args)

    def results(self, function: str, data: bytes) -> tuple[Any, ...]:
        """Decoded outputs of a call."""
        return decode(_types(self._entries(function, "outputs")[0]), data)

    def _entries(self, function: str, side: str) -> list[list[dict[str, Any]]]:
        return [entry[side] for entry in self.abi if entry["type"] == "function" and entry["name"] == function]


def encode_call(signature: str, *args: Any) -> bytes:
    """Call data for a Solidity signature, `name(type,…)`."""
    inputs = signature[signature.index("(") :]
    types = [] if inputs == "()" else [part.to_type_str() for part in parse(inputs).components]
    return keccak(text=signature)[:4] + encode(types, args)


def create_address(sender: str, nonce: int) -> str:
    """Lower-case address of the contract that `sender` creates with its transaction number `nonce`."""
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    item = number if nonce and nonce < 0x80 else bytes([0x80 + len(number)]) + number
    payload = b"\x94" + bytes.fromhex(sender[2:]) + item
    return "0x" + keccak(bytes([0xC0 + len(payload)]) + payload)[12:].hex()


def _types(inputs: list[dict[str, Any]]) -> list[str]:
    return [collapse_if_tuple(entry) for entry in inputs]
