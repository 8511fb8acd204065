//! Whatever bytes an EVM decoder is given, it answers or refuses; whatever it accepts can be quoted and updated.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use hoploop_hot::curves::tick_walk::Ask;
use hoploop_hot::curves::{Curve, Fee, State};
use hoploop_hot::decoders::{Decoder, Event};
use hoploop_hot::U256;
use proptest::prelude::*;

const KINDS: [(&str, &str, u32, usize); 12] = [
    ("constant_product", "uniswap_v2", 1000, 1),
    ("constant_product_directional", "camelot", 100_000, 4),
    ("camelot_stable", "camelot", 100_000, 4),
    ("solidly_volatile", "solidly", 10_000, 7),
    ("solidly_stable", "solidly", 10_000, 7),
    ("stableswap", "curve", 1, 16),
    ("balancer_weighted", "balancer_v2", 1, 10),
    ("balancer_stable", "balancer_v2", 1, 15),
    ("concentrated", "pancake_v3", 1_000_000, 2),
    ("concentrated_dynamic", "slipstream", 1, 3),
    ("concentrated_dynamic", "algebra", 1, 3),
    ("concentrated_linked", "algebra", 1, 3),
];

const EVENTS: [Event; 11] = [
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

/// A word as contracts have them: small, of some width, or anything.
fn word() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0u8..9).prop_map(|small| [vec![0; 31], vec![small]].concat()),
        any::<u128>().prop_map(|value| [vec![0; 16], value.to_be_bytes().to_vec()].concat()),
        any::<u64>().prop_map(|value| [vec![0; 24], value.to_be_bytes().to_vec()].concat()),
        any::<[u8; 32]>().prop_map(|bytes| bytes.to_vec()),
    ]
}

fn wired(number: usize) -> (Curve, Decoder) {
    let (curve, decoder, den, _) = KINDS[number];
    let curve = Curve::parse(curve, Fee { num: 0, den }, 60).unwrap();
    (curve, Decoder::parse(decoder, &curve).unwrap())
}

fn ask_everything(curve: &Curve, state: &State, amount: u128) {
    for zero_for_one in [true, false] {
        let _ = curve.quote(state, zero_for_one, amount);
        let _ = curve.quote_out(state, zero_for_one, amount);
        let _ = curve.estimate(state, zero_for_one);
        let _ = curve.fill(state, Ask { zero_for_one, exact_in: true, amount: U256::from(amount) << 100 });
    }
}

proptest! {
    #[test]
    fn any_words_are_answered_or_refused(
        number in 0..KINDS.len(),
        words in prop::collection::vec(word(), 0..20),
        updates in prop::collection::vec((0..EVENTS.len(), prop::collection::vec(word(), 0..10)), 0..4),
        amount: u128,
        exact in 0..4u8,
    ) {
        let (curve, decoder) = wired(number);
        let mut words = words;
        if exact > 0 {
            words.resize(KINDS[number].3, vec![0; 32]);
        }
        let Ok(mut state) = decoder.snapshot(&curve, &words.concat()) else { return Ok(()) };
        ask_everything(&curve, &state, amount);
        for (event, data) in updates {
            if let Ok(change) = decoder.decode(EVENTS[event], &curve, &data.concat()) {
                if change.apply(&curve, &mut state).is_err() {
                    break;
                }
                ask_everything(&curve, &state, amount);
            }
        }
    }

    #[test]
    fn any_bytes_are_answered_or_refused(
        number in 0..KINDS.len(), data in prop::collection::vec(any::<u8>(), 0..400), event in 0..EVENTS.len(),
    ) {
        let (curve, decoder) = wired(number);
        let _ = decoder.snapshot(&curve, &data);
        let _ = decoder.decode(EVENTS[event], &curve, &data);
        let _ = decoder.event(&data);
    }
}
