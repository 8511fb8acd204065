// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// The owner holds the funds and names the executor; the executor may only run plans. Ownership moves in two steps.
abstract contract Roles {
    error NotOwner();
    error NotPendingOwner();
    error NotExecutor();
    error ZeroAddress();

    event OwnershipOffered(address indexed owner, address indexed pending);
    event OwnershipMoved(address indexed from, address indexed to);
    event ExecutorSet(address indexed executor);

    address public owner;
    address public pendingOwner;
    address public executor;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner();
        _;
    }

    modifier onlyExecutor() {
        if (msg.sender != executor) revert NotExecutor();
        _;
    }

    constructor(address owner_, address executor_) {
        if (owner_ == address(0) || executor_ == address(0)) revert ZeroAddress();
        owner = owner_;
        executor = executor_;
        emit OwnershipMoved(address(0), owner_);
        emit ExecutorSet(executor_);
    }

    /// Offers ownership; nothing changes until `pending` accepts. The zero address withdraws an offer.
    function offerOwnership(address pending) external onlyOwner {
        pendingOwner = pending;
        emit OwnershipOffered(owner, pending);
    }

    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner();
        emit OwnershipMoved(owner, msg.sender);
        owner = msg.sender;
        pendingOwner = address(0);
    }

    /// Replaces the executor; the zero address disables execution.
    function setExecutor(address executor_) external onlyOwner {
        executor = executor_;
        emit ExecutorSet(executor_);
    }
}
