//! Money that searches may use, counted again only when lenders, funds or fees change.

use crate::fees::{FlashFee, NetworkFee};
use crate::market::Market;
use crate::wiring::Search;

/// Money for a trade.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub lender: Option<u32>,
    pub flash: FlashFee,
    pub units: u64,
    pub cap: u128,
}

/// All money of a search.
#[derive(Debug, Default)]
pub(crate) struct Purse {
    /// Its own first, then its lenders', none of them empty.
    pub sources: Vec<Source>,
    /// What a trade costs besides the pools; `None` without money or fees.
    pub costs: Option<(NetworkFee, Terms)>,
}

/// What the estimates of a search have in common: the cheapest money, as much as the largest source has.
#[derive(Debug)]
pub(crate) struct Terms {
    pub flash: FlashFee,
    /// What one unit of the money costs.
    pub price: f64,
    pub cap: u128,
    /// `cap` as a real number.
    pub most: f64,
    /// Network fee without the pools' units, and the price of a unit.
    pub fee: f64,
    pub unit: f64,
    /// The tip's part of the gain, and its bounds.
    pub share: f64,
    pub least_tip: f64,
    pub most_tip: f64,
    pub min_net: f64,
}

impl Market {
    /// Count the money of every search if something changed since.
    pub(crate) fn count_money(&mut self) {
        if std::mem::replace(&mut self.counted, true) {
            return;
        }
        let Self { purses, searches, lenders, network, .. } = self;
        purses.resize_with(searches.len(), Purse::default);
        for (purse, search) in purses.iter_mut().zip(searches) {
            let own = Source { lender: None, flash: FlashFee::NONE, units: 0, cap: search.own_capital };
            let lent = search.config.lenders.iter().filter_map(|handle| {
                let lender = lenders.get(*handle as usize)?;
                let cap = lender.available(search.config.base);
                Some(Source { lender: Some(*handle), flash: lender.fee, units: lender.units, cap })
            });
            purse.sources.clear();
            purse.sources.extend(std::iter::once(own).chain(lent).filter(|source| source.cap > 0));
            purse.costs = network.and_then(|network| Some((network, Terms::new(search, &purse.sources, network)?)));
        }
    }
}

impl Terms {
    /// `None` without any money.
    fn new(search: &Search, sources: &[Source], network: NetworkFee) -> Option<Self> {
        let ratio = |source: &Source| source.flash.num as f64 / source.flash.den as f64;
        let flash = sources.iter().min_by(|one, other| ratio(one).total_cmp(&ratio(other)))?.flash;
        let cap = sources.iter().map(|source| source.cap).max()?.min(search.config.max_notional);
        let units = sources.iter().map(|source| source.units).min()?;
        let unit = network.price_num as f64 / network.price_den as f64;
        let tip = search.config.tip;
        Some(Self {
            flash,
            price: 1.0 + flash.num as f64 / flash.den as f64,
            cap,
            most: cap as f64,
            fee: network.base_fee as f64 + (network.base_units as f64 + units as f64) * unit,
            unit,
            share: tip.num as f64 / tip.den as f64,
            least_tip: tip.min as f64,
            most_tip: tip.max as f64,
            min_net: search.config.min_net as f64,
        })
    }
}
