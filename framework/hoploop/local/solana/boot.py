"""Fills a fresh virtual machine with a world and checks that what was loaded is what was meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import msgspec
from solders.account import Account
from solders.hash import Hash
from solders.instruction import Instruction
from solders.litesvm import LiteSVM
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata

from hoploop.errors import LocalError
from hoploop.local.solana import names
from hoploop.local.solana.bank import Bank
from hoploop.local.solana.dumps import dumped_world
from hoploop.local.solana.names import PoolSpec
from hoploop.local.solana.world import World, default_world

ANCHOR_WRONG_ID = 4100
"""Anchor's DeclaredProgramIdMismatch: the first thing an Anchor program checks."""


class Booted(msgspec.Struct, frozen=True):
    """A bank ready to serve, and the pools its traffic may trade."""

    bank: Bank
    pools: tuple[PoolSpec, ...]


def boot(world: str, *, start_unix_s: int, slot_ms: int, progress: Callable[[str], None] = lambda _: None) -> Booted:
    """Bank with the default world (`world` empty) or with the dumps in the folder `world`.

    LocalError X20x; a file at fault is named.
    """
    svm = LiteSVM()
    bank = Bank(svm, start_unix_s=start_unix_s, slot_ms=slot_ms)
    content = dumped_world(Path(world), bank.rent) if world else default_world(bank.rent)
    _load(svm, content)
    for program in content.programs:
        _check_id(svm, program.address, program.source)
    progress(f"{len(content.programs)} programs, {len(content.accounts)} accounts loaded")
    return Booted(bank, content.pools)


def _load(svm: LiteSVM, content: World) -> None:
    for program in content.programs:
        with _Blaming("X204", program.source):
            svm.add_program(program.address, program.elf)
    for image in content.accounts:
        with _Blaming("X203", f"{image.source}: {image.address}"):
            svm.set_account(image.address, Account(image.lamports, image.data, image.owner, image.executable, 0))


class _Blaming:
    """Turns LiteSVM's refusal into a LocalError naming the source. Its error class has no importable name."""

    def __init__(self, code: str, source: str) -> None:
        self._code = code
        self._source = source

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and kind.__name__ == "LiteSVMError":
            raise LocalError(self._code, f"{self._source}: {err}") from err


def _check_id(svm: LiteSVM, program: Pubkey, source: str) -> None:
    """Call the program with nothing; an Anchor program at an id it was not built for says so."""
    payer = names.address("executor")
    message = MessageV0.try_compile(payer, [Instruction(program, b"\xff" * 8, [])], [], Hash.default())
    result = svm.simulate_transaction(VersionedTransaction.populate(message, [Signature.default()]))
    if isinstance(result, FailedTransactionMetadata) and f"custom program error: {ANCHOR_WRONG_ID:#x}" in "\n".join(
        result.meta().logs()
    ):
        raise LocalError("X205", f"{source}: the program says it was not built for the id {program}")
