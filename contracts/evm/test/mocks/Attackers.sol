// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {HoploopExecutor} from "../../src/HoploopExecutor.sol";
import {Plan} from "../../src/Plan.sol";
import {IERC20} from "../../src/Tokens.sol";
import {IHook} from "./Tokens.sol";
import {IAaveReceiver, IVaultReceiver} from "./Lenders.sol";

/// Calls the executor's callbacks in the middle of a flight; as a pair it keeps what it gets.
contract CallbackThief is IHook {
    HoploopExecutor private immutable executor;

    constructor(HoploopExecutor executor_) {
        executor = executor_;
    }

    function onTransfer(address, address, uint256) external {
        executor.uniswapV3SwapCallback(1 ether, 0, abi.encode(msg.sender, uint256(1 ether)));
    }

    function swap(uint256, uint256, address, bytes calldata) external {}
}

/// An Aave-shaped lender that is armed, yet names a stranger as initiator.
contract ProxyLoan {
    function flashLoanSimple(address receiver, address asset, uint256 amount, bytes calldata params, uint16) external {
        IAaveReceiver(receiver).executeOperation(asset, amount, 0, address(this), params);
    }
}

/// A Vault-shaped lender that calls back twice or lends less than was asked.
contract GreedyLender {
    bool private twice;
    uint256 private short;

    function setTwice(bool twice_) external {
        twice = twice_;
    }

    function setShort(uint256 short_) external {
        short = short_;
    }

    function flashLoan(address to, address[] calldata tokens, uint256[] calldata wanted, bytes calldata data) external {
        uint256[] memory amounts = new uint256[](1);
        amounts[0] = wanted[0] - short;
        IERC20(tokens[0]).transfer(to, amounts[0]);
        IVaultReceiver(to).receiveFlashLoan(tokens, amounts, new uint256[](1), data);
        if (twice) IVaultReceiver(to).receiveFlashLoan(tokens, amounts, new uint256[](1), data);
    }
}

/// Executor or owner that a token's transfer hook lets in again.
contract Reenterer is IHook {
    HoploopExecutor private immutable executor;
    Plan private plan;

    constructor(HoploopExecutor executor_) {
        executor = executor_;
    }

    function run(Plan calldata plan_) external {
        plan.route.asset = plan_.route.asset;
        plan.validUntilBlock = plan_.validUntilBlock;
        executor.execute(plan_);
    }

    function own() external {
        executor.acceptOwnership();
    }

    function onTransfer(address, address, uint256) external {
        if (executor.owner() == address(this)) executor.sweep(msg.sender, address(this));
        else executor.execute(plan);
    }
}
