"""Error codes C…: chain."""

from __future__ import annotations

from hoploop.codes._info import INVALID, UNREACHABLE, CodeInfo

CODES: dict[str, CodeInfo] = {
    # C1…: EVM connectors
    "C101": CodeInfo("an EVM node did not answer", "check the endpoint; the connector has tried again already", UNREACHABLE),
    "C102": CodeInfo("an EVM node's answer is not understood", "is the endpoint an Ethereum JSON-RPC node? try another one", UNREACHABLE),
    "C103": CodeInfo("an EVM node refused a call", "the node's own words are in the message", UNREACHABLE),
    "C104": CodeInfo("an EVM node asks to slow down", "use an endpoint with a higher limit, or fewer pools", UNREACHABLE),
    "C106": CodeInfo("the EVM chain contradicts the recipe", "correct the named field, or read it from the chain again", INVALID),
    "C107": CodeInfo("EVM bytes are not what their layout says", "does the address belong to the named protocol?"),
    "C108": CodeInfo("not an EVM address", "an address is 0x and 40 hex digits; check the checksum's upper and lower case", INVALID),
    "C109": CodeInfo("an EVM endpoint of this kind is not supported", "use ipc:PATH, ws://… or wss://…: subscriptions are needed", INVALID),
    "C111": CodeInfo("the EVM transaction is over the chain's limits", "use fewer hops"),
    "C121": CodeInfo("an EVM route refused the transaction", "the route's own words are in the message"),
    "C122": CodeInfo("an EVM route asks to slow down", "use another route or a higher limit"),
    "C123": CodeInfo("an EVM route gave no usable answer", "whether the transaction arrived is settled from the chain"),
    # C2…: Solana connectors
    "C201": CodeInfo("a Solana node did not answer", "check the endpoint; the connector has tried again already", UNREACHABLE),
    "C202": CodeInfo("a Solana node's answer is not understood", "is the endpoint a Solana JSON-RPC node? try another one", UNREACHABLE),
    "C203": CodeInfo("a Solana node refused a call", "the node's own words are in the message", UNREACHABLE),
    "C204": CodeInfo("a Solana node asks to slow down", "use an endpoint with a higher limit, or fewer strategies", UNREACHABLE),
    "C205": CodeInfo("a Solana node's answer is too large", "try another endpoint", UNREACHABLE),
    "C206": CodeInfo("the chain contradicts the recipe", "correct the named field, or read it from the chain again", INVALID),
    "C207": CodeInfo("account bytes are not what their layout says", "does the address belong to the named program?"),
    "C208": CodeInfo("not a Solana public key", "a public key is base58 text of 32 bytes", INVALID),
    "C209": CodeInfo("not a Solana endpoint", "an endpoint is an http or https URL, or `embedded`", INVALID),
    "C211": CodeInfo("the transaction is over the chain's limits", "use a lookup table or fewer hops"),
    "C212": CodeInfo("a lookup table cannot be used", "create it, wait one slot, or remove it from `lookup_tables`", INVALID),
    "C213": CodeInfo("the signing key cannot be used", "correct `key` or `owner` of the chain", INVALID),
    "C214": CodeInfo("no recent blockhash yet", "wait until the chain answers"),
    "C215": CodeInfo("no step can carry the profit guard", "a swap step must say where its minimum output is"),
    "C221": CodeInfo("a Solana route refused the transaction", "the route's own words are in the message"),
    "C222": CodeInfo("a Solana route asks to slow down", "use another route or a higher limit"),
    "C223": CodeInfo("a Solana route gave no usable answer", "whether the transaction arrived is settled from the chain"),
}
