"""Executed transactions in the JSON forms of getTransaction, getSignatureStatuses and getSignaturesForAddress."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from solders.message import MessageV0, MessageV1

from hoploop.local.solana.encoding import base58
from hoploop.local.solana.reads import token_amount
from hoploop.local.solana.records import Executed, TokenBalance, TransactionError
from hoploop.local.solana.txdecode import Decoded
from hoploop.local.solana.wire import INVALID_PARAMS, VERSION_UNSUPPORTED, RpcError

# Nothing forks here, so what is in a block is final at once.
COMMITMENT = "finalized"


def status(executed: Executed) -> dict[str, Any]:
    """Entry of getSignatureStatuses."""
    return {
        "slot": executed.slot,
        "confirmations": None,
        "status": outcome(executed.error),
        "err": executed.error,
        "confirmationStatus": COMMITMENT,
    }


def outcome(error: TransactionError | None) -> dict[str, Any]:
    """Rust's Result as JSON."""
    return {"Ok": None} if error is None else {"Err": error}


def transaction(executed: Executed, encoding: str, newest_version: int | None, block_time: int) -> dict[str, Any]:
    """Result of getTransaction; RpcError when the caller does not take this version or encoding."""
    decoded = executed.decoded
    if isinstance(decoded.version, int) and (newest_version is None or decoded.version > newest_version):
        raise RpcError(
            VERSION_UNSUPPORTED,
            f"Transaction version ({decoded.version}) is not supported by the requesting client. "
            f"Please try the request again with the following configuration parameter: "
            f'"maxSupportedTransactionVersion": {decoded.version}',
        )
    shown: dict[str, Any] = {
        "slot": executed.slot,
        "blockTime": block_time,
        "transactionIndex": executed.position,
        "transaction": _body(decoded, encoding),
        "meta": _meta(executed),
    }
    if newest_version is not None:
        shown["version"] = decoded.version
    return shown


def signature_entry(executed: Executed, block_time: int) -> dict[str, Any]:
    """Entry of getSignaturesForAddress."""
    return {
        "signature": executed.decoded.signature,
        "slot": executed.slot,
        "err": executed.error,
        "memo": None,
        "blockTime": block_time,
        "confirmationStatus": COMMITMENT,
    }


def _body(decoded: Decoded, encoding: str) -> Any:
    if encoding == "base64":
        return [base64.b64encode(decoded.raw).decode(), "base64"]
    if encoding == "base58":
        return [base58(decoded.raw), "base58"]
    if encoding != "json":
        raise RpcError(INVALID_PARAMS, f"encoding {encoding!r:.40} is not offered here; use json or base64")
    message = decoded.tx.message
    header = message.header
    shown: dict[str, Any] = {
        "header": {
            "numRequiredSignatures": header.num_required_signatures,
            "numReadonlySignedAccounts": header.num_readonly_signed_accounts,
            "numReadonlyUnsignedAccounts": header.num_readonly_unsigned_accounts,
        },
        "accountKeys": [str(key) for key in message.account_keys],
        "recentBlockhash": decoded.blockhash,
        "instructions": [
            {
                "programIdIndex": one.program_id_index,
                "accounts": list(one.accounts),
                "data": base58(bytes(one.data)),
                "stackHeight": 1,
            }
            for one in message.instructions
        ],
    }
    if isinstance(message, MessageV0):
        shown["addressTableLookups"] = [
            {
                "accountKey": str(lookup.account_key),
                "writableIndexes": list(lookup.writable_indexes),
                "readonlyIndexes": list(lookup.readonly_indexes),
            }
            for lookup in message.address_table_lookups
        ]
    if isinstance(message, MessageV1):
        shown["addressTableLookups"] = []
    return {"signatures": [str(signature) for signature in decoded.tx.signatures], "message": shown}


def _meta(executed: Executed) -> dict[str, Any]:
    found = executed.accounts
    return {
        "err": executed.error,
        "status": outcome(executed.error),
        "fee": executed.fee,
        "preBalances": list(executed.pre),
        "postBalances": list(executed.post),
        "preTokenBalances": _tokens(executed.pre_tokens),
        "postTokenBalances": _tokens(executed.post_tokens),
        "innerInstructions": None,
        "logMessages": list(executed.logs),
        "rewards": [],
        "loadedAddresses": {
            "writable": [str(key) for key in found.loaded_writable],
            "readonly": [str(key) for key in found.loaded_readonly],
        },
        "computeUnitsConsumed": executed.units,
    }


def _tokens(held: Sequence[TokenBalance]) -> list[dict[str, Any]]:
    return [
        {
            "accountIndex": one.index,
            "mint": one.mint,
            "owner": one.owner,
            "programId": one.program,
            "uiTokenAmount": token_amount(one.amount, one.decimals),
        }
        for one in held
    ]
