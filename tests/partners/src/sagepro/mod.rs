//! A Sage Pro behind its REST facade. It books what it takes, checks widths, items, customers and sums to the cent, and
//! does NOT refuse a purchase-order number it has already: doubles are the host's fault, and they show in the books, as
//! does every write that took effect. The wire is the one that the host's connector documents.

mod books;
mod check;
mod fields;
mod goods;
mod serve;

pub use books::{Booked, BookedLine, Write, Wrote};
pub use check::WIDTHS;

use crate::{
    faults::{Fault, Faults, On, Rule},
    server::Server,
};
use books::Books;
use rust_decimal::Decimal;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard},
};

/// Which customers there are.
#[derive(Clone, Debug)]
pub enum Customers {
    /// Every number is one.
    Any,
    /// Only these.
    List(HashSet<String>),
}

/// Which items there are.
#[derive(Clone, Debug)]
pub enum Items {
    /// Every code is one, and the shop's catalogue is in stock in warehouses `TOR` and `BUF`.
    Any,
    /// Only these: item, then warehouse, to units available. Bookings take from them.
    List(HashMap<String, HashMap<String, Decimal>>),
}

/// How to run it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which customers there are.
    pub customers: Customers,
    /// Which items there are.
    pub items: Items,
    /// Widths that differ from [`WIDTHS`], by field name, in characters.
    pub widths: HashMap<String, usize>,
    /// The token that must come as `Authorization: Bearer` or `X-Api-Key`.
    pub token: String,
    /// A port of 127.0.0.1; a free one when there is none.
    pub port: Option<u16>,
    /// Whether its figures of stock are what stands in the warehouse: then shipments take from them, and bookings do not.
    pub on_hand: bool,
    /// For faults with a share.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            customers: Customers::Any,
            items: Items::Any,
            widths: HashMap::new(),
            token: "sagepro-test-token".into(),
            port: None,
            on_hand: false,
            seed: 1,
        }
    }
}

/// A running Sage Pro. It stops when it is dropped.
pub struct SagePro {
    state: Arc<State>,
    server: Server,
}

/// What the handlers share.
struct State {
    customers: Customers,
    known_items: bool,
    widths: RwLock<Vec<usize>>,
    bearer: String,
    token: String,
    faults: Faults,
    books: Mutex<Books>,
    goods: Mutex<goods::Goods>,
}

impl State {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn widths(&self) -> RwLockReadGuard<'_, Vec<usize>> {
        self.widths.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn goods(&self) -> MutexGuard<'_, goods::Goods> {
        self.goods.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SagePro {
    /// Starts it.
    ///
    /// # Panics
    /// When the port cannot be had.
    pub fn start(options: Options) -> SagePro {
        let Options { customers, items, widths, token, port, on_hand, seed } = options;
        let known_items = matches!(items, Items::List(_));
        let state = Arc::new(State {
            customers,
            known_items,
            widths: RwLock::new(check::widths(&widths)),
            bearer: format!("Bearer {token}"),
            token,
            faults: Faults::new(seed),
            books: Mutex::new(Books::new(items, on_hand)),
            goods: Mutex::new(goods::Goods::new()),
        });
        let server = Server::start(serve::router(state.clone()), port);
        SagePro { state, server }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The switches for faults.
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// Makes a field of [`WIDTHS`] hold so many characters from now on, as an upgrade of the ERP may; its field list says so,
    /// too. False when there is none of this name.
    pub fn set_width(&self, field: &str, width: usize) -> bool {
        let place = WIDTHS.iter().position(|(name, _)| *name == field);
        place.map(|place| self.state.widths.write().unwrap_or_else(PoisonError::into_inner)[place] = width).is_some()
    }

    /// Everything booked, in the order of booking. Reads every body again: not for a hot loop.
    pub fn books(&self) -> Vec<Booked> {
        self.state.books().all()
    }

    /// How many orders are booked.
    pub fn booked(&self) -> usize {
        self.state.books().len()
    }

    /// Purchase-order numbers that were booked more than once: this must stay empty.
    pub fn doubles(&self) -> Vec<String> {
        self.state.books().doubles()
    }

    /// Says that an order has left the house, so that it can be neither changed nor cancelled. False when there is none of
    /// this number.
    pub fn ship(&self, sales_order_no: &str) -> bool {
        self.state.books().ship(sales_order_no, "Shipped")
    }

    /// Says that a part of an order has left the house. False when there is none of this number.
    pub fn ship_part(&self, sales_order_no: &str) -> bool {
        self.state.books().ship(sales_order_no, "PartlyShipped")
    }

    /// Forgets all orders.
    pub fn clear(&self) {
        self.state.books().clear();
    }

    /// Goes down: the port refuses connections, and the open ones are cut.
    pub fn outage(&mut self) {
        self.server.stop();
    }

    /// Comes back on the same port, with its books.
    pub fn recover(&mut self) {
        self.server.run();
    }
}
