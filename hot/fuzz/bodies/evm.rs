//! Words and logs of EVM pools: which kind, the snapshot, then updates.

use hoploop_hot::curves::tick_walk::Ask;
use hoploop_hot::curves::{Curve, Fee, State};
use hoploop_hot::decoders::{Decoder, Event};
use hoploop_hot::U256;

use super::feed::Feed;

/// Curve, decoder, unit of the fee, tick spacing.
const KINDS: [(&str, &str, u32, u32); 14] = [
    ("constant_product", "uniswap_v2", 1000, 0),
    ("constant_product_fee_first", "hoploop_amm", 1000, 0),
    ("constant_product_directional", "camelot", 100_000, 0),
    ("camelot_stable", "camelot", 100_000, 0),
    ("solidly_volatile", "solidly", 10_000, 0),
    ("solidly_stable", "solidly", 10_000, 0),
    ("stableswap", "curve", 1, 0),
    ("balancer_weighted", "balancer_v2", 1, 0),
    ("balancer_stable", "balancer_v2", 1, 0),
    ("concentrated", "uniswap_v3", 1_000_000, 60),
    ("concentrated", "pancake_v3", 1_000_000, 50),
    ("concentrated_dynamic", "slipstream", 1, 60),
    ("concentrated_dynamic", "algebra", 1, 60),
    ("concentrated_linked", "algebra", 1, 60),
];

const EVENTS: [Event; 12] = [
    Event::Account,
    Event::Sync,
    Event::Swap,
    Event::Mint,
    Event::Burn,
    Event::Initialize,
    Event::WideSwap,
    Event::WideBurn,
    Event::Fee,
    Event::Fees,
    Event::Exchange,
    Event::Reread,
];
const UPDATES: usize = 6;

/// A pool, asked before and after every update.
pub fn evm(data: &[u8]) -> bool {
    let mut feed = Feed(data);
    let (curve, decoder, den, spacing) = KINDS[usize::from(feed.byte()) % KINDS.len()];
    let num = u32::from(feed.byte()) % den.min(256);
    let Ok(curve) = Curve::parse(curve, Fee { num, den }, spacing) else { return false };
    let Ok(decoder) = Decoder::parse(decoder, &curve) else { return false };
    let length = feed.short();
    let Ok(mut state) = decoder.snapshot(&curve, feed.take(length)) else { return false };
    ask(&curve, &state, &mut feed);
    for _ in 0..UPDATES {
        let event = EVENTS[usize::from(feed.byte()) % EVENTS.len()];
        let length = feed.short();
        let Ok(change) = decoder.decode(event, &curve, feed.take(length)) else { continue };
        if change.apply(&curve, &mut state).is_err() {
            break;
        }
        ask(&curve, &state, &mut feed);
    }
    true
}

fn ask(curve: &Curve, state: &State, feed: &mut Feed<'_>) {
    let (shift, amount) = (u32::from(feed.byte()), feed.wide());
    for zero_for_one in [true, false] {
        let _ = curve.quote(state, zero_for_one, amount >> (shift % 128));
        let _ = curve.quote_out(state, zero_for_one, amount >> (shift % 128));
        let _ = curve.estimate(state, zero_for_one);
        for exact_in in [true, false] {
            let amount = U256::from(amount) << (shift as usize % 128);
            let _ = curve.fill(state, Ask { zero_for_one, exact_in, amount });
        }
    }
}
