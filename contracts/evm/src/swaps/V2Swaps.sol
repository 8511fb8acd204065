// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Swap} from "../Plan.sol";
import {Tokens} from "../Tokens.sol";

interface IV2Pair {
    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata data) external;
}

/// Swaps on a constant-product pair itself: pay first, then ask for the output. The pair's own K check knows its fee.
abstract contract V2Swaps {
    function _swapV2(Swap memory leg, address tokenIn, uint256 amountIn) internal {
        Tokens.send(tokenIn, leg.pool, amountIn);
        (uint256 out0, uint256 out1) = tokenIn < leg.tokenOut ? (uint256(0), leg.amountOut) : (leg.amountOut, uint256(0));
        IV2Pair(leg.pool).swap(out0, out1, address(this), "");
    }
}
