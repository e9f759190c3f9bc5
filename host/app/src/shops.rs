//! The shops that orders come from, opened: which of them a record is of, and what each calls its own ([`Names`]). A shop that
//! is not alone is put behind its names here; behind that nothing knows that there are several.

use crate::{
    commands::Failure,
    settings::{ShopSettings, SourceSettings},
};
use async_trait::async_trait;
use crossdock_connectors::{clarity::Clarity, shopify::Shopify, woocommerce::WooCommerce};
use crossdock_flow::{
    Code, Fault,
    correct::Place,
    entity::{Side, echo::Kind},
    mapping::Mapping,
    names::Names,
    record::{Filter, Store},
    source::{Content, Head, Listed, Received, Source},
    sync::{
        Subject,
        peer::{News, Peer, Seek},
    },
    target::{Answer, Busy, Page},
};
use jiff::Timestamp;
use std::sync::Arc;

/// A shop.
#[derive(Clone)]
pub(crate) struct Shop {
    /// What it calls its own.
    pub names: Names,
    /// Where orders come from.
    pub source: Arc<dyn Source>,
    /// As a side that is kept alike, where it can be.
    pub peer: Option<Arc<dyn Peer>>,
    /// Its own template, where it has one.
    pub mapping: Option<Mapping>,
    /// Whether it can be asked for anything.
    pub has_api: bool,
}

impl Shop {
    /// Its connection's name.
    pub(crate) fn name(&self) -> &str {
        self.names.shop()
    }
}

/// All of them, in the order of the settings: at least one.
#[derive(Clone)]
pub(crate) struct Shops(Arc<[Shop]>);

impl Shops {
    /// Opens their connections. Nothing is sent.
    pub(crate) fn open(settings: Vec<ShopSettings>) -> Result<Shops, Fault> {
        let names = names(&settings);
        settings.into_iter().zip(names).map(|(settings, names)| open(settings, names)).collect::<Result<Arc<[Shop]>, Fault>>().map(Shops)
    }

    /// Each.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Shop> {
        self.0.iter()
    }

    /// Whether it has to be said which shop is meant.
    pub(crate) fn are_several(&self) -> bool {
        self.0.len() > 1
    }

    /// The shop of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Shop> {
        self.iter().find(|shop| shop.name() == name)
    }

    /// The shop that a record came from. The only one has all of them, also those of before it was called otherwise. Fails with
    /// E602 where the settings name its shop no more.
    pub(crate) fn of(&self, connection: &str) -> Result<&Shop, Fault> {
        match &self.0[..] {
            [only] => Ok(only),
            _ => self.named(connection).ok_or_else(|| gone(connection)),
        }
    }

    /// The shop that is meant; without a name the only one.
    pub(crate) fn meant(&self, name: Option<&str>) -> Result<&Shop, Failure> {
        match (name, &self.0[..]) {
            (Some(name), _) => self.named(name).ok_or_else(|| unknown(name, self.iter().map(Shop::name))),
            (None, [only]) => Ok(only),
            (None, _) => {
                let names: Vec<String> = self.iter().map(|shop| format!("--shop {}", shop.name())).collect();
                Err(Failure::text(format!("of which shop? {}", names.join(" or "))))
            }
        }
    }

    /// Those that are meant; without a name all.
    pub(crate) fn chosen(&self, name: Option<&str>) -> Result<Vec<&Shop>, Failure> {
        match name {
            Some(_) => self.meant(name).map(|shop| vec![shop]),
            None => Ok(self.iter().collect()),
        }
    }
}

/// What each of the shops calls its own.
pub(crate) fn names(settings: &[ShopSettings]) -> Vec<Names> {
    let all: Vec<(String, String)> = settings.iter().map(|shop| (shop.source.name().to_owned(), shop.prefix.clone())).collect();
    Names::of(&all)
}

/// The order that a person means: what it is called here. A number that only one shop has given is that shop's order; where several
/// have, it has to be said which is meant: fails with E209, which names them.
pub(crate) async fn order(store: &dyn Store, names: &[Names], said: &str, shop: Option<&str>) -> Result<String, Failure> {
    if let Some(name) = shop.filter(|name| names.iter().all(|one| one.shop() != *name)) {
        return Err(unknown(name, names.iter().map(Names::shop)));
    }
    if names.iter().all(Names::is_plain) {
        return Ok(said.to_owned());
    }
    let mut found: Vec<(&str, String)> = Vec::new();
    for one in names.iter().filter(|one| shop.is_none_or(|shop| shop == one.shop())) {
        for name in one.meant(said) {
            let any = store.list(Filter { order: Some(name.clone()), most: 1, ..Filter::default() }).await?;
            if !any.is_empty() && found.iter().all(|(_, other)| *other != name) {
                found.push((one.shop(), name));
                break;
            }
        }
    }
    match &found[..] {
        [] => Ok(said.to_owned()),
        [(_, name)] => Ok(name.clone()),
        several => {
            let told: Vec<String> = several.iter().map(|(shop, name)| format!("`{name}` of `{shop}`")).collect();
            Err(Fault::new(Code::WhichShop, format!("{said} is an order of several shops: {}", told.join(", "))).into())
        }
    }
}

/// Sees that the shops call their orders as they did: under another prefix, whatever came of an order again would be a second one in the
/// ERP. Fails with E602.
pub(crate) async fn same_names(store: &dyn Store, shops: &Shops) -> Result<(), Fault> {
    for Shop { names, .. } in shops.iter().filter(|shop| !shop.names.is_plain()) {
        let last = store.list(Filter { connection: Some(names.shop().to_owned()), most: 20, ..Filter::default() }).await?;
        let other = last.iter().map(|one| &*one.order).find(|order| !order.starts_with("event:") && !names.gave(order));
        if let Some(order) = other {
            let what = format!(
                "the shop `{}` has orders here that its `key-prefix` does not fit, such as {order}: they would come a second time",
                names.shop()
            );
            return Err(Fault::new(Code::Settings, format!("{what}. Leave the prefix as it was, or give the connection another name")));
        }
    }
    Ok(())
}

fn unknown<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Failure {
    Failure::text(format!("orders do not come from `{name}`; `from` of [orders] names {}", known.collect::<Vec<_>>().join(", ")))
}

fn gone(connection: &str) -> Fault {
    Fault::new(Code::Settings, format!("it came from the shop `{connection}`, which `from` of [orders] names no more"))
}

fn open(settings: ShopSettings, names: Names) -> Result<Shop, Fault> {
    let has_api = settings.source.has_api();
    let (source, peer): (Arc<dyn Source>, Option<Arc<dyn Peer>>) = match settings.source {
        SourceSettings::Clarity(settings) => {
            let clarity = Arc::new(Clarity::new(settings)?);
            (clarity.clone(), Some(clarity))
        }
        SourceSettings::Shopify(settings) => (Arc::new(Shopify::new(settings)?), None),
        SourceSettings::WooCommerce(settings) => (Arc::new(WooCommerce::new(settings)?), None),
    };
    let mapping = settings.mapping.map(|(_, mapping)| mapping);
    if names.is_plain() {
        return Ok(Shop { names, source, peer, mapping, has_api });
    }
    let peer = peer.map(|peer| Arc::new(Named { names: names.clone(), shop: peer }) as Arc<dyn Peer>);
    Ok(Shop { source: Arc::new(Named { names: names.clone(), shop: source }), names, peer, mapping, has_api })
}

/// A shop under its names here.
struct Named<S: ?Sized> {
    names: Names,
    shop: Arc<S>,
}

impl Named<dyn Source> {
    fn lane(&self, head: Head) -> Head {
        Head { order: self.names.lane(&head.order), ..head }
    }
}

#[async_trait]
impl Source for Named<dyn Source> {
    fn name(&self) -> &str {
        self.shop.name()
    }

    fn receive(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: Timestamp) -> Result<Received, Fault> {
        Ok(match self.shop.receive(header, body, now)? {
            Received::Event(head) => Received::Event(self.lane(head)),
            Received::News { event_id, kind, news } => Received::News { event_id, kind, news: self.names.news(kind, news) },
            unreadable @ Received::Unreadable { .. } => unreadable,
        })
    }

    fn head(&self, event_id: &str, body: &[u8]) -> Result<Head, Fault> {
        Ok(self.lane(self.shop.head(event_id, body)?))
    }

    fn read(&self, body: &[u8]) -> Result<Content, Fault> {
        Ok(match self.shop.read(body)? {
            Content::Order(mut order) => {
                order.number = self.names.number(&order.number).map_err(|fault| fault.at("number"))?;
                Content::Order(order)
            }
            // The shop's own id: it is for asking the shop.
            thin @ Content::Thin(_) => thin,
        })
    }

    async fn fetch(&self, id: &str) -> Result<Vec<u8>, Busy> {
        self.shop.fetch(id).await
    }

    async fn updated_since(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Listed>, Busy> {
        let Page { rows, next } = self.shop.updated_since(since, page).await?;
        Ok(Page { rows: rows.into_iter().map(|row| Listed { order: self.names.lane(&row.order), ..row }).collect(), next })
    }

    fn locate(&self, body: &[u8], place: &str) -> Vec<Place> {
        self.shop.locate(body, place)
    }

    fn root(&self, body: &[u8]) -> &'static str {
        self.shop.root(body)
    }
}

#[async_trait]
impl Peer for Named<dyn Peer> {
    fn name(&self) -> &str {
        self.shop.name()
    }

    fn side(&self) -> Side {
        self.shop.side()
    }

    async fn changed(&self, kind: Kind, since: Timestamp, page: Option<&str>) -> Result<Page<News>, Busy> {
        let Page { rows, next } = self.shop.changed(kind, since, page).await?;
        Ok(Page { rows: rows.into_iter().map(|news| self.names.news(kind, news)).collect(), next })
    }

    fn read(&self, kind: Kind, body: &[u8]) -> Result<Subject, Fault> {
        self.names.hear(self.shop.read(kind, body)?)
    }

    fn write(&self, subject: &Subject) -> Result<Vec<u8>, Fault> {
        self.shop.write(self.names.tell(subject)?.as_ref())
    }

    async fn find(&self, kind: Kind, seek: Seek<'_>) -> Result<Vec<News>, Busy> {
        let seek = match seek {
            Seek::Order(number) => Seek::Order(self.names.own(number)),
            Seek::Id(id) if kind.is_money() => Seek::Id(self.names.own(id)),
            same => same,
        };
        Ok(self.shop.find(kind, seek).await?.into_iter().map(|news| self.names.news(kind, news)).collect())
    }

    async fn put(&self, subject: &Subject, there: Option<&News>, stamp: &str) -> Answer {
        match self.names.tell(subject) {
            Ok(subject) => self.shop.put(&subject, there, stamp).await,
            Err(fault) => Answer::Refused(fault),
        }
    }
}

/// The shop of records whose own is named no more. What is under way is looked up in the ERP without it; whatever would have to be
/// read waits for a person.
pub(crate) struct Gone(pub String);

#[async_trait]
impl Source for Gone {
    fn name(&self) -> &str {
        &self.0
    }

    fn receive(&self, _: &dyn Fn(&str) -> Option<String>, _: &[u8], _: Timestamp) -> Result<Received, Fault> {
        Err(gone(&self.0))
    }

    fn head(&self, _: &str, _: &[u8]) -> Result<Head, Fault> {
        Err(gone(&self.0))
    }

    fn read(&self, _: &[u8]) -> Result<Content, Fault> {
        Err(gone(&self.0))
    }

    async fn fetch(&self, _: &str) -> Result<Vec<u8>, Busy> {
        Err(Busy { fault: gone(&self.0), retry_after: None, counts: true })
    }

    async fn updated_since(&self, _: Timestamp, _: Option<&str>) -> Result<Page<Listed>, Busy> {
        Err(Busy { fault: gone(&self.0), retry_after: None, counts: true })
    }

    fn locate(&self, _: &[u8], _: &str) -> Vec<Place> {
        Vec::new()
    }

    fn root(&self, _: &[u8]) -> &'static str {
        ""
    }
}
