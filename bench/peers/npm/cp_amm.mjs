// @meteora-ag/cp-amm-sdk (DAMM v2) on the account bytes that the native suite quotes, its answer checked.

import { load, report, same } from "./measure.mjs";

const BN = load("bn.js");
const { cpAmmCoder, swapQuoteExactInput } = load("@meteora-ag/cp-amm-sdk");

const ONE = 1n << 64n;
const LENGTH = 1112;
const [AMOUNT, OUT] = ["10000000000", "9876237623"];

const data = Buffer.alloc(LENGTH);
Buffer.from("f19a6d0411b16dbc", "hex").copy(data);
data.writeBigUInt64LE(2500000n, 8);
[168, 200, 232, 264].forEach((at, number) => data.fill(number + 3, at, at + 32));
for (const [at, value] of [[360, 10n ** 12n << 64n], [424, ONE / 4n], [440, ONE * 4n], [456, ONE]]) {
  data.writeBigUInt64LE(value & (ONE - 1n), at);
  data.writeBigUInt64LE(value >> 64n, at + 8);
}
data[480] = 1;

// The coder has the program's names, the SDK reads its own.
function renamed(value) {
  if (Array.isArray(value)) return value.map(renamed);
  if (value?.constructor !== Object) return value;
  const named = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [named(name), renamed(held)]));
}

const pool = renamed(cpAmmCoder.accounts.decode("Pool", data));
const point = new BN(1700000000);
const quote = () => swapQuoteExactInput(pool, point, new BN(AMOUNT), 0, true, false, 9, 9);
same("quote_damm2", quote().outputAmount, OUT);
await report("quote_damm2", "meteora_cp_amm_sdk", true, quote);
