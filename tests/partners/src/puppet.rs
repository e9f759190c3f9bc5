//! A partner that says what it is told, whatever it is asked, and remembers what it heard: for answers that no sane system
//! gives, and for what exactly was sent.

use crate::server::Server;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State as Shared,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A running puppet. It stops when it is dropped.
pub struct Puppet {
    state: Arc<Mutex<State>>,
    server: Server,
}

/// What it says.
#[derive(Clone, Debug, Default)]
pub struct Say {
    /// The status; 200 when it is none.
    pub status: u16,
    /// Headers by name.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Say {
    /// A status with a body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Say {
        Say { status, headers: Vec::new(), body: body.into() }
    }
}

/// What it heard.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

#[derive(Default)]
struct State {
    say: Vec<Say>,
    heard: Vec<Heard>,
}

impl Puppet {
    /// Starts it on a free port.
    pub fn start() -> Puppet {
        let state = Arc::<Mutex<State>>::default();
        let server = Server::start(Router::new().fallback(answer).with_state(state.clone()), None);
        Puppet { state, server }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What it says from now on: one after the other, and the last again and again.
    pub fn say(&self, say: impl IntoIterator<Item = Say>) {
        self.state().say = say.into_iter().collect();
    }

    /// What it heard since it was asked last.
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.state().heard)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(Shared(state): Shared<Arc<Mutex<State>>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let say = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.heard.push(Heard { method, uri, headers, body });
        if state.say.len() > 1 { state.say.remove(0) } else { state.say.first().cloned().unwrap_or_default() }
    };
    let mut response = Response::builder().status(StatusCode::from_u16(say.status).unwrap_or(StatusCode::OK));
    for (name, value) in say.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(say.body)).unwrap_or_else(|error| panic!("no answer: {error}"))
}
