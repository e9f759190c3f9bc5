//! Sends webhooks like a shop: signed, several at once, again when they were not acknowledged; on request also twice, out
//! of order, and no faster than a gate opens.

use crate::{now, random::Random, signature};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// A webhook to send.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The event's id.
    pub id: String,
    /// The order's number.
    pub number: String,
    /// The event.
    pub body: Arc<str>,
}

/// How to send.
#[derive(Clone, Debug)]
pub struct Options {
    /// The secret, `whsec_…`.
    pub secret: String,
    /// How many requests at once.
    pub concurrency: usize,
    /// How many a second are offered, whether or not those before were answered, as far as `concurrency` lets them; without it
    /// each connection sends as soon as it has an answer.
    pub rate: Option<u32>,
    /// How often one event is sent at most.
    pub tries: u32,
    /// The wait before the second try; it doubles.
    pub wait: Duration,
    /// The longest wait between two tries.
    pub longest_wait: Duration,
    /// How long one request may take.
    pub timeout: Duration,
    /// How many of a thousand events are sent twice.
    pub duplicates: u32,
    /// Whether they are sent in a random order.
    pub shuffle: bool,
    /// Decides which are sent twice, and the order.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            secret: signature::SECRET.into(),
            concurrency: 16,
            rate: None,
            tries: 1,
            wait: Duration::from_millis(20),
            longest_wait: Duration::from_secs(1),
            timeout: Duration::from_secs(10),
            duplicates: 0,
            shuffle: false,
            seed: 1,
        }
    }
}

/// What came of one event.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The event's id.
    pub id: String,
    /// The order's number.
    pub number: String,
    /// The last answer; none when there was no connection or no answer.
    pub status: Option<u16>,
    /// How often it was sent.
    pub tries: u32,
    /// How long the last try took; with a rate how long it took from the time at which it should have started.
    pub latency: Duration,
    /// Whether it is the second copy of an event.
    pub duplicate: bool,
}

impl Sent {
    /// Whether the receiver has promised to keep it.
    pub fn acknowledged(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Sends all of them and waits for every answer. The results come in the order in which the events were finished.
pub async fn send(url: &str, hooks: &[Hook], options: &Options) -> Vec<Sent> {
    let mut random = Random::new(options.seed);
    let mut queue: Vec<(Hook, bool)> = Vec::with_capacity(hooks.len());
    for hook in hooks {
        queue.push((hook.clone(), false));
        if random.chance(options.duplicates) {
            queue.push((hook.clone(), true));
        }
    }
    if options.shuffle {
        random.shuffle(&mut queue);
    }
    let (_open, gate) = watch::channel(queue.len());
    through(url, queue.into(), options, &gate).await
}

/// Sends them in the order given, each once the gate has opened further than its place, and waits for every answer. What
/// has not passed when the gate is dropped is not sent. `duplicates` and `shuffle` have no effect here.
pub async fn send_through(url: &str, hooks: Vec<Hook>, options: &Options, gate: &watch::Receiver<usize>) -> Vec<Sent> {
    through(url, hooks.into_iter().map(|hook| (hook, false)).collect(), options, gate).await
}

async fn through(url: &str, queue: Arc<[(Hook, bool)]>, options: &Options, gate: &watch::Receiver<usize>) -> Vec<Sent> {
    let (next, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::with_capacity(queue.len()))));
    let client = client();
    let begun = Instant::now();
    let workers = (0..options.concurrency.max(1)).map(|_| {
        let (queue, next, sent, client) = (queue.clone(), next.clone(), sent.clone(), client.clone());
        let (url, options, mut gate) = (url.to_owned(), options.clone(), gate.clone());
        tokio::spawn(async move {
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some((hook, duplicate)) = queue.get(place) else { return };
                if gate.wait_for(|open| *open > place).await.is_err() {
                    return;
                }
                let due = options.rate.map(|rate| begun + Duration::from_secs_f64(place as f64 / f64::from(rate.max(1))));
                if let Some(due) = due {
                    tokio::time::sleep_until(due.into()).await;
                }
                let result = deliver(&client, &url, hook, *duplicate, &options).await;
                let latency = due.map_or(result.latency, |due| due.elapsed());
                let result = Sent { latency, ..result };
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(result);
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap_or_else(|error| panic!("a sender broke: {error}"));
    }
    std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner))
}

async fn deliver(client: &reqwest::Client, url: &str, hook: &Hook, duplicate: bool, options: &Options) -> Sent {
    let (mut tries, mut wait) = (0, options.wait);
    loop {
        tries += 1;
        let timestamp = now();
        let request = client
            .post(url)
            .timeout(options.timeout)
            .header("content-type", "application/json")
            .header("webhook-id", &hook.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature::sign(&options.secret, &hook.id, timestamp, hook.body.as_bytes()))
            .body(hook.body.as_bytes().to_vec());
        let start = Instant::now();
        let status = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                // Read to the end, so that the connection can be used again.
                response.bytes().await.ok().map(|_| status)
            }
            Err(_) => None,
        };
        let sent = Sent { id: hook.id.clone(), number: hook.number.clone(), status, tries, latency: start.elapsed(), duplicate };
        if sent.acknowledged() || tries >= options.tries {
            return sent;
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(options.longest_wait);
    }
}

/// An HTTP client without proxy and redirects, as the partners use it.
pub fn client() -> reqwest::Client {
    // An error says that a provider is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).tcp_nodelay(true).build();
    client.unwrap_or_else(|error| panic!("no HTTP client: {error}"))
}
