// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Flight} from "../src/Flight.sol";
import {HoploopExecutor} from "../src/HoploopExecutor.sol";
import {AaveV3Borrower} from "../src/lenders/AaveV3Borrower.sol";
import {Borrower} from "../src/lenders/Borrower.sol";
import {LenderKind, Loan, Plan, Swap, SwapKind} from "../src/Plan.sol";
import {Roles} from "../src/Roles.sol";
import {V3Swaps} from "../src/swaps/V3Swaps.sol";
import {Tokens} from "../src/Tokens.sol";
import {Base} from "./Base.sol";
import {CallbackThief, GreedyLender, ProxyLoan, Reenterer} from "./mocks/Attackers.sol";
import {LyingToken} from "./mocks/Tokens.sol";

/// One test an attack, named after it.
contract AttacksTest is Base {
    function test_attack_role_theft_execute() public {
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        vm.prank(THIEF);
        vm.expectRevert(Roles.NotExecutor.selector);
        executor.execute(plan);
        vm.prank(OWNER); // the owner is not the executor either
        vm.expectRevert(Roles.NotExecutor.selector);
        executor.execute(plan);
    }

    function test_attack_role_theft_owner_acts() public {
        vm.prank(BOT);
        vm.expectRevert(Roles.NotOwner.selector);
        executor.setExecutor(THIEF);
        vm.prank(BOT);
        vm.expectRevert(Roles.NotOwner.selector);
        executor.offerOwnership(THIEF);
        vm.prank(THIEF);
        vm.expectRevert(Roles.NotPendingOwner.selector);
        executor.acceptOwnership();
    }

    function test_attack_role_theft_with_a_withdrawn_offer() public {
        vm.prank(OWNER);
        executor.offerOwnership(THIEF);
        vm.prank(OWNER);
        executor.offerOwnership(address(0));
        vm.prank(THIEF);
        vm.expectRevert(Roles.NotPendingOwner.selector);
        executor.acceptOwnership();
    }

    function test_attack_deployment_without_owner_or_executor() public {
        vm.expectRevert(Roles.ZeroAddress.selector);
        new HoploopExecutor(address(0), BOT);
        vm.expectRevert(Roles.ZeroAddress.selector);
        new HoploopExecutor(OWNER, address(0));
    }

    function test_attack_sweep_theft() public {
        weth.mint(address(executor), 1 ether);
        vm.prank(BOT);
        vm.expectRevert(Roles.NotOwner.selector);
        executor.sweep(address(weth), BOT);
        vm.prank(OWNER);
        vm.expectRevert(Roles.ZeroAddress.selector);
        executor.sweep(address(weth), address(0));
    }

    function test_attack_callback_outside_flight() public {
        weth.mint(address(executor), 1 ether);
        bytes memory data = abi.encode(address(weth), uint256(1 ether));
        bytes memory refusal = abi.encodeWithSelector(Flight.ForeignCallback.selector, THIEF);
        vm.prank(THIEF);
        vm.expectRevert(refusal);
        executor.uniswapV3SwapCallback(1 ether, 0, data);
        vm.prank(THIEF);
        vm.expectRevert(refusal);
        executor.executeOperation(address(weth), 1 ether, 1 ether, address(executor), data);
        uint256[] memory one = new uint256[](1);
        vm.prank(THIEF);
        vm.expectRevert(refusal);
        executor.receiveFlashLoan(new address[](1), one, one, data);
    }

    function test_attack_callback_from_the_zero_address_outside_flight() public {
        vm.prank(address(0)); // the "expected" slot is zero outside of a flight
        vm.expectRevert(Flight.ForeignData.selector);
        executor.uniswapV3SwapCallback(1 ether, 0, abi.encode(address(weth), uint256(1 ether)));
    }

    function test_attack_loan_started_by_a_stranger() public {
        bytes memory data = abi.encode(_route(1 ether), uint256(1 ether));
        vm.prank(THIEF);
        vm.expectRevert(abi.encodeWithSelector(Flight.ForeignCallback.selector, address(aave)));
        aave.flashLoanSimple(address(executor), address(weth), 1 ether, data, 0);
        address[] memory tokens = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (tokens[0], amounts[0]) = (address(weth), 1 ether);
        vm.prank(THIEF);
        vm.expectRevert(abi.encodeWithSelector(Flight.ForeignCallback.selector, address(vault)));
        vault.flashLoan(address(executor), tokens, amounts, data);
    }

    function test_attack_foreign_initiator_mid_flight() public {
        ProxyLoan proxy = new ProxyLoan();
        Plan memory plan = _plan(LenderKind.AaveV3, 1 ether);
        plan.loan.lender = address(proxy);
        vm.prank(BOT);
        vm.expectPartialRevert(AaveV3Borrower.ForeignInitiator.selector);
        executor.execute(plan);
    }

    function test_attack_foreign_callback_caller_mid_flight() public {
        CallbackThief thief = new CallbackThief(executor);
        weth.setHook(address(thief)); // runs while the vault is armed, is not the vault
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        vm.prank(BOT);
        vm.expectRevert(abi.encodeWithSelector(Flight.ForeignCallback.selector, address(thief)));
        executor.execute(plan);
    }

    function test_attack_second_callback_of_an_armed_pool() public {
        GreedyLender greedy = new GreedyLender();
        greedy.setTwice(true);
        weth.mint(address(greedy), 10 ether);
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        plan.loan.lender = address(greedy);
        vm.prank(BOT);
        vm.expectRevert(abi.encodeWithSelector(Flight.ForeignCallback.selector, address(greedy)));
        executor.execute(plan);
    }

    function test_attack_lender_swaps_the_plan() public {
        vault.set(0, abi.encode(_route(2 ether), uint256(1 ether)));
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        vm.prank(BOT);
        vm.expectRevert(Flight.ForeignData.selector);
        executor.execute(plan);
    }

    function test_attack_fake_lender_that_lends_nothing() public {
        aave.set(5, 0, true);
        Plan memory plan = _plan(LenderKind.AaveV3, 1 ether);
        vm.prank(BOT);
        vm.expectRevert(abi.encodeWithSelector(Flight.NoCallback.selector, address(aave)));
        executor.execute(plan);
    }

    function test_attack_fake_lender_that_lends_another_amount() public {
        GreedyLender greedy = new GreedyLender();
        greedy.setShort(1);
        weth.mint(address(greedy), 10 ether);
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        plan.loan.lender = address(greedy);
        vm.prank(BOT);
        vm.expectRevert(Borrower.WrongLoan.selector);
        executor.execute(plan);
    }

    function test_attack_fake_lender_that_asks_a_fantasy_fee() public {
        weth.mint(address(executor), 100 ether);
        vault.set(50 ether, ""); // could be paid from idle funds
        Plan memory plan = _plan(LenderKind.BalancerV2, 10 ether);
        vm.prank(BOT);
        vm.expectPartialRevert(HoploopExecutor.Unprofitable.selector);
        executor.execute(plan);
    }

    function test_attack_residual_approval() public {
        aave.set(5, 1, false); // pulls one unit less than it was allowed
        Plan memory plan = _plan(LenderKind.AaveV3, 1 ether);
        vm.prank(BOT);
        vm.expectRevert(abi.encodeWithSelector(AaveV3Borrower.ResidualApproval.selector, address(aave)));
        executor.execute(plan);
    }

    function test_attack_reentrancy_into_execute() public {
        Reenterer again = new Reenterer(executor);
        vm.prank(OWNER);
        executor.setExecutor(address(again));
        weth.setHook(address(again));
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        vm.expectRevert(Flight.InFlight.selector);
        again.run(plan);
    }

    function test_attack_reentrancy_into_sweep() public {
        Reenterer again = new Reenterer(executor);
        vm.prank(OWNER);
        executor.offerOwnership(address(again));
        again.own();
        weth.setHook(address(again));
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        vm.prank(BOT);
        vm.expectRevert(Flight.InFlight.selector);
        executor.execute(plan);
    }

    function test_attack_donation_before_does_not_count_as_profit() public {
        weth.mint(address(executor), 50 ether);
        Plan memory plan = _plan(LenderKind.BalancerV2, 10 ether);
        plan.minProfit = _gross(plan) + 1;
        vm.prank(BOT);
        vm.expectPartialRevert(HoploopExecutor.Unprofitable.selector);
        executor.execute(plan);
    }

    function test_attack_donated_intermediate_token_is_not_spent() public {
        usdc.mint(address(executor), 1_000_000e6);
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        plan.route.swaps[1].maxIn = type(uint256).max;
        _execute(plan);
        _same(usdc.balanceOf(address(executor)), 1_000_000e6);
    }

    function test_attack_stolen_executor_key_cannot_route_idle_funds_to_its_own_pair() public {
        weth.mint(address(executor), 100 ether);
        CallbackThief sink = new CallbackThief(executor); // a "pair" that keeps what it gets
        Plan memory plan = _plan(LenderKind.None, 100 ether);
        plan.route.swaps = new Swap[](1);
        plan.route.swaps[0] = Swap(SwapKind.V2, address(sink), address(weth), 100 ether, 0);
        vm.prank(BOT);
        vm.expectRevert(); // arithmetic: nothing was delivered
        executor.execute(plan);
        _same(weth.balanceOf(address(executor)), 100 ether);
    }

    function test_attack_plan_that_does_not_return_to_its_asset() public {
        Plan memory plan = _plan(LenderKind.None, 1 ether);
        weth.mint(address(executor), 1 ether);
        Swap[] memory one = new Swap[](1);
        one[0] = plan.route.swaps[0];
        plan.route.swaps = one;
        vm.prank(BOT);
        vm.expectRevert(HoploopExecutor.NotACycle.selector);
        executor.execute(plan);
        plan.route.swaps = new Swap[](0);
        vm.prank(BOT);
        vm.expectRevert(HoploopExecutor.NotACycle.selector);
        executor.execute(plan);
    }

    function test_attack_pool_that_takes_only_a_part() public {
        pool.set(3200e6, 1 ether, 50, false);
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        plan.route.swaps[0] = Swap(SwapKind.V3, address(pool), address(usdc), 1 ether, 0);
        vm.prank(BOT);
        vm.expectRevert(abi.encodeWithSelector(V3Swaps.NotFilled.selector, address(pool)));
        executor.execute(plan);
    }

    function test_attack_pool_that_delivers_less_than_the_least() public {
        pool.set(3200e6, 1 ether, 100, false);
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        plan.route.swaps[0] = Swap(SwapKind.V3, address(pool), address(usdc), 1 ether, 3200e6 + 1);
        vm.prank(BOT);
        vm.expectRevert(abi.encodeWithSelector(HoploopExecutor.Short.selector, 0, 3200e6, 3200e6 + 1));
        executor.execute(plan);
    }

    function test_attack_pool_that_never_calls_back() public {
        pool.set(3200e6, 1 ether, 100, true);
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        plan.route.swaps[0] = Swap(SwapKind.V3, address(pool), address(usdc), 1 ether, 0);
        vm.prank(BOT);
        vm.expectRevert(abi.encodeWithSelector(Flight.NoCallback.selector, address(pool)));
        executor.execute(plan);
    }

    function test_attack_deadline_passed() public {
        Plan memory plan = _plan(LenderKind.BalancerV2, 1 ether);
        plan.validUntilBlock = 100;
        vm.roll(101);
        vm.prank(BOT);
        vm.expectRevert(abi.encodeWithSelector(HoploopExecutor.Expired.selector, 100));
        executor.execute(plan);
    }

    function test_attack_pools_moved_first_so_nothing_is_earned() public {
        Plan memory plan = _plan(LenderKind.BalancerV2, 10 ether);
        weth.mint(address(cheap), 100 ether); // somebody sells WETH into the first pair before us
        cheap.swap(0, cheap.quote(address(weth), 100 ether), THIEF, "");
        vm.prank(BOT);
        vm.expectRevert(bytes("K"));
        executor.execute(plan);
        _same(weth.balanceOf(address(vault)), 1000 ether);
    }

    function test_attack_token_that_answers_false() public {
        LyingToken liar = new LyingToken();
        liar.mint(address(executor), 1 ether);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(Tokens.TokenFailed.selector, address(liar)));
        executor.sweep(address(liar), OWNER);
    }

    function test_attack_token_without_code() public {
        vm.prank(OWNER);
        vm.expectRevert();
        executor.sweep(address(0xDEAD), OWNER);
    }

    function testFuzz_attack_random_callbacks_are_refused(address caller, bytes calldata data, int256 a, int256 b) public {
        vm.prank(caller);
        vm.expectRevert();
        executor.uniswapV3SwapCallback(a, b, data);
    }
}
