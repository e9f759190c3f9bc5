//! Price and discount edits on their way to the host: gathered so that a thousand of them cross in one call per kind
//! and reason, without changing what the sequence of edits means.

use crate::{Decimal, EditError, backing, bindings::imports::crossdock::plugin::types::Decimals};

/// Edits of one kind with one reason; the host takes all of them or none.
struct Batch {
    prices: bool,
    reason: String,
    lines: Vec<u32>,
    values: Decimals,
}

/// The edits gathered since the last flush.
#[derive(Default)]
pub(crate) struct Edits {
    batches: Vec<Batch>,
    /// Per line, the last batch that touches it. An edit never joins a batch before that one: two edits of the same
    /// line reach the host in the order in which they were made.
    last: Vec<u32>,
}

impl Edits {
    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Adds a price (or else a discount). The value has no trailing zeros.
    pub(crate) fn add(&mut self, prices: bool, line: u32, value: Decimal, reason: &str) {
        let row = line as usize;
        if self.last.len() <= row {
            self.last.resize((row + 1).next_power_of_two(), 0);
        }
        let from = self.last[row] as usize;
        let place = self.batches.iter().skip(from).position(|batch| batch.prices == prices && same(&batch.reason, reason));
        if let Some(place) = place {
            let batch = &mut self.batches[from + place];
            if push(&mut batch.values, value) {
                batch.lines.push(line);
                self.last[row] = (from + place) as u32;
                return;
            }
        }
        self.last[row] = self.batches.len() as u32;
        let values = Decimals { scale: value.scale, units: vec![value.units] };
        self.batches.push(Batch { prices, reason: reason.to_owned(), lines: vec![line], values });
    }

    /// Sends every batch; answers the first refusal. A refused batch does not keep the others from being sent.
    pub(crate) fn send(&mut self, order: &backing::Order) -> Result<(), EditError> {
        self.last.clear();
        let mut answer = Ok(());
        for batch in self.batches.drain(..) {
            let sent = if batch.prices {
                order.set_unit_prices(&batch.lines, &batch.values, &batch.reason)
            } else {
                order.set_discounts(&batch.lines, &batch.values, &batch.reason)
            };
            answer = answer.and(sent);
        }
        answer
    }
}

/// Sets one row of a column; false when it cannot be held there.
pub(crate) fn put(column: &mut Decimals, row: usize, value: Decimal) -> bool {
    match (fit(column, value), column.units.get_mut(row)) {
        (Some(units), Some(place)) => *place = units,
        _ => return false,
    }
    true
}

fn push(column: &mut Decimals, value: Decimal) -> bool {
    fit(column, value).map(|units| column.units.push(units)).is_some()
}

/// The value's units at the column's scale; a column that is too coarse is refined first. `None` when a unit would not
/// fit ±(2^53 − 1) any more.
fn fit(column: &mut Decimals, value: Decimal) -> Option<i64> {
    const MOST: u64 = (1 << 53) - 1;
    let fits = |units: &i64| units.unsigned_abs() <= MOST;
    if value.scale > column.scale {
        let refined = column.units.iter().map(|&units| Decimal { units, scale: column.scale }.at_scale(value.scale).filter(fits));
        column.units = refined.collect::<Option<_>>()?;
        column.scale = value.scale;
    }
    value.at_scale(column.scale).filter(fits)
}

/// Whether two reasons are the same. Asked for every edit, and eight bytes at a time is much quicker inside a sandbox
/// than the byte-wise comparison of the compiler's library.
fn same(a: &str, b: &str) -> bool {
    let ((a, a_rest), (b, b_rest)) = (a.as_bytes().as_chunks::<8>(), b.as_bytes().as_chunks::<8>());
    let word = |bytes: &[u8]| bytes.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    a.len() == b.len()
        && a_rest.len() == b_rest.len()
        && a.iter().zip(b).all(|(a, b)| u64::from_ne_bytes(*a) == u64::from_ne_bytes(*b))
        && word(a_rest) == word(b_rest)
}
