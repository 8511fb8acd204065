"""The sending half of the JSON-RPC: simulate, send, and look up what became of a transaction."""

from __future__ import annotations

import base64
from typing import Any

from solders.hash import Hash
from solders.message import Message, MessageV0, MessageV1, VersionedMessage
from solders.transaction import VersionedTransaction

from hoploop.local.solana import txdecode, txview, wire
from hoploop.local.solana.bank import Bank, Refused, Simulated
from hoploop.local.solana.encoding import account_json, decode_transaction
from hoploop.local.solana.reads import Reads
from hoploop.local.solana.txdecode import Decoded, Malformed
from hoploop.local.solana.wire import INVALID_PARAMS, Handler, Params, RpcError

_MAX_STATUSES = 256
_MAX_SIGNATURES = 1_000
_MAX_RETURNED_ACCOUNTS = 64


class Sends:
    """Handlers around transactions. A sent transaction executes at once, in the current slot."""

    def __init__(self, bank: Bank, reads: Reads) -> None:
        self._bank = bank
        self._reads = reads

    def handlers(self) -> dict[str, Handler]:
        """Method name -> handler."""
        return {
            "sendTransaction": self._send,
            "simulateTransaction": self._simulate,
            "getSignatureStatuses": self._statuses,
            "getTransaction": self._transaction,
            "getSignaturesForAddress": self._for_address,
        }

    def submit(self, decoded: Decoded) -> str:
        """Without preflight: what may not enter a block is dropped in silence, as a node does."""
        if not all(decoded.tx.verify_with_results()):
            raise RpcError(wire.SIGNATURE_FAILED, "Transaction signature verification failure")
        try:
            self._bank.execute(decoded)
        except Refused:
            return decoded.signature
        return decoded.signature

    def _send(self, p: Params) -> Any:
        options = p.options(1)
        self._reads.check_min_slot(options)
        decoded = decode_param(p.text(0), options.text("encoding", "base58"))
        if options.flag("skipPreflight"):
            return self.submit(decoded)
        if not all(decoded.tx.verify_with_results()):
            raise RpcError(wire.SIGNATURE_FAILED, "Transaction signature verification failure")
        preflight = self._bank.simulate(decoded, verify=False, check_blockhash=True)
        if preflight.error is not None:
            message = f"Transaction simulation failed: {describe(preflight.error)}"
            raise RpcError(wire.PREFLIGHT_FAILED, message, _simulated(preflight, None))
        return self.submit(decoded)

    def _simulate(self, p: Params) -> Any:
        options = p.options(1)
        self._reads.check_min_slot(options)
        verify, replace = options.flag("sigVerify"), options.flag("replaceRecentBlockhash")
        if verify and replace:
            raise RpcError(INVALID_PARAMS, "sigVerify may not be used with replaceRecentBlockhash")
        decoded = decode_param(p.text(0), options.text("encoding", "base58"))
        if verify and not all(decoded.tx.verify_with_results()):
            raise RpcError(wire.SIGNATURE_FAILED, "Transaction signature verification failure")
        latest = self._bank.ticks.latest
        if replace:
            decoded = _with_blockhash(decoded, Hash.from_string(latest))
        done = self._bank.simulate(decoded, verify=False, check_blockhash=not replace)
        accounts = None
        wanted = options.inner("accounts")
        if wanted is not None:
            encoding = wanted.text("encoding", "base64")
            keys = [wire.parse_key(key) for key in wanted.list("addresses", most=_MAX_RETURNED_ACCOUNTS)]
            accounts = [
                account_json(done.after.get(key) or self._bank.account(key), encoding) if done.error is None else None
                for key in keys
            ]
        shown = _simulated(done, accounts)
        if replace:
            height = self._bank.ticks.last_valid_height(latest)
            shown["replacementBlockhash"] = {"blockhash": latest, "lastValidBlockHeight": height}
        return self._reads.context(shown)

    def _statuses(self, p: Params) -> Any:
        signatures = [wire.parse_signature(one) for one in p.list(0, most=_MAX_STATUSES)]
        found = [self._bank.records.get(one) for one in signatures]
        return self._reads.context([None if one is None else txview.status(one) for one in found])

    def _transaction(self, p: Params) -> Any:
        options = _encoding_options(p)
        found = self._bank.records.get(p.signature(0))
        if found is None:
            return None
        newest = options.whole("maxSupportedTransactionVersion", most=255)
        return txview.transaction(found, options.text("encoding", "json"), newest, self._bank.ticks.unix_s(found.slot))

    def _for_address(self, p: Params) -> Any:
        key, options = p.key(0), p.options(1)
        limit = options.whole("limit", most=_MAX_SIGNATURES)
        before, until = options.text("before", ""), options.text("until", "")
        listed: list[dict[str, Any]] = []
        waiting = bool(before)
        for one in self._bank.records:
            signature = one.decoded.signature
            if signature == until or len(listed) == (_MAX_SIGNATURES if limit is None else limit):
                break
            if waiting:
                waiting = signature != before
            elif key in one.accounts.keys:
                listed.append(txview.signature_entry(one, self._bank.ticks.unix_s(one.slot)))
        return listed


def decode_param(text: str, encoding: str) -> Decoded:
    """Transaction parameter of a call; RpcError when it is none."""
    raw = decode_transaction(text, encoding, txdecode.MAX_BYTES_V1)
    try:
        return txdecode.decode(raw)
    except Malformed as err:
        raise RpcError(INVALID_PARAMS, str(err)) from err


def describe(error: object) -> str:
    """A TransactionError in words a log reader knows."""
    if isinstance(error, dict) and "InstructionError" in error:
        index, cause = error["InstructionError"]
        custom = cause.get("Custom") if isinstance(cause, dict) else None
        return f"Error processing Instruction {index}: " + (
            f"custom program error: {custom:#x}" if isinstance(custom, int) else str(cause)
        )
    return str(error)


def _encoding_options(p: Params) -> wire.Options:
    """The second parameter is an object or, in the old form, the bare encoding."""
    bare = p.any(1)
    return wire.Options({"encoding": bare}) if isinstance(bare, str) else p.options(1)


def _simulated(done: Simulated, accounts: list[Any] | None) -> dict[str, Any]:
    returned = None
    if done.return_data is not None:
        program, data = done.return_data
        returned = {"programId": program, "data": [base64.b64encode(data).decode(), "base64"]}
    return {
        "err": done.error,
        "logs": list(done.logs),
        "accounts": accounts,
        "unitsConsumed": done.units,
        "loadedAccountsDataSize": done.loaded_bytes,
        "returnData": returned,
        "innerInstructions": None,
        "fee": done.fee,
    }


def _with_blockhash(decoded: Decoded, blockhash: Hash) -> Decoded:
    old = decoded.tx.message
    message: VersionedMessage
    if isinstance(old, MessageV0):
        message = MessageV0(old.header, old.account_keys, blockhash, old.instructions, old.address_table_lookups)
    elif isinstance(old, MessageV1):
        message = MessageV1(old.header, old.config, blockhash, old.account_keys, old.instructions)
    else:
        header = old.header
        message = Message.new_with_compiled_instructions(
            header.num_required_signatures,
            header.num_readonly_signed_accounts,
            header.num_readonly_unsigned_accounts,
            old.account_keys,
            blockhash,
            old.instructions,
        )
    tx = VersionedTransaction.populate(message, decoded.tx.signatures)
    return Decoded(raw=bytes(tx), tx=tx, signature=decoded.signature, blockhash=str(blockhash), version=decoded.version)
