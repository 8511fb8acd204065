// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {HoploopExecutor} from "../src/HoploopExecutor.sol";
import {LenderKind, Loan, Plan, Route, Swap, SwapKind} from "../src/Plan.sol";
import {AavePool, Vault} from "./mocks/Lenders.sol";
import {CallbackPool, Pair} from "./mocks/Pools.sol";
import {Token} from "./mocks/Tokens.sol";

/// The cheat codes these tests use.
interface Vm {
    function prank(address sender) external;
    function deal(address who, uint256 amount) external;
    function roll(uint256 number) external;
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata answer) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit(bool, bool, bool, bool) external;
    function assume(bool condition) external;
}

/// A street with a spread: the cheap pair sells `mid` at 1:1.10 of the dear one; a callback pool and both lenders beside.
abstract contract Base {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    address internal constant OWNER = address(0xA11CE);
    address internal constant BOT = address(0xB07);
    address internal constant THIEF = address(0xBAD);

    HoploopExecutor internal executor;
    Token internal weth = new Token();
    Token internal usdc = new Token();
    Pair internal cheap;
    Pair internal dear;
    CallbackPool internal pool;
    AavePool internal aave = new AavePool();
    Vault internal vault = new Vault();

    function setUp() public virtual {
        executor = new HoploopExecutor(OWNER, BOT);
        cheap = _pair(address(weth), address(usdc), 1000 ether, 3_300_000e6, 30);
        dear = _pair(address(weth), address(usdc), 1000 ether, 3_000_000e6, 20);
        pool = new CallbackPool(address(weth), address(usdc));
        weth.mint(address(pool), 1000 ether);
        usdc.mint(address(pool), 3_000_000e6);
        weth.mint(address(aave), 1000 ether);
        weth.mint(address(vault), 1000 ether);
    }

    function _pair(address a, address b, uint256 amountA, uint256 amountB, uint256 fee) internal returns (Pair made) {
        made = new Pair(a, b, fee);
        Token(a).mint(address(made), amountA);
        Token(b).mint(address(made), amountB);
        made.sync();
    }

    /// WETH -> USDC on the cheap pair, back on the dear one, both exact.
    function _route(uint256 amountIn) internal view returns (Route memory route) {
        uint256 mid = cheap.quote(address(weth), amountIn);
        route.asset = address(weth);
        route.amountIn = amountIn;
        route.swaps = new Swap[](2);
        route.swaps[0] = Swap(SwapKind.V2, address(cheap), address(usdc), amountIn, mid);
        route.swaps[1] = Swap(SwapKind.V2, address(dear), address(weth), mid, dear.quote(address(usdc), mid));
    }

    function _plan(LenderKind kind, uint256 amountIn) internal view returns (Plan memory plan) {
        plan.route = _route(amountIn);
        address lender = kind == LenderKind.AaveV3 ? address(aave) : address(vault);
        plan.loan = kind == LenderKind.None ? Loan(kind, address(0), 0) : Loan(kind, lender, amountIn);
        plan.validUntilBlock = block.number;
    }

    function _gross(Plan memory plan) internal pure returns (uint256) {
        return plan.route.swaps[plan.route.swaps.length - 1].amountOut - plan.route.amountIn;
    }

    function _execute(Plan memory plan) internal returns (uint256) {
        vm.prank(BOT);
        return executor.execute(plan);
    }

    function _same(uint256 a, uint256 b) internal pure {
        require(a == b, "not the same");
    }
}
