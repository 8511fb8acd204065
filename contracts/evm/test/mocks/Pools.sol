// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20, Tokens} from "../../src/Tokens.sol";

interface IV3Callback {
    function uniswapV3SwapCallback(int256, int256, bytes calldata) external;
}

/// A constant-product pair that enforces K with a fee of `fee`/10000, as V2 forks do.
contract Pair {
    address public immutable token0;
    address public immutable token1;
    uint256 public immutable fee;
    uint256 public reserve0;
    uint256 public reserve1;

    constructor(address a, address b, uint256 fee_) {
        (token0, token1) = a < b ? (a, b) : (b, a);
        fee = fee_;
    }

    function sync() public {
        reserve0 = IERC20(token0).balanceOf(address(this));
        reserve1 = IERC20(token1).balanceOf(address(this));
    }

    function swap(uint256 out0, uint256 out1, address to, bytes calldata) external {
        if (out0 != 0) Tokens.send(token0, to, out0);
        if (out1 != 0) Tokens.send(token1, to, out1);
        uint256 balance0 = IERC20(token0).balanceOf(address(this));
        uint256 balance1 = IERC20(token1).balanceOf(address(this));
        uint256 in0 = balance0 > reserve0 - out0 ? balance0 - (reserve0 - out0) : 0;
        uint256 in1 = balance1 > reserve1 - out1 ? balance1 - (reserve1 - out1) : 0;
        uint256 k = (balance0 * 10000 - in0 * fee) * (balance1 * 10000 - in1 * fee);
        require(k >= reserve0 * reserve1 * 1e8, "K");
        sync();
    }

    function quote(address tokenIn, uint256 amountIn) external view returns (uint256) {
        (uint256 rIn, uint256 rOut) = tokenIn == token0 ? (reserve0, reserve1) : (reserve1, reserve0);
        uint256 net = amountIn * (10000 - fee);
        return net * rOut / (rIn * 10000 + net);
    }
}

/// A callback pool with a fixed price `num/den` (token out per token in), which may take only a part of what is offered.
contract CallbackPool {
    address public immutable token0;
    address public immutable token1;
    uint256 public num = 1;
    uint256 public den = 1;
    uint256 public taken = 100; // percent
    bool public silent;

    constructor(address a, address b) {
        (token0, token1) = a < b ? (a, b) : (b, a);
    }

    function set(uint256 num_, uint256 den_, uint256 taken_, bool silent_) external {
        (num, den, taken, silent) = (num_, den_, taken_, silent_);
    }

    function swap(address to, bool zeroForOne, int256 amount, uint160, bytes calldata data)
        external
        returns (int256 amount0, int256 amount1)
    {
        (address tokenIn, address tokenOut) = zeroForOne ? (token0, token1) : (token1, token0);
        uint256 used = uint256(amount) * taken / 100;
        uint256 out = used * num / den;
        Tokens.send(tokenOut, to, out);
        (amount0, amount1) = zeroForOne ? (int256(used), -int256(out)) : (-int256(out), int256(used));
        if (silent) return (amount0, amount1);
        uint256 before = IERC20(tokenIn).balanceOf(address(this));
        IV3Callback(msg.sender).uniswapV3SwapCallback(amount0, amount1, data);
        require(IERC20(tokenIn).balanceOf(address(this)) >= before + used, "IIA");
    }
}
