//! Both partners of the host, simulated over real HTTP on 127.0.0.1: a Clarity eCommerce that makes and sends orders,
//! and a Sage Pro with books and switchable faults. They know nothing of the host, so that they can judge it.

mod answer;
mod changes;
pub mod clarity;
pub mod faults;
pub mod history;
pub mod number;
pub mod orders;
pub mod puppet;
pub mod random;
pub mod sagepro;
pub mod sender;
pub mod server;
mod shelf;
pub mod signature;
pub mod special;

/// The time now, in seconds since 1970: partners live in real time.
pub fn now() -> i64 {
    time().as_second()
}

/// The time now, exactly.
#[allow(clippy::disallowed_methods, reason = "a simulated partner signs and books with the real time")]
pub fn time() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
