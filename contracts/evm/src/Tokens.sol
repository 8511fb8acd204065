// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

interface IERC20 {
    function balanceOf(address owner) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function approve(address spender, uint256 amount) external returns (bool);
}

/// Moves ERC-20 tokens whether they return a bool, return nothing, or revert; `false` counts as failure.
library Tokens {
    error TokenFailed(address token);

    function balance(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function send(address token, address to, uint256 amount) internal {
        _call(token, abi.encodeCall(IERC20.transfer, (to, amount)));
    }

    function allow(address token, address spender, uint256 amount) internal {
        _call(token, abi.encodeCall(IERC20.approve, (spender, amount)));
    }

    function allowed(address token, address spender) internal view returns (uint256) {
        return IERC20(token).allowance(address(this), spender);
    }

    /// An empty answer is success only from an address that has code: a call to an empty address also succeeds.
    function _call(address token, bytes memory data) private {
        (bool ok, bytes memory answer) = token.call(data);
        if (!ok && answer.length != 0) {
            assembly {
                revert(add(answer, 32), mload(answer)) // the token's own words say more than ours
            }
        }
        bool good = answer.length == 0 ? token.code.length != 0 : answer.length >= 32 && abi.decode(answer, (uint256)) == 1;
        if (!ok || !good) revert TokenFailed(token);
    }
}
