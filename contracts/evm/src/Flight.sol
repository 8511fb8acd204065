// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// Lets exactly one outside contract call back, exactly once, with exactly the data it was given, and only in flight.
///
/// Everything lives in transient storage: it is gone at the end of the transaction even if a path forgot to clear it.
abstract contract Flight {
    error InFlight();
    error ForeignCallback(address caller);
    error ForeignData();
    error NoCallback(address callee);

    bool private transient _flying;
    address private transient _expected;
    bytes32 private transient _dataHash;

    /// No second entry while a plan runs.
    modifier lands() {
        if (_flying) revert InFlight();
        _flying = true;
        _;
        _flying = false;
    }

    /// Call right before calling `callee`, which will call back with `data`.
    function _arm(address callee, bytes memory data) internal {
        _expected = callee;
        _dataHash = keccak256(data);
    }

    /// First line of every callback.
    function _accept(bytes calldata data) internal {
        if (msg.sender != _expected) revert ForeignCallback(msg.sender);
        if (keccak256(data) != _dataHash) revert ForeignData();
        _expected = address(0);
        _dataHash = 0;
    }

    /// Call right after the call to `callee` returned: a callee that never called back did not do its part.
    function _disarmed(address callee) internal view {
        if (_expected != address(0)) revert NoCallback(callee);
    }
}
