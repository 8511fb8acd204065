"""The chain itself: LiteSVM as pure executor, with what it lacks around it (limits, slots, history, bundles)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
import orjson
from solders.account import Account
from solders.litesvm import LiteSVM
from solders.pubkey import Pubkey
from solders.transaction_metadata import FailedTransactionMetadata, SimulatedTransactionInfo, TransactionMetadata

from hoploop.local.solana import balances, txdecode
from hoploop.local.solana.records import Executed, Records, TransactionError
from hoploop.local.solana.ticks import Ticks
from hoploop.local.solana.txdecode import Accounts, Decoded


class Refused(Exception):
    """The transaction does not enter a block: no fee, no trace."""

    def __init__(self, error: TransactionError) -> None:
        super().__init__(str(error))
        self.error = error


class BundleFailed(Exception):
    """A transaction of the bundle failed or was refused; nothing of the bundle remains."""

    def __init__(self, index: int, error: TransactionError, logs: tuple[str, ...] = ()) -> None:
        super().__init__(f"transaction {index}: {error}")
        self.index = index
        self.error = error
        self.logs = logs


class Observer(Protocol):
    """Told about what happened, in order; used for subscriptions."""

    def on_slot(self, slot: int) -> None:
        """A slot has begun."""

    def on_executed(self, executed: Executed, changed: Sequence[Pubkey]) -> None:
        """A transaction is in the block; `changed` accounts in the order of its indices."""


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of a simulation; `after` holds the accounts as the transaction would leave them."""

    error: TransactionError | None
    logs: tuple[str, ...]
    units: int
    fee: int | None
    loaded_bytes: int
    return_data: tuple[str, bytes] | None
    after: dict[Pubkey, Account]


class Bank:
    """Executes at once, in the current slot, first come first served. Not thread-safe."""

    def __init__(self, svm: LiteSVM, *, start_unix_s: int, slot_ms: int, records: Records | None = None) -> None:
        # Signatures, blockhashes and duplicates are checked here: the queue is 150 deep and a rolled-back
        # bundle must leave no signature behind, neither of which LiteSVM's own checks allow.
        svm.with_transaction_history(0).with_blockhash_check(False).with_sigverify(False)
        self._svm = svm
        self._observers: list[Observer] = []
        self._position = 0
        self.ticks = Ticks(svm, start_unix_s=start_unix_s, slot_ms=slot_ms)
        self.records = records or Records()

    @property
    def slot(self) -> int:
        """Current slot."""
        return self.ticks.slot

    def observe(self, observer: Observer) -> None:
        """Tell `observer` from now on."""
        self._observers.append(observer)

    def tick(self) -> None:
        """Begin the next slot."""
        self.records.close_slot(self.slot)
        self.ticks.advance()
        self._position = 0
        for observer in self._observers:
            observer.on_slot(self.slot)

    def account(self, key: Pubkey) -> Account | None:
        """Account by address; None when it does not exist or holds nothing."""
        found = self._svm.get_account(key)
        return None if found is None or (found.lamports == 0 and not found.data) else found

    def program_accounts(self, program: Pubkey) -> list[tuple[Pubkey, Account]]:
        """Accounts a program owns, by address."""
        return sorted(self._svm.get_program_accounts(program), key=lambda pair: bytes(pair[0]))

    def rent(self, data_len: int) -> int:
        """Rent-exempt lamports for so many bytes."""
        return int(self._svm.minimum_balance_for_rent_exemption(data_len))

    def simulate(self, decoded: Decoded, *, verify: bool, check_blockhash: bool) -> Simulated:
        """What `execute` would do, without doing it; refusals come back as `error`."""
        found = txdecode.accounts(decoded, self._data)
        size = txdecode.loaded_bytes(decoded, found, self._data)
        refusal = self._refusal(decoded, size, verify=verify, check_blockhash=check_blockhash)
        if refusal is not None:
            return Simulated(error=refusal, logs=(), units=0, fee=None, loaded_bytes=size, return_data=None, after={})
        result = self._svm.simulate_transaction(decoded.tx)
        meta = result.meta()
        after = dict(result.post_accounts()) if isinstance(result, SimulatedTransactionInfo) else {}
        returned = meta.return_data()
        data = bytes(returned.data)
        return Simulated(
            error=_error(result),
            logs=tuple(meta.logs()),
            units=meta.compute_units_consumed(),
            fee=meta.fee(),
            loaded_bytes=size,
            return_data=(str(returned.program_id), data) if data else None,
            after=after,
        )

    def execute(self, decoded: Decoded) -> Executed:
        """Put it into the current slot's block; Refused when a block may not contain it."""
        executed, changed = self._apply(decoded)
        self._commit(executed, changed)
        return executed

    def execute_bundle(
        self, bundle: Sequence[Decoded], *, accept: Callable[[list[Executed]], bool] = bool
    ) -> list[Executed]:
        """All in order, or none: on a failure, or when `accept` says no, every touched account is written back."""
        journal: dict[Pubkey, Account | None] = {}
        done: list[tuple[Executed, list[Pubkey]]] = []
        position = self._position
        signatures = [decoded.signature for decoded in bundle]
        for index, decoded in enumerate(bundle):
            if decoded.signature in signatures[:index]:
                self._write_back(journal, position)
                raise BundleFailed(index, "AlreadyProcessed")
            for key in _writable(txdecode.accounts(decoded, self._data)):
                journal.setdefault(key, self._svm.get_account(key))
            try:
                executed, changed = self._apply(decoded)
            except Refused as err:
                self._write_back(journal, position)
                raise BundleFailed(index, err.error) from err
            if executed.error is not None:
                self._write_back(journal, position)
                raise BundleFailed(index, executed.error, executed.logs)
            done.append((executed, changed))
        landed = [executed for executed, _ in done]
        if not accept(landed):
            self._write_back(journal, position)
            raise BundleFailed(len(bundle), "BundleRejected")
        for executed, changed in done:
            self._commit(executed, changed)
        return landed

    def _apply(self, decoded: Decoded) -> tuple[Executed, list[Pubkey]]:
        found = txdecode.accounts(decoded, self._data)
        size = txdecode.loaded_bytes(decoded, found, self._data)
        refusal = self._refusal(decoded, size, verify=True, check_blockhash=True)
        if refusal is not None:
            raise Refused(refusal)
        before = [self._svm.get_account(key) for key in found.keys]
        result = self._svm.send_transaction(decoded.tx)
        after = [self._svm.get_account(key) for key in found.keys]
        error = _error(result)
        if error is not None and _lamports(after[0]) == _lamports(before[0]):
            raise Refused(error)  # not even the fee was taken: it never entered the block
        meta = result.meta() if isinstance(result, FailedTransactionMetadata) else result
        executed = Executed(
            decoded=decoded,
            accounts=found,
            slot=self.slot,
            position=self._position,
            error=error,
            fee=meta.fee(),
            units=meta.compute_units_consumed(),
            logs=tuple(meta.logs()),
            unit_price=txdecode.unit_price(decoded),
            pre=tuple(map(_lamports, before)),
            post=tuple(map(_lamports, after)),
            pre_tokens=balances.tokens(found.keys, before, self._svm.get_account),
            post_tokens=balances.tokens(found.keys, after, self._svm.get_account),
        )
        self._position += 1
        changed = [
            key
            for key, is_writable, old, new in zip(found.keys, found.writable, before, after, strict=True)
            if is_writable and old != new
        ]
        return executed, changed

    def _refusal(self, decoded: Decoded, size: int, *, verify: bool, check_blockhash: bool) -> TransactionError | None:
        if verify and not all(decoded.tx.verify_with_results()):
            return "SignatureFailure"
        if decoded.signature in self.records:
            return "AlreadyProcessed"
        if check_blockhash and self.ticks.last_valid_height(decoded.blockhash) is None:
            return "BlockhashNotFound"
        limit = txdecode.loaded_limit(decoded)
        return "MaxLoadedAccountsDataSizeExceeded" if size > limit else None

    def _commit(self, executed: Executed, changed: list[Pubkey]) -> None:
        self.records.add(executed)
        for observer in self._observers:
            observer.on_executed(executed, changed)

    def _write_back(self, journal: dict[Pubkey, Account | None], position: int) -> None:
        self._position = position
        for key, image in journal.items():
            if self._svm.get_account(key) != image:
                self._svm.set_account(key, image or Account(0, b"", Pubkey.default(), False, 0))

    def _data(self, key: Pubkey) -> bytes | None:
        found = self._svm.get_account(key)
        return None if found is None else bytes(found.data)


def _writable(found: Accounts) -> list[Pubkey]:
    return [key for key, is_writable in zip(found.keys, found.writable, strict=True) if is_writable]


def _lamports(account: Account | None) -> int:
    return 0 if account is None else int(account.lamports)


def _error(result: TransactionMetadata | FailedTransactionMetadata | SimulatedTransactionInfo) -> Any:
    """TransactionError in its JSON-RPC form; None for success."""
    if not isinstance(result, FailedTransactionMetadata):
        return None
    error = orjson.loads(result.to_json())["err"]
    if isinstance(error, str) and error[:1] in '{"':
        return orjson.loads(error)
    return error
