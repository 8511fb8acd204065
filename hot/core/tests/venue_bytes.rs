//! Constant-product venues and lenders answer or refuse, whatever bytes their accounts hold; they never panic.

use std::collections::HashMap;

use hoploop_hot::venues::flash_fees::{FlashLoan, KLEND, MARGINFI, SOLEND};
use hoploop_hot::venues::pump_swap::{PumpSwap, FEE_PROGRAM};
use hoploop_hot::venues::raydium_amm_v4::RaydiumAmmV4;
use hoploop_hot::venues::raydium_cpmm::RaydiumCpmm;
use hoploop_hot::venues::token::{TOKEN, TOKEN_2022};
use hoploop_hot::venues::{Account, Accounts, AnyVenue, Ask, Clock, Given, Venue};
use proptest::prelude::*;

type Key = [u8; 32];

/// One account: role, owner, length, what it begins with, and the places where it names others.
struct Plan(&'static str, Key, usize, &'static [u8], &'static [(usize, &'static str)]);

const CPMM_POOL: [u8; 8] = [0xf7, 0xed, 0xe3, 0xf5, 0xd7, 0xc3, 0xde, 0x46];
const CPMM_CONFIG: [u8; 8] = [0xda, 0xf4, 0x21, 0x68, 0xcb, 0xcb, 0x2b, 0x6f];
const PUMP_POOL: [u8; 8] = [0xf1, 0x9a, 0x6d, 0x04, 0x11, 0xb1, 0x6d, 0xbc];
const PUMP_GLOBAL: [u8; 8] = [0x95, 0x08, 0x9c, 0xca, 0xa0, 0xfc, 0xb0, 0xd9];
const PUMP_FEES: [u8; 8] = [0x8f, 0x34, 0x92, 0xbb, 0xdb, 0x7b, 0x4c, 0x9b];
const KLEND_RESERVE: [u8; 8] = [0x2b, 0xf2, 0xcc, 0xca, 0x1a, 0xf7, 0x3b, 0x7f];
const MARGINFI_BANK: [u8; 8] = [0x8e, 0x31, 0xa6, 0xf2, 0x32, 0x42, 0x61, 0xbc];

const CPMM: &[Plan] = &[
    Plan(
        "pool",
        RaydiumCpmm::PROGRAM,
        637,
        &CPMM_POOL,
        &[(8, "config"), (72, "vault_a"), (104, "vault_b"), (168, "mint_a"), (200, "mint_b")],
    ),
    Plan("config", RaydiumCpmm::PROGRAM, 236, &CPMM_CONFIG, &[]),
];
const AMM_V4: &[Plan] = &[Plan(
    "pool",
    RaydiumAmmV4::PROGRAM,
    752,
    &[6, 0, 0, 0, 0, 0, 0, 0],
    &[(336, "vault_a"), (368, "vault_b"), (400, "mint_a"), (432, "mint_b")],
)];
const PUMP: &[Plan] = &[
    Plan(
        "pool",
        PumpSwap::PROGRAM,
        300,
        &PUMP_POOL,
        &[(43, "mint_a"), (75, "mint_b"), (139, "vault_a"), (171, "vault_b")],
    ),
    Plan("global_config", PumpSwap::PROGRAM, 949, &PUMP_GLOBAL, &[]),
    Plan("fee_config", FEE_PROGRAM, 300, &PUMP_FEES, &[]),
];
const LENDERS: &[Plan] = &[
    Plan("reserve", KLEND, 8624, &KLEND_RESERVE, &[(32, "market"), (128, "mint"), (160, "vault_a"), (192, "vault_b")]),
    Plan("bank", MARGINFI, 1864, &MARGINFI_BANK, &[(8, "mint"), (41, "group"), (112, "vault_a")]),
];
const SOLEND_RESERVE: &[Plan] =
    &[Plan("reserve", SOLEND, 619, &[1], &[(10, "market"), (42, "mint"), (75, "vault_a"), (339, "vault_b")])];

fn key(role: &str) -> Key {
    let mut key = [b'.'; 32];
    key[..role.len()].copy_from_slice(role.as_bytes());
    key
}

/// The accounts of a plan, sparsely filled: `(account, place, byte)` each sets one byte.
struct Forged(Vec<(&'static str, Key, Vec<u8>)>);

impl Forged {
    fn new(plans: &[Plan], program: Key, noise: &[(usize, usize, u8)]) -> Self {
        let mut held: Vec<_> = plans
            .iter()
            .map(|Plan(role, owner, length, start, places)| {
                let mut data = vec![0; *length];
                data[..start.len()].copy_from_slice(start);
                for (at, named) in *places {
                    data[*at..at + 32].copy_from_slice(&key(named));
                }
                (*role, *owner, data)
            })
            .collect();
        for role in ["vault_a", "vault_b"] {
            let mut data = vec![0; 165];
            data[69] = 7;
            data[108] = 1;
            held.push((role, program, data));
        }
        held.extend(["mint_a", "mint_b"].map(|role| (role, program, vec![0; 280])));
        let count = held.len();
        for (account, place, byte) in noise {
            let data = &mut held[account % count].2;
            let at = place % data.len();
            data[at] = *byte;
        }
        Self(held)
    }

    fn accounts(&self) -> Accounts<'_> {
        let mut roles: HashMap<_, _> = self.0.iter().map(|(role, ..)| (*role, key(role))).collect();
        let named = ["market", "mint", "group"].map(|role| (role, key(role)));
        roles.extend(named.into_iter().chain([("supply_vault", key("vault_a")), ("fee_vault", key("vault_b"))]));
        let held =
            self.0.iter().map(|(role, owner, data)| (key(role), Account { key: key(role), owner: *owner, data }));
        Accounts::new(roles, held.collect(), [vec![], vec![]])
    }
}

fn ask_everything(venue: &str, forged: &Forged, amount: u64) {
    let Ok(Ok(state)) = AnyVenue::read(venue, &forged.accounts(), &Clock::default()) else { return };
    for zero_for_one in [true, false] {
        for given in [Given::Input, Given::Output] {
            for variant in [0, 3] {
                let _ = state.quote(&Ask { zero_for_one, given, amount, price_limit: 0, variant });
            }
        }
    }
}

fn lend(lender: &str, forged: &Forged, amount: u64) {
    let Ok(Ok(loan)) = FlashLoan::read(lender, &forged.accounts(), &Clock::default()) else { return };
    let _ = (loan.price(amount), loan.repay(amount, amount), loan.repay(amount, amount.saturating_add(1)));
}

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..1000, any::<u64>(), Just(u64::MAX)]
}

proptest! {
    #[test]
    fn venues_do_not_panic(
        noise in prop::collection::vec(any::<(usize, usize, u8)>(), 0..60),
        newer: bool,
        amount in amount(),
    ) {
        let program = if newer { TOKEN_2022 } else { TOKEN };
        ask_everything("raydium_cpmm", &Forged::new(CPMM, program, &noise), amount);
        ask_everything("raydium_amm_v4", &Forged::new(AMM_V4, program, &noise), amount);
        ask_everything("pump_swap", &Forged::new(PUMP, program, &noise), amount);
    }

    #[test]
    fn lenders_do_not_panic(noise in prop::collection::vec(any::<(usize, usize, u8)>(), 0..60), amount in amount()) {
        let forged = Forged::new(LENDERS, TOKEN, &noise);
        lend("klend", &forged, amount);
        lend("marginfi", &forged, amount);
        lend("solend", &Forged::new(SOLEND_RESERVE, TOKEN, &noise), amount);
    }
}
