//! Pools and reserves made of accounts.
//!
//! Which one; keys; roles and routes by number of key; the clock; then the accounts, each zeros with some stretches of
//! bytes put in, so that a mutation meets bytes that matter. `tests/support/seeds.py` writes the same.

use std::collections::HashMap;

use hoploop_hot::venues::flash_fees::FlashLoan;
use hoploop_hot::venues::{Account, Accounts, AnyVenue, Ask, Clock, Given};
use hoploop_hot::{AccountPoolConfig, Market};

use super::feed::Feed;

type Key = [u8; 32];

const ASKS: usize = 6;
const LONGEST: usize = 1 << 15;

struct Forged {
    which: usize,
    roles: Vec<(String, Key)>,
    routes: [Vec<Key>; 2],
    clock: Clock,
    held: Vec<(Key, Key, Vec<u8>)>,
}

impl Forged {
    fn parse(feed: &mut Feed<'_>) -> Self {
        let which = usize::from(feed.byte());
        let keys: Vec<Key> = (0..feed.byte() % 40).map(|_| feed.array()).collect();
        let key = |feed: &mut Feed<'_>| keys.get(usize::from(feed.byte())).copied().unwrap_or_default();
        let roles = (0..feed.byte() % 20).map(|_| {
            let length = usize::from(feed.byte() % 24);
            (String::from_utf8_lossy(feed.take(length)).into_owned(), key(feed))
        });
        let roles = roles.collect();
        let routes = [0, 1].map(|_| (0..feed.byte() % 10).map(|_| key(feed)).collect());
        let clock = Clock { slot: feed.long(), unix_timestamp: feed.long() as i64, epoch: feed.long() };
        let held = (0..feed.byte() % 20).map(|_| (key(feed), key(feed), account(feed))).collect();
        Self { which, roles, routes, clock, held }
    }

    fn accounts(&self) -> Accounts<'_> {
        let held = self.held.iter().map(|(key, owner, data)| (*key, Account { key: *key, owner: *owner, data }));
        let roles: HashMap<_, _> = self.roles.iter().map(|(role, key)| (role.as_str(), *key)).collect();
        Accounts::new(roles, held.collect(), self.routes.clone())
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut out = (self.held.len() as u32).to_le_bytes().to_vec();
        for (key, owner, data) in &self.held {
            out.extend_from_slice(key);
            out.extend_from_slice(owner);
            out.extend_from_slice(&(data.len() as u32).to_le_bytes());
            out.extend_from_slice(data);
        }
        out
    }
}

fn account(feed: &mut Feed<'_>) -> Vec<u8> {
    let mut data = vec![0; feed.short() % LONGEST];
    let mut at = 0;
    for _ in 0..feed.short() % 1024 {
        at += feed.short();
        let length = usize::from(feed.byte());
        let bytes = feed.take(length);
        if let Some(place) = data.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        at += bytes.len();
    }
    data
}

/// A pool: read whole and asked, then in a market of its own.
pub fn venues(data: &[u8]) -> bool {
    let mut feed = Feed(data);
    let forged = Forged::parse(&mut feed);
    let venue = AnyVenue::KEYS[forged.which % AnyVenue::KEYS.len()];
    let Ok(Ok(state)) = AnyVenue::read(venue, &forged.accounts(), &forged.clock) else { return false };
    for _ in 0..ASKS {
        let flags = feed.byte();
        let ask = Ask {
            zero_for_one: flags & 1 > 0,
            given: if flags & 2 > 0 { Given::Input } else { Given::Output },
            amount: feed.long() >> (flags >> 2),
            price_limit: if flags & 1 << 7 > 0 { feed.wide() } else { 0 },
            variant: if flags & 1 << 6 > 0 { feed.byte() % 5 } else { 0 },
        };
        let _ = state.quote(&ask);
    }
    market(venue, &forged, feed.long());
    true
}

fn market(venue: &str, forged: &Forged, amount: u64) {
    let mut market = Market::new();
    let (Ok(asset0), Ok(asset1)) = (market.add_asset("a"), market.add_asset("b")) else { return };
    let roles: Vec<_> = forged.roles.iter().map(|(role, key)| (role.as_str(), *key)).collect();
    let routes = [&forged.routes[0][..], &forged.routes[1][..]];
    let config = AccountPoolConfig { name: "pool", venue, asset0, asset1, units: 1, roles: &roles, routes };
    let Ok(pool) = market.add_account_pool(&config) else { return };
    if market.seal().is_err() {
        return;
    }
    market.set_clock(forged.clock);
    let _ = market.load(pool, 1, &forged.snapshot());
    let Ok(pool) = market.pool(pool) else { return };
    for side in [true, false] {
        let _ = pool.quote(side, u128::from(amount));
        let _ = pool.quote_out(side, u128::from(amount));
    }
}

/// A reserve: loans and what is paid back.
pub fn loans(data: &[u8]) -> bool {
    let mut feed = Feed(data);
    let forged = Forged::parse(&mut feed);
    let lender = FlashLoan::KEYS[forged.which % FlashLoan::KEYS.len()];
    let Ok(Ok(loan)) = FlashLoan::read(lender, &forged.accounts(), &forged.clock) else { return false };
    for _ in 0..ASKS {
        let (amount, argument) = (feed.long(), feed.long());
        let _ = (loan.price(amount), loan.repay(amount, amount), loan.repay(amount, argument));
    }
    true
}
