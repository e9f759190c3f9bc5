//! Finds what no webhook brought: asks the shop what changed and feeds it through the same door; compares the books of
//! both sides. What a difference is, is decided in `flow::books`.

use crate::shops::Shop;
use crossdock_flow::{
    Code, Fault,
    books::{self, Difference},
    clock::Clock,
    desk::Backend,
    record::{Accepted, Event, Filter, Kind},
    source::Listed,
    target::{Booked, Busy, Target},
};
use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{Notify, watch};

/// How often it is seen whether it is time for something.
const LOOK: Duration = Duration::from_secs(1);
/// How far back the nightly compare goes: the day, and what was under way when it began.
const DAY: SignedDuration = SignedDuration::from_hours(26);
/// How long an order may be under way before the books are said to differ by it.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(15);

/// What is needed to ask both sides.
pub(crate) struct Reconciler {
    /// The shop.
    pub shop: Shop,
    /// Whether it is one of several, so that what is told has to name it.
    pub is_one_of_several: bool,
    /// The ERP.
    pub target: Arc<dyn Target>,
    /// Where records are.
    pub store: Arc<dyn Backend>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Told when something was found.
    pub arrived: Arc<Notify>,
    /// How often the shop is asked, how far back.
    pub every: Duration,
    /// How far beyond the last time.
    pub overlap: Duration,
    /// When the whole day is looked at.
    pub nightly: Time,
    /// In this zone.
    pub zone: TimeZone,
}

/// What a poll found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Polled {
    /// Orders that the shop listed.
    pub listed: usize,
    /// Orders whose newest version no webhook had brought.
    pub found: usize,
}

/// Why it could not be looked.
#[derive(Debug)]
pub(crate) enum Blind {
    /// A partner did not answer.
    Partner(Busy),
    /// The store did not.
    Store(Fault),
}

impl Blind {
    /// The fault behind it.
    pub(crate) fn fault(self) -> Fault {
        match self {
            Blind::Partner(busy) => busy.fault,
            Blind::Store(fault) => fault,
        }
    }
}

/// The cursors that a list has led to. One that comes twice leads in a circle: then the list never ends.
#[derive(Default)]
struct Cursors(HashSet<String>);

impl Cursors {
    /// Where the list goes on; nothing at its end. Fails with E405 when it goes in a circle.
    fn next(&mut self, next: Option<String>, partner: &str) -> Result<Option<String>, Blind> {
        match next {
            Some(cursor) if !self.0.insert(cursor.clone()) => {
                let fault = Fault::new(Code::PartnerAnswer, format!("{partner} lists in a circle: a cursor came twice"));
                Err(Blind::Partner(Busy { fault, retry_after: None, counts: true }))
            }
            next => Ok(next),
        }
    }
}

impl Reconciler {
    /// Polls and compares until `stop` turns true.
    pub(crate) async fn watch(self, mut stop: watch::Receiver<bool>) {
        let mut next_poll = self.first_poll().await;
        let mut next_night = next_night(self.clock.now(), self.nightly, &self.zone);
        while !*stop.borrow() {
            let now = self.clock.now();
            // A clock that was ahead when they were planned must not put them off.
            next_poll = next_poll.min(now + self.every);
            next_night = next_night.min(self::next_night(now, self.nightly, &self.zone));
            if now >= next_poll {
                if let Err(blind) = self.poll(None).await {
                    tracing::warn!(shop = self.shop.name(), fault = %blind.fault(), "the shop could not be asked what changed; it is asked again");
                }
                next_poll = now + self.every;
            }
            if now >= next_night {
                match self.night(now).await {
                    Ok(()) => next_night = self::next_night(now, self.nightly, &self.zone),
                    Err(blind) => {
                        tracing::warn!(fault = %blind.fault(), "the books could not be compared; it is tried again");
                        next_night = now + self.every;
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK.min(self.every)) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// At once where the host was away: webhooks may have come to nobody. A host that starts for the very first time begins
    /// its watch now.
    async fn first_poll(&self) -> Timestamp {
        let now = self.clock.now();
        match self.store.cursor(self.shop.name()).await {
            Ok(None) => {
                if let Err(fault) = self.store.set_cursor(self.shop.name(), now).await {
                    tracing::warn!(%fault, "where the poll begins could not be written down");
                }
                now + self.every
            }
            _ => now,
        }
    }

    async fn night(&self, now: Timestamp) -> Result<(), Blind> {
        self.poll(Some(now - DAY)).await?;
        let differences = self.compare(now - DAY, now).await?;
        if differences.is_empty() {
            return Ok(());
        }
        let told: Vec<String> = differences.iter().take(5).map(|one| format!("{}: {}", one.order, one.tell())).collect();
        let more = differences.len().saturating_sub(told.len());
        let more = if more > 0 { format!("; and {more} more: `crossdock books`") } else { String::new() };
        let whose = if self.is_one_of_several { format!(" with the shop `{}`", self.shop.name()) } else { String::new() };
        let message = format!("{} differences{whose}: {}{more}", differences.len(), told.join("; "));
        self.store.alert(now, "books-differ", self.target.name(), &message).await.map_err(Blind::Store)
    }

    /// Asks the shop what changed since the last time, with overlap, or since then; what no webhook brought comes in by
    /// the same door. The cursor moves only when everything that was listed is on disk.
    pub(crate) async fn poll(&self, since: Option<Timestamp>) -> Result<Polled, Blind> {
        let (name, now) = (self.shop.name(), self.clock.now());
        let cursor = self.store.cursor(name).await.map_err(Blind::Store)?;
        let (from, moves) = span(cursor, since, now, SignedDuration::try_from(self.overlap).unwrap_or_default());
        let (mut polled, mut page, mut cursors) = (Polled::default(), None, Cursors::default());
        loop {
            let listed = self.shop.source.updated_since(from, page.as_deref()).await.map_err(Blind::Partner)?;
            for listed in listed.rows {
                polled.listed += 1;
                polled.found += usize::from(self.take_in(listed, now).await.map_err(Blind::Store)?);
            }
            match cursors.next(listed.next, name)? {
                Some(next) => page = Some(next),
                None => break,
            }
        }
        if moves {
            self.store.set_cursor(name, now).await.map_err(Blind::Store)?;
        }
        if polled.found > 0 {
            tracing::warn!(shop = name, listed = polled.listed, found = polled.found, "orders came that no webhook had brought");
            self.arrived.notify_one();
        }
        Ok(polled)
    }

    async fn take_in(&self, listed: Listed, now: Timestamp) -> Result<bool, Fault> {
        let newest = self.store.newest_version(self.shop.name(), &listed.order).await?;
        if newest.is_some_and(|newest| newest >= listed.version) {
            return Ok(false);
        }
        let kind = match (listed.cancelled, newest) {
            (true, _) => Kind::Cancelled,
            (false, None) => Kind::Created,
            (false, Some(_)) => Kind::Updated,
        };
        let event = Event {
            connection: self.shop.name().into(),
            id: format!("poll:{}:{}", listed.order, listed.version),
            kind,
            order: listed.order,
            version: listed.version,
            body: listed.body,
            received_at: now,
            unreadable: None,
            doubtful: true,
        };
        Ok(matches!(self.store.accept(event).await?, Accepted::New(_)))
    }

    /// Compares both sides' books of this time. What is under way for less than a quarter of an hour is left out.
    pub(crate) async fn compare(&self, since: Timestamp, now: Timestamp) -> Result<Vec<Difference>, Blind> {
        let shop = self.all_listed(since).await?;
        let erp = self.all_booked(since).await?;
        let (mut ours, mut newest) = (Vec::new(), HashMap::new());
        for listed in &shop {
            let filter = Filter { order: Some(listed.order.clone()), ..Filter::default() };
            ours.extend(self.store.list(filter).await.map_err(Blind::Store)?);
            if let Some(version) = self.store.newest_version(self.shop.name(), &listed.order).await.map_err(Blind::Store)? {
                newest.insert(listed.order.clone(), version);
            }
        }
        ours.retain(|one| !(one.fault.is_none() && one.due_at.is_some() && now.duration_since(one.received_at) < UNDER_WAY));
        Ok(books::compare(&shop, &ours, &newest, &erp))
    }

    async fn all_listed(&self, since: Timestamp) -> Result<Vec<Listed>, Blind> {
        let (mut all, mut page, mut cursors) = (Vec::new(), None, Cursors::default());
        loop {
            let listed = self.shop.source.updated_since(since, page.as_deref()).await.map_err(Blind::Partner)?;
            // Only what is compared is kept: a day's bodies need not be in memory.
            all.extend(listed.rows.into_iter().map(|row| Listed { body: Vec::new(), ..row }));
            match cursors.next(listed.next, self.shop.name())? {
                Some(next) => page = Some(next),
                None => return Ok(all),
            }
        }
    }

    async fn all_booked(&self, since: Timestamp) -> Result<Vec<Booked>, Blind> {
        let (mut all, mut page, mut cursors) = (Vec::new(), None, Cursors::default());
        loop {
            let booked = self.target.booked(since, page.as_deref()).await.map_err(Blind::Partner)?;
            all.extend(booked.rows);
            match cursors.next(booked.next, self.target.name())? {
                Some(next) => page = Some(next),
                None => {
                    // What the ERP has of other shops is compared with theirs.
                    all.retain(|one: &Booked| self.shop.names.owns(&one.key));
                    return Ok(all);
                }
            }
        }
    }
}

/// From when on the shop is asked, and whether the cursor moves to `now` afterwards: not when somebody asks for a shorter
/// time than what the cursor still owes. The first time there is no cursor: what came before the host did is not its
/// business. A cursor that a clock wrote which was ahead counts as now.
fn span(cursor: Option<Timestamp>, since: Option<Timestamp>, now: Timestamp, overlap: SignedDuration) -> (Timestamp, bool) {
    let owed = cursor.unwrap_or(now).min(now);
    let from = since.unwrap_or(owed - overlap);
    (from, from <= owed)
}

/// The next time of the nightly look: later than `now`.
pub(crate) fn next_night(now: Timestamp, nightly: Time, zone: &TimeZone) -> Timestamp {
    let here = now.to_zoned(zone.clone());
    let today = here.with().time(nightly).build();
    let next = today.and_then(|today| if today > here { Ok(today) } else { today.tomorrow()?.with().time(nightly).build() });
    next.map_or(now + SignedDuration::from_hours(24), |next| next.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    #[test]
    fn the_cursor_never_leaves_a_gap() {
        let (now, hour) = (at("2026-11-25T12:00:00Z"), SignedDuration::from_hours(1));
        assert_eq!(span(None, None, now, hour), (now - hour, true));
        assert_eq!(span(Some(now - hour * 5), None, now, hour), (now - hour * 6, true));
        assert_eq!(span(Some(now - hour * 5), Some(now - hour * 24), now, hour), (now - hour * 24, true));
        assert_eq!(span(Some(now - hour * 5), Some(now - hour), now, hour), (now - hour, false), "four hours are still owed");
        assert_eq!(span(Some(now + hour * 48), None, now, hour), (now - hour, true), "a clock that was ahead wrote it");
    }

    #[test]
    fn the_night_comes_once_a_day_where_the_company_is() {
        let (zone, nightly) = (TimeZone::get("America/Toronto").unwrap(), Time::constant(2, 30, 0, 0));
        let next = |now| next_night(at(now), nightly, &zone);
        assert_eq!(next("2026-11-25T07:29:59Z"), at("2026-11-25T07:30:00Z"));
        assert_eq!(next("2026-11-25T07:30:00Z"), at("2026-11-26T07:30:00Z"));
        // In the night in which 2:30 does not exist it comes all the same.
        let (before, after) = (next("2026-03-08T06:00:00Z"), next("2026-03-08T12:00:00Z"));
        assert!(before > at("2026-03-08T06:00:00Z") && before < at("2026-03-08T08:00:00Z"), "{before}");
        assert_eq!(after, at("2026-03-09T06:30:00Z"));
    }

    #[test]
    fn a_list_that_goes_in_a_circle_ends() {
        let mut cursors = Cursors::default();
        assert_eq!(cursors.next(Some("a".into()), "shop").ok().flatten().as_deref(), Some("a"));
        assert_eq!(cursors.next(Some("b".into()), "shop").ok().flatten().as_deref(), Some("b"));
        assert_eq!(cursors.next(Some("a".into()), "shop").map_err(|blind| blind.fault().code).unwrap_err(), Code::PartnerAnswer);
        assert!(cursors.next(None, "shop").unwrap().is_none());
    }
}
