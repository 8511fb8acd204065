//! The `Market` class: checks and converts arguments, forwards to the core, releases the GIL for the work.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict, PyInt, PyList};

use hoploop_hot::curves::tick_walk::Ask;
use hoploop_hot::fees::{NetworkFee, Tip};
use hoploop_hot::suppression::Until;
use hoploop_hot::venues::Clock;
use hoploop_hot::wiring::Lender;
use hoploop_hot::{AccountPoolConfig, PoolConfig, SearchConfig, Update};

use crate::answers::{left_out, Batch, LeftOut};
use crate::convert::{amount, answer, exact, handle, hot, number, word};
use crate::describe::describe;
use crate::many;
use crate::venue::Key;
use crate::HotError;

/// All pools of one chain and the cycles through them.
#[pyclass(module = "hoploop.hot._native")]
pub struct Market {
    core: hoploop_hot::Market,
    number: u64,
}

static MARKETS: AtomicU64 = AtomicU64::new(0);

type Int<'py> = Bound<'py, PyInt>;

impl Market {
    /// What tells this market from every other of the process.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// The core, for the other way in.
    pub(crate) fn core_mut(&mut self) -> &mut hoploop_hot::Market {
        &mut self.core
    }
}

#[pymethods]
#[allow(clippy::too_many_arguments)]
impl Market {
    #[new]
    fn new() -> Self {
        Self { core: hoploop_hot::Market::new(), number: MARKETS.fetch_add(1, Ordering::Relaxed) }
    }

    fn add_asset(&mut self, name: &str) -> PyResult<u32> {
        self.core.add_asset(name).map_err(hot)
    }

    #[pyo3(signature = (name, curve, decoder, asset0, asset1, fee_num, fee_den, tick_spacing, units, doors))]
    fn add_pool(
        &mut self,
        name: &str,
        curve: &str,
        decoder: &str,
        asset0: Int<'_>,
        asset1: Int<'_>,
        fee_num: Int<'_>,
        fee_den: Int<'_>,
        tick_spacing: Int<'_>,
        units: Int<'_>,
        doors: Vec<Bound<'_, PyBytes>>,
    ) -> PyResult<u32> {
        let doors: Vec<&[u8]> = doors.iter().map(|door| door.as_bytes()).collect();
        let config = PoolConfig {
            name,
            curve,
            decoder,
            asset0: exact(&asset0, "asset0")?,
            asset1: exact(&asset1, "asset1")?,
            fee_num: exact(&fee_num, "fee_num")?,
            fee_den: exact(&fee_den, "fee_den")?,
            tick_spacing: exact(&tick_spacing, "tick_spacing")?,
            units: exact(&units, "units")?,
            doors: &doors,
        };
        self.core.add_pool(&config).map_err(hot)
    }

    fn add_account_pool(
        &mut self,
        name: &str,
        venue: &str,
        asset0: Int<'_>,
        asset1: Int<'_>,
        units: Int<'_>,
        roles: HashMap<String, Key>,
        routes: (Vec<Key>, Vec<Key>),
    ) -> PyResult<u32> {
        let roles: Vec<(&str, Key)> = roles.iter().map(|(role, key)| (role.as_str(), *key)).collect();
        let config = AccountPoolConfig {
            name,
            venue,
            asset0: exact(&asset0, "asset0")?,
            asset1: exact(&asset1, "asset1")?,
            units: exact(&units, "units")?,
            roles: &roles,
            routes: [&routes.0, &routes.1],
        };
        self.core.add_account_pool(&config).map_err(hot)
    }

    fn set_clock(&mut self, slot: Int<'_>, unix_timestamp: i64, epoch: Int<'_>) -> PyResult<()> {
        let (slot, epoch) = (exact(&slot, "slot")?, exact(&epoch, "epoch")?);
        self.core.set_clock(Clock { slot, unix_timestamp, epoch });
        Ok(())
    }

    fn set_barrier(&mut self, slots: Int<'_>) -> PyResult<()> {
        self.core.set_barrier(exact(&slots, "slots")?);
        Ok(())
    }

    fn add_lender(
        &mut self,
        name: String,
        fee_num: Int<'_>,
        fee_den: Int<'_>,
        rounding: &str,
        min_fee: Int<'_>,
        units: Int<'_>,
    ) -> PyResult<u32> {
        let (num, den) = (exact(&fee_num, "fee_num")?, exact(&fee_den, "fee_den")?);
        let (min, units) = (exact(&min_fee, "min_fee")?, exact(&units, "units")?);
        Ok(self.core.add_lender(Lender::new(name, num, den, rounding, min, units).map_err(hot)?))
    }

    #[pyo3(signature = (lender, asset, amount))]
    fn set_available(&mut self, lender: Int<'_>, asset: Int<'_>, amount: Int<'_>) -> PyResult<()> {
        let most = self::amount(&amount, "amount")?;
        self.core.set_available(exact(&lender, "lender")?, exact(&asset, "asset")?, most).map_err(hot)
    }

    fn set_fees(
        &mut self,
        base_fee: Int<'_>,
        base_units: Int<'_>,
        price_num: Int<'_>,
        price_den: Int<'_>,
    ) -> PyResult<()> {
        let fees = NetworkFee {
            base_fee: exact(&base_fee, "base_fee")?,
            base_units: exact(&base_units, "base_units")?,
            price_num: exact(&price_num, "price_num")?,
            price_den: exact(&price_den, "price_den")?,
        };
        self.core.set_fees(fees).map_err(hot)
    }

    fn add_search(
        &mut self,
        name: String,
        base: Int<'_>,
        pools: Vec<u32>,
        lenders: Vec<u32>,
        min_hops: Int<'_>,
        max_hops: Int<'_>,
        max_notional: Int<'_>,
        min_net: Int<'_>,
        tip_num: Int<'_>,
        tip_den: Int<'_>,
        min_tip: Int<'_>,
        max_tip: Int<'_>,
        budget: Int<'_>,
    ) -> PyResult<u32> {
        let tip = Tip {
            num: exact(&tip_num, "tip_num")?,
            den: exact(&tip_den, "tip_den")?,
            min: exact(&min_tip, "min_tip")?,
            max: exact(&max_tip, "max_tip")?,
        };
        let config = SearchConfig {
            name,
            base: exact(&base, "base")?,
            pools,
            lenders,
            min_hops: exact(&min_hops, "min_hops")?,
            max_hops: exact(&max_hops, "max_hops")?,
            max_notional: amount(&max_notional, "max_notional")?,
            min_net: exact(&min_net, "min_net")?,
            tip,
            budget: exact(&budget, "budget")?,
        };
        self.core.add_search(config).map_err(hot)
    }

    #[pyo3(signature = (search, amount))]
    fn set_own_capital(&mut self, search: Int<'_>, amount: Int<'_>) -> PyResult<()> {
        self.core.set_own_capital(exact(&search, "search")?, self::amount(&amount, "amount")?).map_err(hot)
    }

    fn seal<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        counts(py, py.detach(|| self.core.seal()).map_err(hot)?)
    }

    fn load(&mut self, pool: Int<'_>, seq: Int<'_>, snapshot: &Bound<'_, PyBytes>) -> PyResult<bool> {
        let (pool, seq) = (exact(&pool, "pool")?, exact(&seq, "seq")?);
        let loaded = self.core.load(pool, seq, snapshot.as_bytes()).map_err(hot)?;
        loaded.map_err(|refusal| {
            let name = self.core.pool(pool).map_or("?", |held| held.name.as_str());
            HotError::new_err(format!("snapshot of {name:?} refused: {refusal}"))
        })
    }

    fn mark_stale(&mut self, pool: Int<'_>) -> PyResult<()> {
        self.core.mark_stale(exact(&pool, "pool")?).map_err(hot)
    }

    fn on_batch(&mut self, py: Python<'_>, updates: &Bound<'_, PyAny>) -> PyResult<Batch> {
        type Item<'py> = (Bound<'py, PyBytes>, Int<'py>, Bound<'py, PyBytes>);
        let items = updates.try_iter()?.map(|item| item?.extract::<Item<'_>>()).collect::<PyResult<Vec<_>>>()?;
        // The bytes stay where Python put them; `items` keeps them alive while the GIL is away.
        let borrowed = items
            .iter()
            .map(|(key, seq, data)| Ok(Update { key: key.as_bytes(), seq: exact(seq, "seq")?, data: data.as_bytes() }))
            .collect::<PyResult<Vec<_>>>()?;
        let result = py.detach(|| self.core.on_batch(&borrowed)).map_err(hot)?;
        Batch::new(py, result, self.number)
    }

    #[pyo3(signature = (pool, zero_for_one, amount_in))]
    fn quote<'py>(
        &self,
        py: Python<'py>,
        pool: Int<'py>,
        zero_for_one: bool,
        amount_in: Int<'py>,
    ) -> PyResult<Option<Bound<'py, PyInt>>> {
        let held = self.core.pool(handle(&pool)?).map_err(hot)?;
        answer(py, held.quote(zero_for_one, amount(&amount_in, "amount_in")?).ok())
    }

    #[pyo3(signature = (pool, zero_for_one, amount_out))]
    fn quote_out<'py>(
        &self,
        py: Python<'py>,
        pool: Int<'py>,
        zero_for_one: bool,
        amount_out: Int<'py>,
    ) -> PyResult<Option<Bound<'py, PyInt>>> {
        let held = self.core.pool(handle(&pool)?).map_err(hot)?;
        answer(py, held.quote_out(zero_for_one, amount(&amount_out, "amount_out")?).ok())
    }

    #[pyo3(signature = (pool, zero_for_one, amounts_in))]
    fn quote_many<'py>(
        &self,
        pool: Int<'py>,
        zero_for_one: bool,
        amounts_in: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        many::listed(self.core.pool(handle(&pool)?).map_err(hot)?, zero_for_one, &amounts_in)
    }

    #[pyo3(signature = (pools, zero_for_one, amounts_in, amounts_out))]
    fn quote_into(
        &self,
        pools: Bound<'_, PyAny>,
        zero_for_one: bool,
        amounts_in: Bound<'_, PyAny>,
        amounts_out: Bound<'_, PyAny>,
    ) -> PyResult<usize> {
        many::into(&self.core, &pools, zero_for_one, &amounts_in, &amounts_out)
    }

    #[pyo3(signature = (pool, zero_for_one, exact_in, amount))]
    fn fill(
        &self,
        py: Python<'_>,
        pool: Int<'_>,
        zero_for_one: bool,
        exact_in: bool,
        amount: Int<'_>,
    ) -> PyResult<Py<PyAny>> {
        let held = self.core.pool(exact(&pool, "pool")?).map_err(hot)?;
        match held.fill(Ask { zero_for_one, exact_in, amount: word(&amount, "amount")? }) {
            Ok((paid, given)) => Ok((number(py, paid)?, number(py, given)?).into_pyobject(py)?.into_any().unbind()),
            Err(refusal) => Ok(refusal.code().into_pyobject(py)?.into_any().unbind()),
        }
    }

    fn pool_state<'py>(&self, py: Python<'py>, pool: Int<'py>) -> PyResult<Bound<'py, PyDict>> {
        describe(py, self.core.pool(exact(&pool, "pool")?).map_err(hot)?)
    }

    fn snapshot<'py>(&self, py: Python<'py>, pool: Int<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let bytes = self.core.snapshot(exact(&pool, "pool")?).map_err(hot)?;
        Ok(bytes.map(|bytes| PyBytes::new(py, &bytes)))
    }

    fn roll_back(&mut self, py: Python<'_>, to: Int<'_>) -> PyResult<(Vec<u32>, Vec<u32>, Batch)> {
        let to = exact(&to, "to")?;
        let found = py.detach(|| self.core.roll_back(to)).map_err(hot)?;
        Ok((found.restored, found.stale, Batch::new(py, found.batch, self.number)?))
    }

    #[pyo3(name = "drop")]
    fn drop_pools<'py>(&mut self, py: Python<'py>, pools: Vec<u32>) -> PyResult<Bound<'py, PyDict>> {
        counts(py, py.detach(|| self.core.drop_pools(&pools)).map_err(hot)?)
    }

    #[pyo3(signature = (search, legs, *, batches=None, until=None))]
    fn suppress(
        &mut self,
        search: Int<'_>,
        legs: Vec<(u32, bool)>,
        batches: Option<Int<'_>>,
        until: Option<Int<'_>>,
    ) -> PyResult<()> {
        let until = match (batches, until) {
            (Some(count), None) => Until::Batches(exact(&count, "batches")?),
            (None, Some(time)) => Until::Time(exact(&time, "until")?),
            _ => return Err(HotError::new_err("a path is left out either for batches or until a time")),
        };
        self.core.suppress(exact(&search, "search")?, &legs, until).map_err(hot)
    }

    fn release(&mut self, search: Int<'_>, legs: Vec<(u32, bool)>) -> PyResult<bool> {
        self.core.release(exact(&search, "search")?, &legs).map_err(hot)
    }

    fn set_time(&mut self, now: Int<'_>) -> PyResult<()> {
        self.core.set_time(exact(&now, "now")?);
        Ok(())
    }

    fn suppressed(&self) -> Vec<LeftOut> {
        self.core.suppressed().iter().map(left_out).collect()
    }
}

fn counts(py: Python<'_>, counts: [usize; 3]) -> PyResult<Bound<'_, PyDict>> {
    let answer = PyDict::new(py);
    for (name, count) in ["pools", "edges", "cycles"].into_iter().zip(counts) {
        answer.set_item(name, count)?;
    }
    Ok(answer)
}
