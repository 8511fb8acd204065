"""The reading half of the JSON-RPC: accounts, balances, slots, blockhashes, fees."""

from __future__ import annotations

from typing import Any

from solders.account import Account

from hoploop.local.solana import balances, layouts, names, wire
from hoploop.local.solana.bank import Bank
from hoploop.local.solana.encoding import account_json, from_base58, from_base64
from hoploop.local.solana.wire import INVALID_PARAMS, Handler, Options, Params, RpcError

API_VERSION = "4.1.2"
_MAX_KEYS = 100
_MAX_FILTERS = 4
_MAX_FILTER_TEXT = 180
_MAX_FEE_KEYS = 128
_MAX_U64 = 2**64 - 1


class Reads:
    """Handlers that look at the bank and change nothing. Every commitment is the newest state: nothing here forks."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def handlers(self) -> dict[str, Handler]:
        """Method name -> handler."""
        return {
            "getAccountInfo": self._account_info,
            "getMultipleAccounts": self._multiple_accounts,
            "getProgramAccounts": self._program_accounts,
            "getBalance": self._balance,
            "getTokenAccountBalance": self._token_balance,
            "getTokenAccountsByOwner": self._tokens_by_owner,
            "getMinimumBalanceForRentExemption": lambda p: self._bank.rent(p.whole(0, most=10 * 1024 * 1024)),
            "getLatestBlockhash": self._latest_blockhash,
            "isBlockhashValid": self._blockhash_valid,
            "getSlot": lambda p: self._at(p.options(0), self._bank.slot),
            "getBlockHeight": lambda p: self._at(p.options(0), self._bank.ticks.height),
            "getBlockTime": self._block_time,
            "getGenesisHash": lambda _: str(names.genesis()),
            "getVersion": lambda _: {"solana-core": API_VERSION, "feature-set": 0},
            "getHealth": lambda _: "ok",
            "getRecentPrioritizationFees": self._prioritization_fees,
        }

    def context(self, value: Any) -> dict[str, Any]:
        """A result with the slot it was read in."""
        return {"context": {"slot": self._bank.slot, "apiVersion": API_VERSION}, "value": value}

    def check_min_slot(self, options: Options) -> None:
        """minContextSlot may not lie ahead of us."""
        wanted = options.whole("minContextSlot", most=_MAX_U64)
        if wanted is not None and wanted > self._bank.slot:
            slot = self._bank.slot
            raise RpcError(wire.MIN_CONTEXT_SLOT, "Minimum context slot has not been reached", {"contextSlot": slot})

    def _at(self, options: Options, value: Any) -> Any:
        self.check_min_slot(options)
        return value

    def _account_info(self, p: Params) -> Any:
        options = p.options(1)
        self.check_min_slot(options)
        return self.context(_account(self._bank.account(p.key(0)), options))

    def _multiple_accounts(self, p: Params) -> Any:
        options = p.options(1)
        self.check_min_slot(options)
        keys = [wire.parse_key(key) for key in p.list(0, most=_MAX_KEYS)]
        return self.context([_account(self._bank.account(key), options) for key in keys])

    def _program_accounts(self, p: Params) -> Any:
        program, options = p.key(0), p.options(1)
        self.check_min_slot(options)
        matches = AccountFilter(options)
        listed = [
            {"pubkey": str(key), "account": _account(account, options)}
            for key, account in self._bank.program_accounts(program)
            if matches(bytes(account.data))
        ]
        return self.context(listed) if options.flag("withContext") else listed

    def _balance(self, p: Params) -> Any:
        self.check_min_slot(p.options(1))
        account = self._bank.account(p.key(0))
        return self.context(0 if account is None else account.lamports)

    def _token_balance(self, p: Params) -> Any:
        account = self._bank.account(p.key(0))
        if account is None:
            raise RpcError(INVALID_PARAMS, "Invalid param: could not find account")
        token = layouts.read_token(bytes(account.data)) if account.owner in layouts.TOKEN_PROGRAMS else None
        if token is None:
            raise RpcError(INVALID_PARAMS, "Invalid param: not a Token account")
        return self.context(token_amount(token.amount, balances.decimals(token.mint, self._bank.account)))

    def _tokens_by_owner(self, p: Params) -> Any:
        owner, by, options = p.key(0), p.options(1), p.options(2)
        mint, program = by.text("mint", ""), by.text("programId", "")
        if bool(mint) == bool(program):
            raise RpcError(INVALID_PARAMS, "Invalid params: give mint or programId")
        wanted = wire.parse_key(mint) if mint else None
        programs = layouts.TOKEN_PROGRAMS if mint else (wire.parse_key(program),)
        if not set(programs) <= set(layouts.TOKEN_PROGRAMS):
            raise RpcError(INVALID_PARAMS, "Invalid param: unrecognized Token program id")
        listed = []
        for key, account in (pair for program_id in programs for pair in self._bank.program_accounts(program_id)):
            token = layouts.read_token(bytes(account.data))
            if token is not None and token.owner == owner and wanted in (None, token.mint):
                listed.append({"pubkey": str(key), "account": _account(account, options)})
        return self.context(listed)

    def _latest_blockhash(self, p: Params) -> Any:
        self.check_min_slot(p.options(0))
        ticks = self._bank.ticks
        height = ticks.last_valid_height(ticks.latest)
        return self.context({"blockhash": ticks.latest, "lastValidBlockHeight": height})

    def _blockhash_valid(self, p: Params) -> Any:
        self.check_min_slot(p.options(1))
        text = p.text(0)
        wire.parse_key(text)
        return self.context(self._bank.ticks.last_valid_height(text) is not None)

    def _block_time(self, p: Params) -> Any:
        slot, ticks = p.whole(0, most=_MAX_U64), self._bank.ticks
        if not ticks.first_slot <= slot <= ticks.slot:
            raise RpcError(-32004, f"Block not available for slot {slot}")
        return ticks.unix_s(slot)

    def _prioritization_fees(self, p: Params) -> Any:
        keys = [str(wire.parse_key(key)) for key in p.list(0, most=_MAX_FEE_KEYS, optional=True)]
        return [{"slot": slot, "prioritizationFee": fee} for slot, fee in self._bank.records.lowest_prices(keys)]


def token_amount(amount: int, places: int) -> dict[str, Any]:
    """UiTokenAmount; the deprecated `uiAmount` is null because money is never a float here."""
    text = balances.as_text(amount, places)
    return {"amount": str(amount), "decimals": places, "uiAmount": None, "uiAmountString": text}


def _account(account: Account | None, options: Options) -> Any:
    part = options.inner("dataSlice")
    bounds = None
    if part is not None:
        bounds = (part.whole("offset", most=_MAX_U64) or 0, part.whole("length", most=_MAX_U64) or 0)
    return account_json(account, options.text("encoding", "base64"), bounds)


class AccountFilter:
    """Conjunction of the dataSize and memcmp filters of a request."""

    def __init__(self, options: Options) -> None:
        self._sizes: list[int] = []
        self._parts: list[tuple[int, bytes]] = []
        for entry in options.list("filters", most=_MAX_FILTERS):
            one = Params([entry]).options(0)
            size, memcmp = one.whole("dataSize", most=_MAX_U64), one.inner("memcmp")
            if size is not None:
                self._sizes.append(size)
            elif memcmp is not None:
                self._parts.append((memcmp.whole("offset", most=_MAX_U64) or 0, _filter_bytes(memcmp)))
            else:
                raise RpcError(INVALID_PARAMS, "Invalid params: a filter is dataSize or memcmp")

    def __call__(self, data: bytes) -> bool:
        """Does the account data pass every filter?"""
        return all(len(data) == size for size in self._sizes) and all(
            data[offset : offset + len(part)] == part for offset, part in self._parts
        )


def _filter_bytes(memcmp: Options) -> bytes:
    text = memcmp.text("bytes", "")
    if len(text) > _MAX_FILTER_TEXT:
        raise RpcError(INVALID_PARAMS, "Invalid params: memcmp bytes are too long")
    encoding = memcmp.text("encoding", "base58")
    if encoding not in ("base58", "base64"):
        raise RpcError(INVALID_PARAMS, "Invalid params: memcmp encoding is base58 or base64")
    return from_base58(text) if encoding == "base58" else from_base64(text)
