//! Goods and people kept alike on both sides: products and prices, stock, customers, shipments, invoices; and payments,
//! refunds, disputes and payouts, which become entries of the ledger and of the ERP's journal (`money`). Unlike an order,
//! of these only the latest state matters: what waits is one row per entity, and a newer change takes the place of an
//! older one that waits. [`Flow::run`] reads like the product; the seams are [`peer::Peer`] for both sides,
//! [`ledger::Ledger`] for the place where changes wait, [`crate::finance::binder::Binder`] for papers and entries, and [`sold::Orders`] for what went to the ERP.

pub mod compare;
pub mod edit;
pub mod ledger;
mod money;
pub mod peer;
mod ruled;
pub mod run;
pub mod sold;
pub mod subject;

pub use money::Books;
pub(crate) use ruled::normalise;
pub use subject::{Level, Subject};

use crate::{
    entity::{Side, address::AddressPolicy, echo::Kind, lag, merge::Rules},
    mapping::Form,
    promise::Figure,
    settle::Schedule,
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

/// One kind of entity that goes from one side to the other. Both ways are two of these.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Its name in the settings.
    pub name: Arc<str>,
    /// What goes.
    pub kind: Kind,
    /// From this side to the other.
    pub from: Side,
    /// Which of the shops is the one side: its connection's name.
    pub shop: Arc<str>,
    /// How often the side is asked what changed.
    pub every: Duration,
    /// How far back beyond the last time.
    pub overlap: Duration,
    /// How fields are merged that both sides changed; for customers only.
    pub rules: Rules,
    /// Which custom fields go.
    pub carries: Carries,
    /// The template of what is written; nothing leaves all to the connector.
    pub form: Option<Form>,
    /// Where the company is: a template's dates are dates there.
    pub zone: TimeZone,
    /// How the ERP wants the addresses of customers; nothing leaves them as they come.
    pub addresses: Option<AddressPolicy>,
    /// When to try again.
    pub schedule: Schedule,
    /// Name of the integration: what it writes carries its stamp.
    pub integration: Arc<str>,
    /// The books that money is posted to; none where no ledger is kept.
    pub books: Option<Arc<Books>>,
    /// Where orders are promised what they take: so stock is told less of it, and shipments take from it.
    pub promises: Option<Promises>,
}

/// Which custom fields go to the other side. What does not go is neither compared nor merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Carries {
    /// All that there are.
    #[default]
    All,
    /// Those of these names.
    Only(BTreeSet<String>),
}

impl Carries {
    /// Whether a custom field goes.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Carries::All => true,
            Carries::Only(names) => names.contains(name),
        }
    }
}

/// How stock is promised to orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promises {
    /// What the ERP's figures count.
    pub counts: Figure,
    /// How much is kept back beyond that.
    pub buffer: lag::Policy,
}

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Waits for its turn or its time.
    Due,
    /// It may be on the other side: looked up before it is written again.
    Sending,
    /// Waits for a person, with a fault.
    Parked,
    /// It is on the other side.
    Settled,
    /// Nothing was to be done: an echo, or the other side says the same.
    NoOp,
}

impl State {
    /// All states.
    pub const ALL: [State; 5] = [State::Due, State::Sending, State::Parked, State::Settled, State::NoOp];

    /// The name, as stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            State::Due => "due",
            State::Sending => "sending",
            State::Parked => "parked",
            State::Settled => "settled",
            State::NoOp => "no-op",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for State {
    type Err = ();
    fn from_str(name: &str) -> Result<State, ()> {
        State::ALL.into_iter().find(|state| state.name() == name).ok_or(())
    }
}
