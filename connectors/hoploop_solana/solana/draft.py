"""An unsigned v0 transaction and its reviewable text."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.instruction import AccountMeta, Instruction
from solders.message import MessageV0
from solders.pubkey import Pubkey

from hoploop_solana.solana.memory import Composed
from hoploop_solana.solana.message import loaded, wire_size


class Named(msgspec.Struct, frozen=True):
    """An instruction in its final place and what it is for."""

    name: str
    program: Pubkey
    accounts: tuple[AccountMeta, ...]
    data: bytes

    @classmethod
    def of(cls, name: str, made: Instruction) -> Named:
        """From an instruction as solders makes it."""
        return cls(name, made.program_id, tuple(made.accounts), made.data)

    def instruction(self) -> Instruction:
        """As solders takes it."""
        return Instruction(self.program, self.data, list(self.accounts))


class SolanaDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Everything fixed but the signature."""

    payload: bytes
    """The message with its version byte: what is signed."""
    instructions: tuple[Named, ...]
    tables: tuple[AddressLookupTableAccount, ...]
    expires: int
    composed: Composed

    @property
    def message(self) -> MessageV0:
        """The payload, read."""
        return MessageV0.from_bytes(self.payload[1:])

    def text(self) -> Sequence[str]:
        """One line a fact, blockhash left out: totals, lookup tables, then each instruction with accounts and data.

        Flags: `w` writable, `s` signer; `@N` = loaded from table N.
        """
        return tuple(self._lines())

    def _lines(self) -> list[str]:
        message = self.message
        lookups = message.address_table_lookups
        extra = loaded(message)
        lines = [
            f"solana v0: {wire_size(message)} bytes, {len(message.account_keys) + extra} accounts "
            f"({extra} loaded from {len(lookups)} lookup tables), "
            f"{len(self.instructions)} instructions"
        ]
        source: dict[str, int] = {}
        by_key = {str(table.key): table for table in self.tables}
        for number, use in enumerate(lookups):
            writable, readonly = list(use.writable_indexes), list(use.readonly_indexes)
            lines.append(f"  table @{number} {use.account_key} writable {writable} readonly {readonly}")
            addresses = by_key[str(use.account_key)].addresses
            source |= {str(addresses[index]): number for index in (*writable, *readonly)}
        for number, step in enumerate(self.instructions):
            lines += _instruction_lines(number, step, source)
        return lines


def _instruction_lines(number: int, step: Named, source: dict[str, int]) -> list[str]:
    lines = [f"  [{number}] {step.name}", f"      program {step.program}"]
    for meta in step.accounts:
        flags = ("w" if meta.is_writable else "-") + ("s" if meta.is_signer else "-")
        place = f" @{source[str(meta.pubkey)]}" if str(meta.pubkey) in source else ""
        lines.append(f"      {flags} {meta.pubkey}{place}")
    lines.append(f"      data {step.data.hex()}")
    return lines
