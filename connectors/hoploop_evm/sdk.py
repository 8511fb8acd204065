"""What an EVM connector of your own may import: steps, words, reading a node, the family's chain to build on."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hoploop.plugin.lazy import lazily
from hoploop_evm._shared.asking import NodeError
from hoploop_evm._shared.node import CallTo, Node, Storage, contradiction
from hoploop_evm._shared.pairs import problems_of_pairs, verify_tokens
from hoploop_evm._shared.steps import Amounts, LenderKind, LoanStep, SwapKind, SwapStep
from hoploop_evm._shared.tokens import balance_of, problems_of_assets
from hoploop_evm._shared.words import (
    WORD,
    Address,
    address_bytes,
    address_text,
    call_data,
    not_addresses,
    padded,
    topic,
    uint,
    words,
)
from hoploop_evm.evm.config import EvmConfig
from hoploop_evm.evm.config import check as check_chain
from hoploop_evm.evm.costs import costs as chain_costs

if TYPE_CHECKING:
    from hoploop_evm._shared.desk import Desk

make_chain = lazily("hoploop_evm.evm", "chain:EvmChain")
"""`(EvmConfig, ChainContext) -> Chain`: client, feed and composer of a chain as the family knows it."""
measure_chain = lazily("hoploop_evm.evm", "measure:measure")
"""`(config, ChainScope, Order) -> Loads`: how large a transaction of the family is."""
make_examiner = lazily("hoploop_evm.evm", "examiner:EvmExaminer")
"""`(config, ExaminerContext) -> Examiner`: what `hoploop check` asks a chain of the family."""

_LATER = {"Desk": "desk"}
"""Name -> its module: network code is imported when it is asked for, so that checking a recipe needs none."""

__all__ = [
    "WORD",
    "Address",
    "Amounts",
    "CallTo",
    "Desk",
    "EvmConfig",
    "LenderKind",
    "LoanStep",
    "Node",
    "NodeError",
    "Storage",
    "SwapKind",
    "SwapStep",
    "address_bytes",
    "address_text",
    "balance_of",
    "call_data",
    "chain_costs",
    "check_chain",
    "contradiction",
    "make_chain",
    "make_examiner",
    "measure_chain",
    "not_addresses",
    "padded",
    "problems_of_assets",
    "problems_of_pairs",
    "topic",
    "uint",
    "verify_tokens",
    "words",
]


def __getattr__(name: str) -> Any:
    """A name of `_LATER`, at its first use."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"hoploop_evm._shared.{_LATER[name]}"), name)
