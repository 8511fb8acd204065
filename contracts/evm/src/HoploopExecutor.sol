// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AaveV3Borrower} from "./lenders/AaveV3Borrower.sol";
import {BalancerV2Borrower} from "./lenders/BalancerV2Borrower.sol";
import {LenderKind, Loan, Plan, Route, Swap, SwapKind} from "./Plan.sol";
import {Roles} from "./Roles.sol";
import {V2Swaps} from "./swaps/V2Swaps.sol";
import {V3Swaps} from "./swaps/V3Swaps.sol";
import {Tokens} from "./Tokens.sol";

/// Runs one cycle of swaps, with a flash loan or own capital, and reverts unless it earned what was asked.
///
/// No balance of this contract can shrink in `execute`: the profit asset is checked at the end, and every other token
/// is spent only as far as the swap before delivered it. So a stolen executor key wastes gas and nothing else.
contract HoploopExecutor is Roles, V2Swaps, V3Swaps, AaveV3Borrower, BalancerV2Borrower {
    error Expired(uint256 validUntilBlock);
    error NotACycle();
    error Short(uint256 leg, uint256 delivered, uint256 wanted);
    error Unprofitable(uint256 balance, uint256 wanted);
    error SweepFailed();

    event Executed(address indexed asset, uint256 profit, address indexed lender, uint256 loan);

    constructor(address owner_, address executor_) Roles(owner_, executor_) {}

    /// Returns the growth of the balance of `plan.route.asset`, loan and its fee repaid.
    function execute(Plan calldata plan) external onlyExecutor lands returns (uint256 profit) {
        if (block.number > plan.validUntilBlock) revert Expired(plan.validUntilBlock);
        address asset = plan.route.asset;
        uint256 before = Tokens.balance(asset);
        _borrow(plan.loan, plan.route);
        uint256 balance = Tokens.balance(asset);
        if (balance < before + plan.minProfit) revert Unprofitable(balance, before + plan.minProfit);
        profit = balance - before;
        emit Executed(asset, profit, plan.loan.lender, plan.loan.amount);
    }

    /// Sends everything of one token, or of the native coin for the zero address, to `to`.
    function sweep(address token, address to) external onlyOwner lands {
        if (to == address(0)) revert ZeroAddress();
        if (token != address(0)) return Tokens.send(token, to, Tokens.balance(token));
        (bool ok,) = to.call{value: address(this).balance}("");
        if (!ok) revert SweepFailed();
    }

    function _borrow(Loan calldata loan, Route calldata route) private {
        if (loan.kind == LenderKind.None) return _whileBorrowed(route);
        bytes memory data = abi.encode(route, loan.amount);
        if (loan.kind == LenderKind.AaveV3) _borrowAaveV3(loan.lender, route.asset, loan.amount, data);
        else _borrowBalancerV2(loan.lender, route.asset, loan.amount, data);
    }

    function _whileBorrowed(Route memory route) internal override {
        address token = route.asset;
        uint256 available = route.amountIn;
        for (uint256 i = 0; i < route.swaps.length; i++) {
            Swap memory leg = route.swaps[i];
            available = _swap(leg, i, token, available < leg.maxIn ? available : leg.maxIn);
            token = leg.tokenOut;
        }
        if (token != route.asset || route.swaps.length == 0) revert NotACycle();
    }

    /// Returns what arrived here, measured: never what a pool claims.
    function _swap(Swap memory leg, uint256 index, address tokenIn, uint256 amountIn) private returns (uint256) {
        uint256 before = Tokens.balance(leg.tokenOut);
        if (leg.kind == SwapKind.V2) _swapV2(leg, tokenIn, amountIn);
        else _swapV3(leg, tokenIn, amountIn);
        uint256 delivered = Tokens.balance(leg.tokenOut) - before;
        if (delivered < leg.amountOut) revert Short(index, delivered, leg.amountOut);
        return delivered;
    }
}
