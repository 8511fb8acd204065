// @uniswap/v3-sdk and @uniswap/v2-sdk, every quote checked against the workload.

import { load, report, same, workload } from "./measure.mjs";

const { CurrencyAmount, Token } = load("@uniswap/sdk-core");
const { Pool, TickListDataProvider } = load("@uniswap/v3-sdk");
const { Pair } = load("@uniswap/v2-sdk");

const tokens = [1, 2].map((number) => new Token(1, `0x${String(number).padStart(40, "0")}`, 18));
const amounts = (values) => values.map((value, at) => CurrencyAmount.fromRawAmount(tokens[at], value.toString()));

const [reserve0, reserve1] = workload("v2_pairs.csv").split("\n")[0].split(",").map(BigInt);
const pair = new Pair(...amounts([reserve0, reserve1]));
const given = 10n ** 17n;
const [asked] = amounts([given]);
same("quote_v2", pair.getOutputAmount(asked)[0].quotient, (given * 997n * reserve1) / (reserve0 * 1000n + given * 997n));
await report("quote_v2", "uniswap_v2_sdk", true, () => pair.getOutputAmount(asked));

const state = JSON.parse(workload("v3_quote.json"));
const marks = state.ticks.map(([index, liquidityGross, liquidityNet]) => ({ index, liquidityGross, liquidityNet }));
const ticks = new TickListDataProvider(marks, state.spacing);
const pool = new Pool(...tokens, state.fee, state.sqrt, state.liq, state.tick, ticks);
for (const row of workload("v3_quote_amounts.txt").trim().split("\n")) {
  const [down, crossed, amount, expected] = row.split(" ");
  const input = CurrencyAmount.fromRawAmount(tokens[down === "1" ? 0 : 1], amount);
  const name = `quote_cl_${crossed}_${down === "1" ? "sell0" : "sell1"}`;
  same(name, (await pool.getOutputAmount(input))[0].quotient, expected);
  await report(name, "uniswap_v3_sdk", true, () => pool.getOutputAmount(input));
}
