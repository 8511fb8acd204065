"""Messages by shape: a shape is compiled once, then its template is filled."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash
from solders.message import to_bytes_versioned
from solders.pubkey import Pubkey

from hoploop.errors import SignerUnavailable
from hoploop.plugin.signing import Signing, Template
from hoploop_solana.solana.draft import Named
from hoploop_solana.solana.message import compile_message

CAPACITY = 4_096


class Shapes:
    """Everything but the blockhash and the instructions' data is the same in two messages of one shape.

    Programs, accounts with their flags, lengths of data and lookup tables say what a compiler does; data is copied.
    Without native signing every message is compiled. The shape used longest ago is forgotten first.
    """

    def __init__(self, payer: Pubkey, signing: Signing | None, capacity: int = CAPACITY) -> None:
        self._payer = payer
        self._signing = signing
        self._capacity = capacity
        self._templates: OrderedDict[object, Template] = OrderedDict()

    def forget(self) -> None:
        """The lookup tables have changed: what was compiled with them is of no use."""
        self._templates.clear()

    def message(self, steps: Sequence[Named], tables: Sequence[AddressLookupTableAccount], blockhash: Hash) -> bytes:
        """The message with its version byte; TransactionTooLarge as `compile_message`, SignerUnavailable when one
        key is not enough. `tables` are the current ones, or those of them a transaction may use."""
        shape = (
            tuple(table.key for table in tables),
            tuple((step.program, step.accounts, len(step.data)) for step in steps),
        )
        template = self._templates.get(shape)
        if template is None:
            return self._compile(shape, steps, tables, blockhash)
        self._templates.move_to_end(shape)
        return template.fill(bytes(blockhash), [step.data for step in steps])

    def _compile(
        self, shape: object, steps: Sequence[Named], tables: Sequence[AddressLookupTableAccount], blockhash: Hash
    ) -> bytes:
        message = compile_message(self._payer, [step.instruction() for step in steps], tables, blockhash)
        payload = bytes(to_bytes_versioned(message))
        if message.header.num_required_signatures != 1:
            raise SignerUnavailable("C213", "a step wants the signature of another account")
        if self._signing is not None:
            slots = [(number, 0, len(step.data)) for number, step in enumerate(steps)]
            self._templates[shape] = self._signing.template("solana", payload, slots)
            if len(self._templates) > self._capacity:
                self._templates.popitem(last=False)
        return payload
