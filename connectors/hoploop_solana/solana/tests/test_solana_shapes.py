"""A shape is compiled once; everything that decides the layout is part of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash

from hoploop.errors import TransactionTooLarge
from hoploop.model.chain import Family
from hoploop.plugin.signing import Signer, Slot, Template, Templates
from hoploop_solana._shared.steps import readonly, writable
from hoploop_solana._shared.testing import named_key
from hoploop_solana.solana.draft import Named
from hoploop_solana.solana.shapes import Shapes

HASH = Hash(bytes(32))


class Recorded:
    """Templates that answer with what they are filled with."""

    def __init__(self) -> None:
        self.slots: list[Sequence[Slot]] = []

    def signer(self, family: Family, secret: bytes) -> Signer:
        raise AssertionError("shapes need no key")

    def templates(self, family: Family, capacity: int) -> Templates:
        raise AssertionError("shapes are no routes")

    def template(self, family: Family, unsigned: bytes, slots: Sequence[Slot]) -> Template:
        self.slots.append(slots)
        return self

    def fill(self, fresh: bytes, parts: Sequence[bytes]) -> bytes:
        return fresh + b"".join(parts)


def _step(data: bytes, account: str = "pool", program: str = "amm", *, write: bool = True) -> Named:
    meta = writable(named_key(account)) if write else readonly(named_key(account))
    return Named("swap", named_key(program), (meta,), data)


def test_a_shape_is_compiled_once_and_filled_afterwards() -> None:
    made = Recorded()
    shapes = Shapes(named_key("owner"), made)
    first = shapes.message([_step(b"ab"), _step(b"")], (), HASH)
    assert first[0] == 0x80
    assert shapes.message([_step(b"xy"), _step(b"")], (), HASH) == bytes(HASH) + b"xy"
    assert made.slots == [[(0, 0, 2), (1, 0, 0)]]


@pytest.mark.parametrize(
    "other", [_step(b"abc"), _step(b"ab", "other"), _step(b"ab", program="other"), _step(b"ab", write=False)]
)
def test_other_lengths_accounts_programs_and_flags_are_other_shapes(other: Named) -> None:
    made = Recorded()
    shapes = Shapes(named_key("owner"), made)
    shapes.message([_step(b"ab")], (), HASH)
    shapes.message([other], (), HASH)
    assert len(made.slots) == 2


def test_other_tables_are_other_shapes_and_new_contents_must_be_told() -> None:
    made = Recorded()
    shapes = Shapes(named_key("owner"), made)
    table = AddressLookupTableAccount(named_key("table"), [named_key("pool")])
    for tables in ((), (table,), (table,)):
        shapes.message([_step(b"ab")], tables, HASH)
    assert len(made.slots) == 2
    shapes.forget()
    shapes.message([_step(b"ab")], (), HASH)
    assert len(made.slots) == 3


def test_the_shape_used_longest_ago_is_forgotten_first() -> None:
    made = Recorded()
    shapes = Shapes(named_key("owner"), made, capacity=2)
    for data in (b"a", b"ab", b"a", b"abc", b"a"):
        shapes.message([_step(data)], (), HASH)
    assert len(made.slots) == 3
    shapes.message([_step(b"ab")], (), HASH)
    assert len(made.slots) == 4


def test_without_native_signing_every_message_is_compiled() -> None:
    shapes = Shapes(named_key("owner"), None)
    messages = [shapes.message([_step(data)], (), HASH) for data in (b"ab", b"xy")]
    assert messages[0].replace(b"ab", b"xy") == messages[1]


def test_a_shape_that_is_too_large_has_no_template() -> None:
    made = Recorded()
    with pytest.raises(TransactionTooLarge):
        Shapes(named_key("owner"), made).message([_step(bytes(1_200))], (), HASH)
    assert made.slots == []
