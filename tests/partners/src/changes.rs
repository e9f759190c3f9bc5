//! Which of many things changed when, oldest change first, a page at a time: what both partners' lists are made of.

use jiff::Timestamp;
use std::{collections::BTreeMap, ops::Bound};

/// When something changed; the number keeps apart what changed at the same time.
pub(crate) type Mark = (Timestamp, u64);

/// What changed, by time. Each key stands there once: under its last change.
pub(crate) struct Changes<K> {
    by_time: BTreeMap<Mark, K>,
    last: u64,
}

impl<K: Clone> Changes<K> {
    pub(crate) fn new() -> Changes<K> {
        Changes { by_time: BTreeMap::new(), last: 0 }
    }

    /// Writes down that `key` changed; `before` is the mark that it had.
    pub(crate) fn touch(&mut self, key: K, before: Option<Mark>, at: Timestamp) -> Mark {
        if let Some(before) = before {
            self.by_time.remove(&before);
        }
        self.last += 1;
        self.by_time.insert((at, self.last), key);
        (at, self.last)
    }

    /// Takes a key away by its mark.
    pub(crate) fn forget(&mut self, mark: Mark) {
        self.by_time.remove(&mark);
    }

    /// What changed since then, and where the next page begins. A cursor goes on behind the last row that was given,
    /// whatever changed in between; what changed meanwhile comes (again) at its new place. `None` for a cursor that is none.
    pub(crate) fn page(&self, since: Timestamp, cursor: Option<&str>, limit: usize) -> Option<(Vec<K>, Option<String>)> {
        let from = match cursor {
            None => Bound::Included((since, 0)),
            Some(cursor) => {
                let (at, number) = cursor.split_once('~')?;
                Bound::Excluded((at.parse().ok()?, number.parse().ok()?))
            }
        };
        let mut rows = self.by_time.range((from, Bound::Unbounded));
        let page: Vec<(&Mark, &K)> = rows.by_ref().take(limit.max(1)).collect();
        let next = rows.next().and(page.last()).map(|((at, number), _)| format!("{at}~{number}"));
        Some((page.into_iter().map(|(_, key)| key.clone()).collect(), next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn pages_go_on_where_they_ended_and_what_changed_meanwhile_comes_again() {
        let mut changes = Changes::new();
        let first = changes.touch("a", None, at(10));
        changes.touch("b", None, at(10));
        changes.touch("c", None, at(5));
        changes.touch("d", None, at(20));
        let (rows, next) = changes.page(at(10), None, 2).unwrap();
        assert_eq!(rows, ["a", "b"], "since is included, and what is older is not there");
        changes.touch("a", Some(first), at(30));
        assert_eq!(changes.page(at(10), next.as_deref(), 2).unwrap(), (vec!["d", "a"], None));
        assert_eq!(changes.page(at(31), None, 2).unwrap(), (vec![], None));
        assert_eq!(changes.page(at(0), Some("x"), 2), None);
    }
}
