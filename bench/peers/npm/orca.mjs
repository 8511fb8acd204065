// @orca-so/whirlpools-core (Rust compiled to WASM), every quote checked against the workload.

import { load, report, same, workload } from "./measure.mjs";

const orca = load("@orca-so/whirlpools-core");
const SLOTS = 88;

const state = JSON.parse(workload("orca_case.json"));
const net = new Map(state.net.map(([tick, value]) => [tick, BigInt(value)]));
const length = SLOTS * state.spacing;
const here = Math.floor(state.cur / length);
const arrays = [-2, -1, 0, 1, 2].map((step) => {
  const start = (here + step) * length;
  return { startTickIndex: start, ticks: Array.from({ length: SLOTS }, (_, slot) => mark(start + slot * state.spacing)) };
});
const pool = {
  feeTierIndexSeed: new Uint8Array([state.spacing & 255, state.spacing >> 8]),
  tickSpacing: state.spacing,
  feeRate: state.fee,
  protocolFeeRate: 1300,
  liquidity: BigInt(state.L),
  sqrtPrice: BigInt(state.sqrt),
  tickCurrentIndex: state.cur,
  feeGrowthGlobalA: 0n,
  feeGrowthGlobalB: 0n,
  rewardLastUpdatedTimestamp: 0n,
  rewardInfos: Array.from({ length: 3 }, () => ({ emissionsPerSecondX64: 0n, growthGlobalX64: 0n })),
};

for (const [amount, expected, crossed] of state.cases) {
  const quote = () => orca.swapQuoteByInputToken(BigInt(amount), true, 0, pool, null, arrays, 0n, null, null);
  same(`quote_whirlpool_${crossed}`, quote().tokenEstOut, expected);
  await report(`quote_whirlpool_${crossed}`, "orca_whirlpools_wasm", true, quote);
}

function mark(tick) {
  const value = net.get(tick);
  return {
    initialized: value !== undefined,
    liquidityNet: value ?? 0n,
    liquidityGross: value === undefined ? 0n : value < 0n ? -value : value,
    feeGrowthOutsideA: 0n,
    feeGrowthOutsideB: 0n,
    rewardGrowthsOutside: [0n, 0n, 0n],
  };
}
