// @raydium-io/raydium-sdk-v2: a constant-product quote checked here, and CLMM quotes on a pool of 40 positions.

import { load, report, same } from "./measure.mjs";

const BN = load("bn.js");
const { CurveCalculator, PoolUtils, TickUtil } = load("@raydium-io/raydium-sdk-v2");
const { PublicKey } = load("@solana/web3.js");

const WHO = "raydium_sdk_v2";
const SPACING = 60;
const SLOTS = 60;
const FEE = 3000;
// Crossings, what goes in, and what bench/forge.py makes `hoploop.hot` answer on the same pool.
const CLMM_ASKED = [
  [0, "100000000000", "100692261502"],
  [10, "1350000000000", "1322281743159"],
];
const NO_GROWTH = { feeGrowthOutsideX64A: new BN(0), feeGrowthOutsideX64B: new BN(0) };
const NO_ORDERS = {
  orderPhase: new BN(0),
  ordersAmount: new BN(0),
  partFilledOrdersRemaining: new BN(0),
  unfilledRatioX64: new BN(0),
};

const key = (number) => new PublicKey(Buffer.alloc(32, number));
const big = (value) => new BN(value.toString());

await constantProduct();
await concentrated();

async function constantProduct() {
  const [amount, held, other] = [10n ** 9n, 800n * 10n ** 9n, 150n * 10n ** 9n];
  const rates = [2500, 0, 120000, 40000].map((rate) => new BN(rate));
  const quote = () => CurveCalculator.swapBaseInput(big(amount), big(held), big(other), ...rates, true);
  const paid = amount - (amount * 2500n + 999_999n) / 1_000_000n;
  same("quote_cpmm", quote().outputAmount, (paid * other) / (held + paid));
  await report("quote_cpmm", WHO, true, quote);
}

async function concentrated() {
  const net = new Map();
  let liquidity = 0n;
  for (let at = 0n; at < 40n; at++) {
    const size = 10n ** 12n + at * 10n ** 10n;
    const [low, high] = [60 - SPACING * Number(at), 180 + SPACING * Number(at)];
    net.set(low, (net.get(low) ?? 0n) + size);
    net.set(high, (net.get(high) ?? 0n) - size);
    liquidity += size;
  }
  const [pool, arrays, extension] = forged(net, liquidity);
  for (const [crossed, amount, expected] of CLMM_ASKED) {
    const quote = () => PoolUtils.getOutputAmountAndRemainAccounts(pool, extension, arrays, key(1), new BN(amount), 0);
    same(`quote_clmm_${crossed}`, quote().expectedAmountOut, expected);
    await report(`quote_clmm_${crossed}`, WHO, true, quote);
  }
}

function forged(net, liquidity) {
  const length = SLOTS * SPACING;
  const arrays = {};
  const bitmap = Buffer.alloc(128);
  for (const step of [-1, 0, 1]) {
    const start = step * length;
    const ticks = Array.from({ length: SLOTS }, (_, slot) => mark(start + slot * SPACING, net));
    const initializedTickCount = ticks.filter((tick) => !tick.liquidityGross.isZero()).length;
    arrays[start] = { poolId: key(9), startTickIndex: start, ticks, initializedTickCount, address: key(20 + step) };
    bitmap[(step + 512) >> 3] |= 1 << ((step + 512) & 7);
  }
  const account = {
    bump: 0,
    tickSpacing: SPACING,
    liquidity: big(liquidity),
    sqrtPriceX64: TickUtil.getSqrtPriceAtTick(120),
    tickCurrent: 120,
    feeGrowthGlobalX64A: new BN(0),
    feeGrowthGlobalX64B: new BN(0),
    feeOn: 0,
    tickArrayBitmap: bitmap,
    dynamicFeeInfo: {
      filterPeriod: 0,
      decayPeriod: 0,
      reductionFactor: 0,
      dynamicFeeControl: 0,
      maxVolatilityAccumulator: 0,
      tickSpacingIndexReference: 0,
      volatilityReference: 0,
      volatilityAccumulator: 0,
      lastUpdateTimestamp: new BN(0),
    },
  };
  const pool = {
    programId: key(8),
    id: key(9),
    mintA: { address: key(1).toBase58() },
    mintB: { address: key(2).toBase58() },
    accInfo: account,
    ammConfig: { tradeFeeRate: FEE, protocolFeeRate: 120000, fundFeeRate: 40000 },
  };
  const extension = { positiveTickArrayBitmap: Buffer.alloc(896), negativeTickArrayBitmap: Buffer.alloc(896) };
  return [pool, arrays, extension];
}

function mark(tick, net) {
  const value = net.get(tick);
  const gross = value === undefined ? 0n : value < 0n ? -value : value;
  const rewardGrowthsOutsideX64 = [new BN(0), new BN(0), new BN(0)];
  const marked = { tick, liquidityNet: big(value ?? 0n), liquidityGross: big(gross), rewardGrowthsOutsideX64 };
  return { ...marked, ...NO_GROWTH, ...NO_ORDERS };
}
