// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Flight} from "../Flight.sol";
import {Route} from "../Plan.sol";

/// What every lender needs of the executor: run the swaps while the loan is out.
///
/// A further lender is one contract beside this one (borrow + callback + repay), one `LenderKind`, one branch in
/// `HoploopExecutor._borrow`.
abstract contract Borrower is Flight {
    error WrongLoan();

    /// The data a lender carries: `abi.encode(route, loan amount)`.
    function _whileBorrowed(Route memory route) internal virtual;
}
