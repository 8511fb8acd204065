"""Unsigned transactions by shape: a shape is written out once, then its template is filled."""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from hoploop.plugin.signing import Signing, Template
from hoploop_evm._shared import executor
from hoploop_evm._shared.keys import rlp

CAPACITY = 4_096
_GAS, _DATA = 4, 7
"""Fields of an EIP-1559 transaction that a template changes; the nonce comes apart."""


class Terms(msgspec.Struct, frozen=True):
    """What all transactions of one composer share."""

    chain_id: int
    to: bytes
    gas_price: int


class Shapes:
    """Assets, pools, lender and their order make a shape; amounts, bounds, gas and nonce are filled in.

    Without native signing every transaction is written out. The shape used longest ago is forgotten first.
    """

    def __init__(self, terms: Terms, signing: Signing | None, capacity: int = CAPACITY) -> None:
        self._terms = terms
        self._signing = signing
        self._capacity = capacity
        self._templates: OrderedDict[object, Template] = OrderedDict()

    def unsigned(self, plan: executor.Plan, gas: int, nonce: int) -> bytes:
        """Type byte and list; OverflowError for amounts that are no word."""
        if self._signing is None:
            return self._written(plan, gas, nonce)
        shape = executor.shape(plan)
        template = self._templates.get(shape)
        if template is None:
            template = self._remember(shape, plan, self._signing)
        else:
            self._templates.move_to_end(shape)
        return template.fill(nonce.to_bytes(8, "big"), [gas.to_bytes(8, "big"), *executor.variable(plan)])

    def _written(self, plan: executor.Plan, gas: int, nonce: int) -> bytes:
        terms = self._terms
        price = terms.gas_price
        return b"\x02" + rlp((terms.chain_id, nonce, price, price, gas, terms.to, 0, executor.encode(plan), ()))

    def _remember(self, shape: object, plan: executor.Plan, signing: Signing) -> Template:
        slots = [(_GAS, 0, 0), *((_DATA, at, size) for at, size in executor.places(plan))]
        template = signing.template("evm", self._written(plan, 0, 0), slots)
        self._templates[shape] = template
        if len(self._templates) > self._capacity:
            self._templates.popitem(last=False)
        return template
