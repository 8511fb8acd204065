// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Route} from "../Plan.sol";
import {Tokens} from "../Tokens.sol";
import {Borrower} from "./Borrower.sol";

interface IBalancerV2Vault {
    function flashLoan(address recipient, address[] calldata tokens, uint256[] calldata amounts, bytes calldata data)
        external;
}

/// The Balancer V2 Vault is paid back by transfer inside the callback. It names no initiator: being armed is the check.
abstract contract BalancerV2Borrower is Borrower {
    function _borrowBalancerV2(address vault, address asset, uint256 amount, bytes memory data) internal {
        address[] memory tokens = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (tokens[0], amounts[0]) = (asset, amount);
        _arm(vault, data);
        IBalancerV2Vault(vault).flashLoan(address(this), tokens, amounts, data);
        _disarmed(vault);
    }

    function receiveFlashLoan(
        address[] calldata tokens,
        uint256[] calldata amounts,
        uint256[] calldata fees,
        bytes calldata data
    ) external {
        _accept(data);
        (Route memory route, uint256 wanted) = abi.decode(data, (Route, uint256));
        if (tokens.length != 1 || tokens[0] != route.asset || amounts[0] != wanted) revert WrongLoan();
        _whileBorrowed(route);
        Tokens.send(route.asset, msg.sender, wanted + fees[0]);
    }
}
