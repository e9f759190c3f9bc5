//! What every backend must do, run over every row of `KINDS`. Nothing here knows how a backend works inside; what only
//! SQLite can do wrong is in sqlite.rs.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[path = "suite/audit.rs"]
mod audit;
#[path = "suite/binder.rs"]
mod binder;
#[path = "suite/changes.rs"]
mod changes;
#[path = "suite/desk.rs"]
mod desk;
#[path = "suite/erasure.rs"]
mod erasure;
#[path = "suite/given.rs"]
mod given;
#[path = "suite/keeping.rs"]
mod keeping;
#[path = "suite/lanes.rs"]
mod lanes;
#[path = "suite/life.rs"]
mod life;
#[path = "suite/model.rs"]
mod model;
#[path = "suite/promises.rs"]
mod promises;
#[path = "suite/rules.rs"]
mod rules;

use crossdock_flow::desk::Backend;
use crossdock_stores::{KINDS, Kind};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// A store in a folder of its own, that can be closed and opened again.
pub(crate) struct Place {
    kind: &'static Kind,
    folder: tempfile::TempDir,
}

impl Place {
    fn new(kind: &'static Kind) -> Place {
        Place { kind, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("records.db")
    }

    pub(crate) fn open(&self) -> Arc<dyn Backend> {
        self.open_at(&self.path())
    }

    pub(crate) fn open_at(&self, path: &Path) -> Arc<dyn Backend> {
        (self.kind.open)(path).unwrap()
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
    binder::an_entry_is_written_once_and_its_paper_is_the_latest,
    binder::many_that_keep_the_same_entry_at_once_write_it_once,
    binder::entries_are_found_by_order_month_and_id,
    binder::nothing_is_written_into_a_locked_month,
    changes::the_newest_change_waits_and_the_cursor_moves_with_it,
    changes::a_newer_change_that_comes_meanwhile_is_not_lost,
    changes::what_was_begun_comes_again_as_doubtful,
    changes::a_story_keeps_the_latest_attempts,
    changes::who_is_whom_is_found_from_both_sides,
    changes::parked_changes_wait_until_somebody_retries_them,
    changes::a_hundred_buyers_of_ten_units_get_ten,
    erasure::what_is_kept_alike_has_its_time,
    erasure::erasing_a_customer_leaves_keys_states_and_times,
    erasure::nothing_of_a_customer_that_waits_is_erased_unless_it_is_given_up,
    erasure::a_key_that_is_another_customers_on_each_side_is_asked_about,
    promises::two_shops_sell_ten_units_to_a_hundred_buyers_ten_times,
    promises::the_last_unit_is_sold_once,
    promises::a_promise_takes_the_place_of_the_one_before_and_ends_with_the_order,
    promises::a_figure_that_orders_under_way_explain_is_not_counted_twice,
    promises::a_buffer_that_changes_is_told_although_no_level_does,
    promises::what_the_shop_is_told_is_due_again_when_a_promise_changes_it,
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
    desk::decisions_are_made_once_and_only_on_what_stopped,
    desk::discarded_is_over,
    desk::what_may_be_in_the_erp_cannot_be_given_up,
    desk::an_edit_is_a_copy_beside_the_original,
    desk::only_what_stopped_and_is_not_in_the_erp_can_be_edited,
    desk::an_unreadable_event_gets_the_place_that_its_copy_says,
    desk::a_worker_never_overrules_a_person,
    desk::the_lane_tells_what_was_sent_last,
    desk::corrections_are_remembered_until_forgotten,
    desk::what_stands_beside_the_records_is_kept,
    desk::a_clock_that_was_ahead_leaves_nothing_stuck,
    desk::many_decided_at_once_keep_their_lanes,
    audit::an_order_that_nothing_stops_is_told_in_three_lines,
    audit::every_other_way_is_told_step_by_step,
    audit::a_refused_change_is_not_told,
    audit::the_audit_is_read_by_time_order_and_page,
    audit::a_clock_that_goes_back_does_not_change_the_order_of_a_story,
    keeping::everything_has_its_time,
    keeping::what_is_open_is_never_swept,
    keeping::sweeping_takes_a_few_at_a_time_and_all_in_the_end,
    keeping::a_number_is_never_given_twice,
    keeping::a_corrected_copy_begins_its_time_anew,
    keeping::erasing_leaves_amounts_numbers_states_and_times,
    keeping::nothing_is_erased_while_something_is_open,
    keeping::a_backup_is_whole_while_everything_goes_on,
}

#[test]
fn any_sequence_agrees_with_the_model() {
    for kind in KINDS {
        model::check(kind);
    }
}
