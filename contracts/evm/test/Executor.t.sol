// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {HoploopExecutor} from "../src/HoploopExecutor.sol";
import {LenderKind, Loan, Plan, Swap, SwapKind} from "../src/Plan.sol";
import {Base} from "./Base.sol";
import {Pair} from "./mocks/Pools.sol";
import {SilentToken, Token} from "./mocks/Tokens.sol";

/// What the executor does when everybody behaves.
contract ExecutorTest is Base {
    event Executed(address indexed asset, uint256 profit, address indexed lender, uint256 loan);

    function test_own_capital_earns_the_quoted_profit_to_the_unit() public {
        weth.mint(address(executor), 10 ether);
        Plan memory plan = _plan(LenderKind.None, 10 ether);
        plan.minProfit = _gross(plan);
        _same(_execute(plan), _gross(plan));
        _same(weth.balanceOf(address(executor)), 10 ether + _gross(plan));
        _same(usdc.balanceOf(address(executor)), 0);
    }

    function test_an_aave_loan_is_repaid_with_its_premium_and_leaves_no_approval() public {
        Plan memory plan = _plan(LenderKind.AaveV3, 10 ether);
        _same(_execute(plan), _gross(plan) - 0.005 ether);
        _same(weth.balanceOf(address(aave)), 1000.005 ether);
        _same(weth.allowance(address(executor), address(aave)), 0);
    }

    function test_a_balancer_loan_is_repaid_with_its_fee() public {
        vault.set(7, "");
        Plan memory plan = _plan(LenderKind.BalancerV2, 10 ether);
        _same(_execute(plan), _gross(plan) - 7);
        _same(weth.balanceOf(address(vault)), 1000 ether + 7);
    }

    function test_a_loan_may_be_topped_up_with_own_capital() public {
        weth.mint(address(executor), 4 ether);
        Plan memory plan = _plan(LenderKind.BalancerV2, 10 ether);
        plan.loan.amount = 6 ether;
        _same(_execute(plan), _gross(plan));
    }

    function test_a_callback_pool_is_paid_and_its_output_flows_on() public {
        pool.set(3200e6, 1 ether, 100, false); // 3200 USDC a WETH
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        uint256 mid = 3200e6;
        uint256 out = dear.quote(address(usdc), mid);
        plan.route.swaps[0] = Swap(SwapKind.V3, address(pool), address(usdc), type(uint256).max, 0);
        plan.route.swaps[1] = Swap(SwapKind.V2, address(dear), address(weth), mid, out);
        _same(_execute(plan), out - 1 ether);
    }

    function test_a_callback_pool_at_the_end_takes_all_that_was_delivered() public {
        pool.set(1 ether, 3000e6, 100, false);
        Plan memory plan = _plan(LenderKind.AaveV3, 1 ether);
        plan.route.swaps[1] = Swap(SwapKind.V3, address(pool), address(weth), type(uint256).max, 0);
        uint256 out = plan.route.swaps[0].amountOut * 1 ether / 3000e6;
        _same(_execute(plan), out - 1 ether - 0.0005 ether);
    }

    function test_three_hops_run_in_order() public {
        Token dai = new Token();
        Pair second = _pair(address(usdc), address(dai), 3_000_000e6, 3_000_000 ether, 30);
        Pair third = _pair(address(dai), address(weth), 3_000_000 ether, 1100 ether, 30);
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        Swap[] memory swaps = new Swap[](3);
        swaps[0] = plan.route.swaps[0];
        uint256 a = second.quote(address(usdc), swaps[0].amountOut);
        uint256 b = third.quote(address(dai), a);
        swaps[1] = Swap(SwapKind.V2, address(second), address(dai), swaps[0].amountOut, a);
        swaps[2] = Swap(SwapKind.V2, address(third), address(weth), a, b);
        plan.route.swaps = swaps;
        _same(_execute(plan), b - 1 ether);
    }

    function test_tokens_that_answer_nothing_are_served() public {
        SilentToken quiet = new SilentToken();
        Pair a = _silentPair(quiet, 1000 ether, 1000 ether);
        Pair b = _silentPair(quiet, 1100 ether, 1000 ether);
        quiet.mint(address(aave), 100 ether);
        Plan memory plan = _plan(LenderKind.AaveV3, 1 ether);
        plan.route.asset = address(quiet);
        uint256 mid = a.quote(address(quiet), 1 ether);
        plan.route.swaps[0] = Swap(SwapKind.V2, address(a), address(weth), 1 ether, mid);
        plan.route.swaps[1] = Swap(SwapKind.V2, address(b), address(quiet), mid, b.quote(address(weth), mid));
        _same(_execute(plan), _gross(plan) - 0.0005 ether);
        _same(quiet.allowance(address(executor), address(aave)), 0);
    }

    function test_the_event_carries_profit_and_loan() public {
        Plan memory plan = _plan(LenderKind.BalancerV2, 10 ether);
        vm.expectEmit(true, true, true, true);
        emit Executed(address(weth), _gross(plan), address(vault), 10 ether);
        _execute(plan);
    }

    function test_the_owner_sweeps_tokens_and_native_coin() public {
        weth.mint(address(executor), 3 ether);
        vm.deal(address(executor), 2 ether);
        vm.prank(OWNER);
        executor.sweep(address(weth), OWNER);
        vm.prank(OWNER);
        executor.sweep(address(0), OWNER);
        _same(weth.balanceOf(OWNER), 3 ether);
        _same(OWNER.balance, 2 ether);
    }

    function test_ownership_moves_only_when_accepted() public {
        vm.prank(OWNER);
        executor.offerOwnership(BOT);
        require(executor.owner() == OWNER, "moved early");
        vm.prank(BOT);
        executor.acceptOwnership();
        require(executor.owner() == BOT && executor.pendingOwner() == address(0), "not moved");
    }

    function testFuzz_profit_is_exact_for_any_size_and_lender(uint96 size, uint8 kind) public {
        uint256 amountIn = 0.001 ether + size % 20 ether;
        weth.mint(address(executor), amountIn);
        Plan memory plan = _plan(LenderKind(kind % 3), amountIn);
        uint256 premium = plan.loan.kind == LenderKind.AaveV3 ? (amountIn * 5 + 5000) / 10000 : 0;
        plan.minProfit = _gross(plan) - premium;
        _same(_execute(plan), plan.minProfit);
        _same(weth.balanceOf(address(executor)), amountIn + plan.minProfit);
    }

    function testFuzz_one_unit_more_than_there_is_to_earn_reverts(uint96 size, uint8 kind) public {
        uint256 amountIn = 0.001 ether + size % 20 ether;
        weth.mint(address(executor), amountIn);
        Plan memory plan = _plan(LenderKind(kind % 3), amountIn);
        uint256 premium = plan.loan.kind == LenderKind.AaveV3 ? (amountIn * 5 + 5000) / 10000 : 0;
        plan.minProfit = _gross(plan) - premium + 1;
        vm.prank(BOT);
        vm.expectPartialRevert(HoploopExecutor.Unprofitable.selector);
        executor.execute(plan);
    }

    function _silentPair(SilentToken quiet, uint256 amountQuiet, uint256 amountWeth) private returns (Pair made) {
        made = new Pair(address(quiet), address(weth), 30);
        quiet.mint(address(made), amountQuiet);
        weth.mint(address(made), amountWeth);
        made.sync();
    }
}
