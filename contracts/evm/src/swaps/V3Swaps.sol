// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Flight} from "../Flight.sol";
import {Swap} from "../Plan.sol";
import {Tokens} from "../Tokens.sol";

interface IV3Pool {
    function swap(address recipient, bool zeroForOne, int256 amountSpecified, uint160 limit, bytes calldata data)
        external
        returns (int256 amount0, int256 amount1);
}

/// Exact-input swaps on a concentrated-liquidity pool; the pool is paid in its callback.
abstract contract V3Swaps is Flight {
    error NotFilled(address pool);

    uint160 private constant LOWEST_PRICE = 4295128740; // MIN_SQRT_RATIO + 1
    uint160 private constant HIGHEST_PRICE = 1461446703485210103287273052203988822378723970341; // MAX_SQRT_RATIO - 1

    function _swapV3(Swap memory leg, address tokenIn, uint256 amountIn) internal {
        bool zeroForOne = tokenIn < leg.tokenOut;
        bytes memory data = abi.encode(tokenIn, amountIn);
        _arm(leg.pool, data);
        // From 2^255 on the cast turns negative, which asks for exact output: the callback refuses that as not filled.
        IV3Pool(leg.pool).swap(
            address(this), zeroForOne, int256(amountIn), zeroForOne ? LOWEST_PRICE : HIGHEST_PRICE, data
        );
        _disarmed(leg.pool);
    }

    /// A pool that ran out of liquidity takes less than it was offered and does not revert: refuse that here.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
        _accept(data);
        (address tokenIn, uint256 amountIn) = abi.decode(data, (address, uint256));
        int256 owed = amount0Delta > 0 ? amount0Delta : amount1Delta;
        if (owed <= 0 || uint256(owed) != amountIn) revert NotFilled(msg.sender);
        Tokens.send(tokenIn, msg.sender, amountIn);
    }
}
