// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// Plain ERC-20 with a public mint and a hook that an attack can hang on a transfer.
contract Token {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    address public hook;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function setHook(address hook_) external {
        hook = hook_;
    }

    function approve(address spender, uint256 amount) external virtual returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external virtual returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external virtual returns (bool) {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
        return true;
    }

    function _move(address from, address to, uint256 amount) internal {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        if (hook != address(0)) IHook(hook).onTransfer(from, to, amount);
    }
}

interface IHook {
    function onTransfer(address from, address to, uint256 amount) external;
}

/// Answers nothing, and refuses to change a non-zero allowance, as the best-known stablecoin does.
contract SilentToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        require(amount == 0 || allowance[msg.sender][spender] == 0, "approve");
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// Answers false instead of reverting.
contract LyingToken is Token {
    function transfer(address, uint256) external pure override returns (bool) {
        return false;
    }
}
