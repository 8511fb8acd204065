// @ellipsis-labs/phoenix-sdk on the market account that the native suite quotes. It answers in floating-point units of
// whole tokens, so nothing is exact; the answer is checked to a millionth of the quote token.

import { load, report } from "./measure.mjs";

const { MarketState, Side } = load("@ellipsis-labs/phoenix-sdk");
const { PublicKey } = load("@solana/web3.js");

const [CAPACITY, BIDS, NODE, ORDERS] = [64, 880, 64, 20];
const [AMOUNT, OUT] = [12.5, 1873.303264];

// Bids, asks, and no traders.
const side = 32 + CAPACITY * NODE;
const buffer = Buffer.alloc(BIDS + 2 * side + 32);
const words = [[8, 1], [16, CAPACITY], [24, CAPACITY], [112, 1_000_000], [192, 1], [200, 1_000], [832, 1_000], [840, 1_000], [848, 1], [856, 2]];
for (const [at, value] of words) buffer.writeBigUInt64LE(BigInt(value), at);
// Decimals of both tokens, and raw units in a base unit.
for (const [at, value] of [[40, 9], [120, 6], [312, 1]]) buffer.writeUInt32LE(value, at);
buffer.writeUInt32LE(1, BIDS);
for (const at of [24, 28]) buffer.writeUInt32LE(ORDERS + 1, BIDS + at);
for (let number = 0; number < ORDERS; number++) {
  const at = BIDS + 32 + number * NODE;
  buffer.writeUInt32LE(number < ORDERS - 1 ? number + 2 : 0, at + 4);
  buffer.writeBigUInt64LE(BigInt(149900 - number), at + 16);
  buffer.writeBigUInt64LE(BigInt(number), at + 24);
  buffer.writeBigUInt64LE(1000n, at + 40);
}

const market = MarketState.load({ address: new PublicKey(Buffer.alloc(32, 1)), buffer });
const asked = { side: Side.Ask, inAmount: AMOUNT, slot: 1, unixTimestamp: 1700000000 };
const quote = () => market.getExpectedOutAmount(asked);
if (!(Math.abs(quote() - OUT) < 1e-6)) throw new Error(`quote_phoenix: ${quote()}, not ${OUT}`);
await report("quote_phoenix", "phoenix_sdk", null, quote);
