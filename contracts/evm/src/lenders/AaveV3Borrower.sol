// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Route} from "../Plan.sol";
import {Tokens} from "../Tokens.sol";
import {Borrower} from "./Borrower.sol";

interface IAaveV3Pool {
    function flashLoanSimple(address receiver, address asset, uint256 amount, bytes calldata params, uint16 referral)
        external;
}

/// Aave V3 pulls amount and premium after the callback, so it needs an allowance: exact, and zero again afterwards.
abstract contract AaveV3Borrower is Borrower {
    error ForeignInitiator(address initiator);
    error ResidualApproval(address spender);

    function _borrowAaveV3(address pool, address asset, uint256 amount, bytes memory data) internal {
        _arm(pool, data);
        IAaveV3Pool(pool).flashLoanSimple(address(this), asset, amount, data, 0);
        _disarmed(pool);
        if (Tokens.allowed(asset, pool) != 0) revert ResidualApproval(pool);
    }

    /// Anybody can start a loan with this contract as receiver: the initiator must be this contract itself.
    function executeOperation(address asset, uint256 amount, uint256 premium, address initiator, bytes calldata data)
        external
        returns (bool)
    {
        _accept(data);
        if (initiator != address(this)) revert ForeignInitiator(initiator);
        (Route memory route, uint256 wanted) = abi.decode(data, (Route, uint256));
        if (asset != route.asset || amount != wanted) revert WrongLoan();
        _whileBorrowed(route);
        Tokens.allow(asset, msg.sender, amount + premium);
        return true;
    }
}
