// @meteora-ag/dlmm on the DLMM workload, every quote and fee checked against it.

import { load, report, same, workload } from "./measure.mjs";

const BN = load("bn.js");
const library = load("@meteora-ag/dlmm");
const { PublicKey } = load("@solana/web3.js");
const DLMM = library.default ?? library;

const BINS = 70;
const ACTIVE = 100;
const STEP = 10;
const ARRAYS = [0, 1, 2];

const zero = () => new BN(0);

function bin(id) {
  return {
    amountX: new BN(id >= ACTIVE ? "1000000000" : "0"),
    amountY: new BN(id <= ACTIVE ? "1000000000" : "0"),
    price: new BN(library.getQPriceFromId(new BN(id), new BN(STEP)).toString()),
    liquiditySupply: new BN(1),
    functionBytes: [],
    openOrderAmount: zero(),
    processedOrderRemainingAmount: zero(),
    limitOrderAskSide: 0,
    rewardPerTokenStored: [zero(), zero()],
    feeAmountXPerTokenStored: zero(),
    feeAmountYPerTokenStored: zero(),
    amountXIn: zero(),
    amountYIn: zero(),
  };
}

const arrays = ARRAYS.map((index) => ({
  publicKey: new PublicKey(Buffer.alloc(32, 30 + index)),
  account: { index: new BN(index), version: 1, bins: Array.from({ length: BINS }, (_, at) => bin(index * BINS + at)) },
}));
const bitmap = Array.from({ length: 16 }, zero);
for (const index of ARRAYS) bitmap[(index + 512) >> 6].iadd(new BN(1).shln((index + 512) & 63));

const pool = Object.assign(Object.create(DLMM.prototype), {
  tokenX: { mint: { tlvData: Buffer.alloc(0) } },
  tokenY: { mint: { tlvData: Buffer.alloc(0) } },
  clock: { epoch: new BN(1), unixTimestamp: zero() },
  binArrayBitmapExtension: null,
  lbPair: {
    activeId: ACTIVE,
    binStep: STEP,
    binArrayBitmap: bitmap,
    rewardInfos: [],
    parameters: {
      baseFactor: 10000,
      filterPeriod: 30,
      decayPeriod: 600,
      reductionFactor: 5000,
      variableFeeControl: 40000,
      maxVolatilityAccumulator: 350000,
      minBinId: -443636,
      maxBinId: 443636,
      protocolShare: 500,
      baseFeePowerFactor: 0,
      functionType: 1,
      collectFeeMode: 0,
    },
    vParameters: {
      volatilityAccumulator: 0,
      volatilityReference: 0,
      indexReference: ACTIVE,
      lastUpdateTimestamp: zero(),
    },
  },
});

for (const [crossed, amount, out, fee] of JSON.parse(workload("dlmm_case.json"))) {
  const quote = () => pool.swapQuote(new BN(amount), true, zero(), arrays);
  same(`quote_dlmm_${crossed}`, quote().outAmount, out);
  same(`quote_dlmm_${crossed} fee`, quote().fee, fee);
  await report(`quote_dlmm_${crossed}`, "meteora_dlmm_sdk", true, quote);
}
