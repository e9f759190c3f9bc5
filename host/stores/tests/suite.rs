//! What every backend must do, run over every row of `KINDS`. Nothing here knows how a backend works inside; what only
//! SQLite can do wrong is in sqlite.rs.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[path = "suite/given.rs"]
mod given;
#[path = "suite/lanes.rs"]
mod lanes;
#[path = "suite/life.rs"]
mod life;
#[path = "suite/model.rs"]
mod model;
#[path = "suite/rules.rs"]
mod rules;

use crossdock_flow::record::Store;
use crossdock_stores::{KINDS, Kind};
use std::{path::PathBuf, sync::Arc};

/// A store in a folder of its own, that can be closed and opened again.
pub(crate) struct Place {
    kind: &'static Kind,
    folder: tempfile::TempDir,
}

impl Place {
    fn new(kind: &'static Kind) -> Place {
        Place { kind, folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("records.db")
    }

    pub(crate) fn open(&self) -> Arc<dyn Store> {
        (self.kind.open)(&self.path()).unwrap()
    }
}

/// One test per name and backend: the function gets an empty place.
macro_rules! every_kind {
    ($($module:ident :: $name:ident),* $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for kind in KINDS {
                $module::$name(Place::new(kind)).await;
            }
        })*
    };
}

every_kind! {
    life::accept_is_idempotent,
    life::what_is_acknowledged_is_there_after_opening_again,
    life::an_unreadable_event_is_parked,
    life::a_whole_life_is_told,
    life::what_is_sent_comes_back_with_its_parts,
    life::an_attempt_taken_up_again_keeps_its_steps,
    life::parts_replace_those_before,
    life::a_record_that_is_not_there_is_a_fault,
    life::lists_are_newest_first_and_filtered,
    life::counts_add_up,
    life::many_at_once,
    lanes::claims_are_oldest_first_and_never_twice,
    lanes::one_of_an_order_at_a_time,
    lanes::an_earlier_record_that_waits_blocks_later_ones,
    lanes::held_with_a_time_comes_back_by_itself,
    lanes::held_does_not_block_but_shares_its_lane,
    lanes::held_that_is_sent_blocks_what_came_meanwhile,
    lanes::parked_waits_for_a_person,
    lanes::retry_puts_documents_under_way_to_be_looked_up,
    lanes::retry_releases_what_was_held,
    lanes::retry_blocks_what_came_later,
    lanes::superseded_records_never_come,
    lanes::unclaimed_comes_again,
    lanes::a_claim_that_nobody_waits_for_is_given_back,
    lanes::next_due_knows_what_can_come_next,
    lanes::a_long_lane_comes_in_order,
    rules::what_rules_keep_is_written_with_the_attempt,
    rules::what_was_written_meanwhile_is_a_conflict,
    rules::versions_out_of_service_are_released_by_a_person,
}

#[test]
fn any_sequence_agrees_with_the_model() {
    for kind in KINDS {
        model::check(kind);
    }
}
