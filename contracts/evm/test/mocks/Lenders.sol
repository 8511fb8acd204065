// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20, Tokens} from "../../src/Tokens.sol";

interface IAaveReceiver {
    function executeOperation(address, uint256, uint256, address, bytes calldata) external returns (bool);
}

interface IVaultReceiver {
    function receiveFlashLoan(address[] calldata, uint256[] calldata, uint256[] calldata, bytes calldata) external;
}

interface IPull {
    function transferFrom(address, address, uint256) external;
}

/// Lends like Aave V3: premium in basis points rounded half up, pulled afterwards; can be told to misbehave.
contract AavePool {
    uint256 public premiumBps = 5;
    uint256 public left; // not pulled at the end
    bool public silent;

    function set(uint256 premiumBps_, uint256 left_, bool silent_) external {
        (premiumBps, left, silent) = (premiumBps_, left_, silent_);
    }

    function flashLoanSimple(address receiver, address asset, uint256 amount, bytes calldata params, uint16) external {
        if (silent) return;
        uint256 premium = (amount * premiumBps + 5000) / 10000;
        Tokens.send(asset, receiver, amount);
        require(IAaveReceiver(receiver).executeOperation(asset, amount, premium, msg.sender, params), "receiver");
        IPull(asset).transferFrom(receiver, address(this), amount + premium - left);
    }
}

/// Lends like the Balancer V2 Vault: checks its balance afterwards; can hand over other data than it was given.
contract Vault {
    uint256 public fee;
    bytes public forged;

    function set(uint256 fee_, bytes calldata forged_) external {
        (fee, forged) = (fee_, forged_);
    }

    function flashLoan(address to, address[] calldata tokens, uint256[] calldata amounts, bytes calldata data) external {
        uint256 before = IERC20(tokens[0]).balanceOf(address(this));
        uint256[] memory fees = new uint256[](1);
        fees[0] = fee;
        Tokens.send(tokens[0], to, amounts[0]);
        bytes memory given = data;
        if (forged.length != 0) given = forged;
        IVaultReceiver(to).receiveFlashLoan(tokens, amounts, fees, given);
        require(IERC20(tokens[0]).balanceOf(address(this)) >= before + fee, "BAL#515");
    }
}
