//! Faults that can be switched on while a partner runs: for the next so many requests, or for a share of all.

use crate::random::Random;
use serde::{Deserialize, Serialize};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Waits so many milliseconds, then does as usual.
    Slow(u64),
    /// 429 with this `Retry-After` in seconds; nothing is done.
    RateLimit(u64),
    /// 503 with this `Retry-After` in seconds; nothing is done.
    Unavailable(u64),
    /// 500 before anything is done.
    ErrorBefore,
    /// It is done, and the answer is 500.
    ErrorAfter,
    /// It is done, and no answer ever comes.
    SilenceAfter,
    /// It is done, and the connection ends without an answer.
    CloseAfter,
    /// It is done, and the answer is 200 with a text instead of JSON.
    GarbageAfter,
    /// It is done, and the answer is good but over a megabyte.
    FloodAfter,
    /// 200 with an error inside; nothing is done.
    ErrorInside,
    /// 401, as if the credential had been revoked; nothing is done.
    Unauthorized,
    /// 410; nothing is done.
    Gone,
    /// 307 to the same address, where it would be done; nothing is done yet.
    Moved,
    /// 422 UNKNOWN_ITEM, whatever the item; nothing is done.
    UnknownItem,
    /// 422 UNKNOWN_CUSTOMER, whatever the customer; nothing is done.
    UnknownCustomer,
    /// 422 FIELD_TOO_LONG, whatever the length; nothing is done.
    FieldTooLong,
}

/// Which requests a fault can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// POST of an order.
    Create,
    /// Look-up by purchase-order number.
    Find,
    /// PUT of a document in the place of another.
    Change,
    /// PUT of a status.
    Cancel,
    /// GET of one order by the partner's own number.
    Look,
    /// GET of what changed since a time.
    List,
    /// GET of goods or people: one of them, or by a natural key.
    Seek,
    /// POST or PUT of goods or people.
    Write,
    /// Reading the inventory.
    Stock,
    /// Reading what the fields hold.
    Metadata,
    /// Any of them.
    All,
}

/// A fault with the requests that it meets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rule {
    /// Which requests.
    pub on: On,
    /// How many of the next, then it is gone.
    #[serde(default)]
    pub next: u32,
    /// Or: how many of a thousand, for ever.
    #[serde(default)]
    pub permille: u32,
    /// What goes wrong.
    pub fault: Fault,
}

/// The switches of one partner. Clones share them.
#[derive(Clone, Debug)]
pub struct Faults {
    active: Arc<AtomicUsize>,
    state: Arc<Mutex<(Vec<Rule>, Random)>>,
}

impl Faults {
    /// No faults; `seed` decides which requests the shares will meet.
    pub fn new(seed: u64) -> Faults {
        Faults { active: Arc::default(), state: Arc::new(Mutex::new((Vec::new(), Random::new(seed)))) }
    }

    /// The next `count` of these requests fail so.
    pub fn next(&self, on: On, count: u32, fault: Fault) {
        self.change(|rules| rules.push(Rule { on, next: count, permille: 0, fault }));
    }

    /// So many of a thousand of these requests fail so, until [`Faults::clear`].
    pub fn share(&self, on: On, permille: u32, fault: Fault) {
        self.change(|rules| rules.push(Rule { on, next: 0, permille, fault }));
    }

    /// Replaces all rules.
    pub fn set(&self, new: Vec<Rule>) {
        self.change(|rules| *rules = new);
    }

    /// From now on all is well.
    pub fn clear(&self) {
        self.set(Vec::new());
    }

    /// The fault that meets this request: the first rule that applies.
    pub fn draw(&self, on: On) -> Option<Fault> {
        if self.active.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (rules, random) = &mut *state;
        let place = rules.iter_mut().position(|rule| {
            let meant = rule.on == on || rule.on == On::All;
            meant && (rule.next > 0 || (rule.permille > 0 && random.chance(rule.permille)))
        })?;
        let rule = &mut rules[place];
        let fault = rule.fault.clone();
        if rule.next > 0 {
            rule.next -= 1;
            if rule.next == 0 && rule.permille == 0 {
                rules.remove(place);
            }
        }
        self.active.store(rules.len(), Ordering::Relaxed);
        Some(fault)
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Rule>)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state.0);
        self.active.store(state.0.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_and_shares_are_counted() {
        let faults = Faults::new(7);
        faults.next(On::Create, 2, Fault::ErrorBefore);
        assert_eq!([On::Find, On::Create, On::Create, On::Create].map(|on| faults.draw(on).is_some()), [false, true, true, false]);
        faults.share(On::All, 100, Fault::CloseAfter);
        let hits = (0..10_000).filter(|_| faults.draw(On::Stock).is_some()).count();
        assert!((900..1100).contains(&hits), "{hits}");
        faults.clear();
        assert_eq!(faults.draw(On::Stock), None);
    }
}
