// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

enum SwapKind {
    V2, // pair.swap with a given output: any constant-product fork, whatever its fee
    V3 // pool.swap with a callback: exact input
}

enum LenderKind {
    None, // own capital
    AaveV3,
    BalancerV2
}

/// One swap. It spends what the swap before delivered (the first: `Route.amountIn`), at most `maxIn`.
struct Swap {
    SwapKind kind;
    address pool;
    address tokenOut;
    uint256 maxIn;
    uint256 amountOut; // V2: exactly asked of the pair. V3: least accepted.
}

/// A cycle of swaps that starts and ends in `asset`.
struct Route {
    address asset;
    uint256 amountIn;
    Swap[] swaps;
}

/// A flash loan of `Route.asset`.
struct Loan {
    LenderKind kind;
    address lender; // Aave: Pool. Balancer: Vault.
    uint256 amount;
}

struct Plan {
    Route route;
    Loan loan;
    uint256 minProfit; // least growth of this contract's balance of `Route.asset`, loan and its fee repaid
    uint256 validUntilBlock;
}
