//! The way to an ERP: only so many calls at the same time, only so many a second, and none for a while when it does not
//! answer. What may be done when is decided in `flow::pace`; here it is carried out.

use async_trait::async_trait;
use crossdock_flow::{
    Code, Document, Fault,
    clock::Clock,
    pace::{Bucket, Circuit, Health, Leave, Trip, Turned},
    schema::Schema,
    target::{Answer, Booked, Busy, Found, Page, Standing, Stock, Target},
};
use jiff::Timestamp;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{Semaphore, mpsc};

/// The longest that a call waits here for its turn by the rate; what would wait longer comes again.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a partner is left alone that says 429 without saying how long.
const SILENCE: Duration = Duration::from_secs(1);

/// How fast an ERP is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Calls at the same time.
    pub concurrency: usize,
    /// Calls a second; none means as many as it takes.
    pub per_second: Option<u32>,
    /// When it is left alone.
    pub trip: Trip,
}

/// A circuit that opened or closed, for whoever writes alerts.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    /// The connection.
    pub connection: String,
    /// What became of it.
    pub turned: Turned,
    /// When.
    pub at: Timestamp,
}

/// A target behind a gate.
pub(crate) struct Gate {
    target: Arc<dyn Target>,
    clock: Arc<dyn Clock>,
    permits: Semaphore,
    bucket: Option<Mutex<Bucket>>,
    circuit: Mutex<Circuit>,
    turns: mpsc::UnboundedSender<Turn>,
}

impl Gate {
    /// A gate before a target. Gives what its circuit does, too: a few lines a day, so nobody has to hurry.
    pub(crate) fn new(target: Arc<dyn Target>, pace: Pace, clock: Arc<dyn Clock>) -> (Gate, mpsc::UnboundedReceiver<Turn>) {
        let (turns, turned) = mpsc::unbounded_channel();
        let bucket = pace.per_second.map(|rate| Mutex::new(Bucket::new(rate)));
        (Gate { target, clock, permits: Semaphore::new(pace.concurrency), bucket, circuit: Mutex::new(Circuit::new(pace.trip)), turns }, turned)
    }

    /// Until when nothing goes through; nothing when something may.
    pub(crate) fn closed_until(&self) -> Option<Timestamp> {
        self.circuit().closed_until(self.clock.now())
    }

    /// Whether the ERP is on probation: one call at a time goes through.
    pub(crate) fn is_open(&self) -> bool {
        self.circuit().is_open()
    }

    fn circuit(&self) -> std::sync::MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn, makes the call, and learns from what came of it.
    pub(crate) async fn pass<T: Heard>(&self, call: impl Future<Output = T>) -> Result<T, Busy> {
        // The semaphore is never closed, so a permit always comes.
        let _permit = self.permits.acquire().await;
        if let Some(bucket) = &self.bucket {
            let wait = bucket.lock().unwrap_or_else(PoisonError::into_inner).take(self.clock.now());
            if wait > PATIENCE {
                return Err(later(format!("{} is asked as often as `per-second` allows", self.name()), wait));
            }
            tokio::time::sleep(wait).await;
        }
        let now = self.clock.now();
        let leave = self.circuit().leave(now);
        if let Leave::Wait(until) = leave {
            let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
            return Err(later(format!("{} is left alone until {until}", self.name()), wait));
        }
        // A caller that stops waiting says nothing of the partner, but its probe must not stay open.
        let waiting = Waiting { gate: self, leave };
        let answer = call.await;
        std::mem::forget(waiting);
        let now = self.clock.now();
        let turned = match answer.heard() {
            Said::Health(health) => self.circuit().heard(leave, health, now),
            Said::Silence(wait) => {
                self.circuit().silence(wait, now);
                None
            }
        };
        if let Some(turned) = turned {
            // Nobody listens where no host runs: then the circuit still does its work.
            drop(self.turns.send(Turn { connection: self.name().to_owned(), turned, at: now }));
        }
        Ok(answer)
    }
}

/// A call that is waited for; dropped when nobody waits any more.
struct Waiting<'g> {
    gate: &'g Gate,
    leave: Leave,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.gate.circuit().unheard(self.leave);
    }
}

fn later(why: String, wait: Duration) -> Busy {
    Busy { fault: Fault::new(Code::PartnerBusy, why), retry_after: Some(wait), counts: false }
}

/// What an answer says of the partner.
pub(crate) enum Said {
    Health(Health),
    /// It asks to be left alone for so long.
    Silence(Duration),
}

/// An answer that says how the partner is.
pub(crate) trait Heard {
    /// What it says.
    fn heard(&self) -> Said;
}

impl Heard for Answer {
    fn heard(&self) -> Said {
        match self {
            Answer::Done(_) | Answer::Refused(_) => Said::Health(Health::Well),
            Answer::Busy(busy) => busy.heard(),
            Answer::Unknown(_) => Said::Health(Health::Ill),
        }
    }
}

impl Heard for Found {
    fn heard(&self) -> Said {
        match self {
            Found::Here(_) | Found::Missing | Found::Other(_) => Said::Health(Health::Well),
            Found::Busy(busy) => busy.heard(),
        }
    }
}

impl Heard for Busy {
    fn heard(&self) -> Said {
        match self.retry_after {
            Some(wait) => Said::Silence(wait),
            None if !self.counts => Said::Silence(SILENCE),
            None => Said::Health(Health::Ill),
        }
    }
}

impl<T> Heard for Result<T, Busy> {
    fn heard(&self) -> Said {
        match self {
            Ok(_) => Said::Health(Health::Well),
            Err(busy) => busy.heard(),
        }
    }
}

#[async_trait]
impl Target for Gate {
    fn name(&self) -> &str {
        self.target.name()
    }

    async fn create(&self, document: &Document) -> Answer {
        self.pass(self.target.create(document)).await.unwrap_or_else(Answer::Busy)
    }

    async fn find(&self, document: &Document) -> Found {
        self.pass(self.target.find(document)).await.unwrap_or_else(Found::Busy)
    }

    async fn cancel(&self, number: &str) -> Answer {
        self.pass(self.target.cancel(number)).await.unwrap_or_else(Answer::Busy)
    }

    async fn change(&self, number: &str, document: &Document) -> Answer {
        self.pass(self.target.change(number, document)).await.unwrap_or_else(Answer::Busy)
    }

    async fn standing(&self, number: &str) -> Result<Option<Standing>, Busy> {
        self.pass(self.target.standing(number)).await?
    }

    async fn booked(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Booked>, Busy> {
        self.pass(self.target.booked(since, page)).await?
    }

    async fn stock(&self) -> Result<Stock, Busy> {
        self.pass(self.target.stock()).await?
    }

    async fn tables(&self) -> Result<Option<Vec<Schema>>, Busy> {
        self.pass(self.target.tables()).await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::{sample, target::Receipt};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Time that stands still until it is moved; moved by tokio's own simulated time, too.
    struct Simulated(tokio::time::Instant);
    impl Clock for Simulated {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH + self.0.elapsed()
        }
    }

    /// An ERP that answers from a list, then takes everything; counts how many calls run at the same time.
    #[derive(Default)]
    struct Erp {
        answers: Mutex<Vec<Answer>>,
        calls: AtomicUsize,
        running: AtomicUsize,
        most: AtomicUsize,
        takes: Duration,
    }
    #[async_trait]
    impl Target for Erp {
        fn name(&self) -> &str {
            "erp"
        }
        async fn create(&self, _: &Document) -> Answer {
            self.calls.fetch_add(1, Ordering::SeqCst);
            let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(running, Ordering::SeqCst);
            tokio::time::sleep(self.takes).await;
            self.running.fetch_sub(1, Ordering::SeqCst);
            self.answers.lock().unwrap().pop().unwrap_or(Answer::Done(Receipt { number: "1".into() }))
        }
        async fn find(&self, _: &Document) -> Found {
            Found::Missing
        }
        async fn cancel(&self, _: &str) -> Answer {
            unreachable!()
        }
        async fn change(&self, _: &str, _: &Document) -> Answer {
            unreachable!()
        }
        async fn standing(&self, _: &str) -> Result<Option<Standing>, Busy> {
            unreachable!()
        }
        async fn booked(&self, _: Timestamp, _: Option<&str>) -> Result<Page<Booked>, Busy> {
            unreachable!()
        }
        async fn stock(&self) -> Result<Stock, Busy> {
            Err(Busy { fault: Fault::new(Code::PartnerBusy, "429"), retry_after: Some(Duration::from_secs(7)), counts: false })
        }
    }

    fn gate(erp: &Arc<Erp>, concurrency: usize, per_second: Option<u32>) -> (Arc<Gate>, mpsc::UnboundedReceiver<Turn>) {
        let pace = Pace { concurrency, per_second, trip: Trip { after: 3, ..Trip::default() } };
        let (gate, turns) = Gate::new(erp.clone(), pace, Arc::new(Simulated(tokio::time::Instant::now())));
        (Arc::new(gate), turns)
    }

    async fn create_all(gate: &Arc<Gate>, count: usize) -> Vec<Answer> {
        let document = Arc::new(sample::document(&sample::order(1)));
        let calls = (0..count).map(|_| {
            let (gate, document) = (gate.clone(), document.clone());
            tokio::spawn(async move { gate.create(&document).await })
        });
        let mut answers = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            answers.push(call.await.unwrap());
        }
        answers
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_calls_run_at_a_time() {
        let erp = Arc::new(Erp { takes: Duration::from_secs(1), ..Erp::default() });
        create_all(&gate(&erp, 3, None).0, 20).await;
        assert_eq!((erp.most.load(Ordering::SeqCst), erp.calls.load(Ordering::SeqCst)), (3, 20));
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_calls_go_a_second_and_who_would_wait_long_comes_again_without_a_try() {
        let erp = Arc::new(Erp::default());
        let (gate, _turns) = gate(&erp, 100, Some(10));
        let started = tokio::time::Instant::now();
        let answers = create_all(&gate, 70).await;
        // A burst of a second's worth, then the rate, for as long as anybody has patience.
        let done = answers.iter().filter(|answer| matches!(answer, Answer::Done(_))).count();
        assert_eq!((done, erp.calls.load(Ordering::SeqCst)), (60, 60));
        assert!(started.elapsed() >= Duration::from_secs(5), "{:?}", started.elapsed());
        let Some(Answer::Busy(busy)) = answers.iter().find(|answer| matches!(answer, Answer::Busy(_))) else { panic!("nobody was sent away") };
        assert!(!busy.counts && busy.retry_after.is_some_and(|wait| wait > PATIENCE));
    }

    #[tokio::test(start_paused = true)]
    async fn an_erp_that_does_not_answer_is_left_alone_then_probed_and_taken_back() {
        let unknown = || Answer::Unknown(Fault::new(Code::Unknown, "timeout"));
        let erp = Arc::new(Erp { answers: Mutex::new((0..4).map(|_| unknown()).collect()), takes: Duration::from_millis(1), ..Erp::default() });
        let (gate, mut turns) = gate(&erp, 1, None);
        create_all(&gate, 5).await;
        assert_eq!((erp.calls.load(Ordering::SeqCst), gate.is_open()), (3, true), "the fourth and fifth were not made");
        assert_eq!(turns.try_recv().unwrap().turned, Turned::Opened);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(gate.closed_until().is_none());
        create_all(&gate, 2).await;
        assert_eq!(erp.calls.load(Ordering::SeqCst), 4, "one probe, which fails; the wait doubles");
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(gate.closed_until().is_some());
        tokio::time::advance(Duration::from_secs(6)).await;
        // A probe that nobody waits for any more keeps nobody from the next.
        let document = sample::document(&sample::order(1));
        tokio::select! {
            biased;
            answer = gate.create(&document) => panic!("{answer:?} at once"),
            () = std::future::ready(()) => {}
        }
        let answers = create_all(&gate, 3).await;
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Done(_))), "{answers:?}");
        assert_eq!(turns.try_recv().unwrap().turned, Turned::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_partner_that_asks_for_silence_is_left_alone_by_everybody() {
        let erp = Arc::new(Erp::default());
        let (gate, _turns) = gate(&erp, 1, None);
        assert!(gate.stock().await.is_err());
        let Answer::Busy(busy) = &create_all(&gate, 1).await[0] else { panic!("it was asked all the same") };
        assert_eq!((busy.counts, busy.retry_after, erp.calls.load(Ordering::SeqCst)), (false, Some(Duration::from_secs(7)), 0));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert!(matches!(create_all(&gate, 1).await[0], Answer::Done(_)));
    }
}
