"""The recipes `hoploop init` can write: what each is for, what it asks, and its text with the answers put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal

import msgspec

Chains = Literal["evm", "solana", "both"]
_VARIABLE = re.compile(r'^  ([a-z_]+): "?([^#"\n]*?)"?\s*# (.*)$', re.MULTILINE)
_NEEDED = re.compile(r"\$\{(?:env:|secret:env/)([A-Z0-9_]+)\}")


class Variable(msgspec.Struct, frozen=True):
    """One line of a starter's `vars:`."""

    name: str
    value: str
    meaning: str


class Starter(msgspec.Struct, frozen=True, kw_only=True):
    """One recipe to start from; its text is `<name>.yaml` beside this module."""

    name: str
    title: str
    chains: Chains
    mode: Literal["paper", "live"]
    examples: Mapping[str, str] = {}
    """Environment variable -> a value of the right form, for checking the recipe before the real ones are set."""

    def text(self) -> str:
        """The recipe as it is kept."""
        return _data(f"{self.name}.yaml").decode()

    def market(self) -> str | None:
        """The recorded market for dry runs; None for a starter that names real chains."""
        if self.mode == "live":
            return None
        import zstandard

        return zstandard.ZstdDecompressor().decompress(_data(f"{self.name}.market.zst")).decode()

    def variables(self) -> tuple[Variable, ...]:
        """What its `vars:` hold, in order."""
        block = self.text().partition("\nvars:\n")[2].partition("\n\n")[0]
        return tuple(Variable(*match.groups()) for match in _VARIABLE.finditer(block))

    def environment(self) -> tuple[str, ...]:
        """Names of the environment variables it needs, in order."""
        return tuple(dict.fromkeys(_NEEDED.findall(self.text())))

    def render(self, recipe: str, file: str, values: Mapping[str, str]) -> str:
        """The text under another name, with other values of its variables; KeyError for one it does not have."""
        text = self.text().replace(f"\nrecipe: {_name_of(self.text())}\n", f"\nrecipe: {recipe}\n")
        known = {variable.name: variable for variable in self.variables()}
        for name, value in values.items():
            text = _with_value(text, known[name], value)
        return re.sub(r"\bFILE\b", lambda _: file, text).replace("hoploop arm NAME", f"hoploop arm {recipe}")


def _name_of(text: str) -> str:
    found = re.search(r"^recipe: (.*)$", text, re.MULTILINE)
    assert found is not None, "every starter has a name"
    return found[1]


def _with_value(text: str, variable: Variable, value: str) -> str:
    line = re.compile(rf"^  {variable.name}: .*$", re.MULTILINE)
    said = f"  {variable.name}: " + (f'"{value}"' if " " in value else value)
    return line.sub(lambda _: f"{said:<32} # {variable.meaning}", text, count=1)


def _data(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


_EVM_ADDRESS, _KEY = "0x00000000000000000000000000000000000000aa", "So11111111111111111111111111111111111111112"

STARTERS: Mapping[str, Starter] = {
    starter.name: starter
    for starter in (
        Starter(
            name="evm-paper", title="EVM on this machine: three exchanges, two lenders", chains="evm", mode="paper"
        ),
        Starter(
            name="solana-paper", title="Solana on this machine: five pools, a lender", chains="solana", mode="paper"
        ),
        Starter(name="two-chains", title="both of these in one recipe", chains="both", mode="paper"),
        Starter(
            name="evm-live",
            title="Ethereum through a private relay",
            chains="evm",
            mode="live",
            examples={"HOPLOOP_EVM_OWNER": _EVM_ADDRESS, "HOPLOOP_EVM_EXECUTOR": _EVM_ADDRESS},
        ),
        Starter(
            name="solana-live",
            title="a Solana cluster with an AMM of your own",
            chains="solana",
            mode="live",
            examples={
                "HOPLOOP_SOL_OWNER": _KEY,
                "HOPLOOP_SOL_AMM": _KEY,
                **{
                    f"HOPLOOP_SOL_POOL_{pool}{part}": f"{_KEY[:10]}{pool}{letter}{_KEY[12:]}"
                    for pool in "AB"
                    for part, letter in (("", "p"), ("_VAULT0", "v"), ("_VAULT1", "w"))
                },
            },
        ),
    )
}


def modes(chains: str) -> tuple[str, ...]:
    """Modes there is a starter for with these chains."""
    return tuple(starter.mode for starter in STARTERS.values() if starter.chains == chains)


def fitting(chains: str, mode: str) -> Starter:
    """The starter for these chains in this mode; StopIteration when there is none."""
    return next(starter for starter in STARTERS.values() if (starter.chains, starter.mode) == (chains, mode))
