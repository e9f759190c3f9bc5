//! What happens to one change, from claimed to settled. Every attempt looks at the other side before it writes: so an echo
//! that is not known as one finds nothing to do, and a write whose outcome is unknown is looked up by itself.

use super::{
    Flow, Level, State, Subject,
    compare::{self, Merged},
    ledger::{Claimed, Ledger, Ruled, Settled, Step, Twin},
    peer::{News, Peer, Seek},
    sold::Orders,
};
use crate::{
    Code, Fault,
    clock::Clock,
    entity::{
        Side,
        content::Content,
        customer::{Customer, GuestPolicy, Match, Resolved, Sought, resolve},
        echo::{Incoming, Kind, NoOp, Origin},
        lag,
    },
    finance::binder::Binder,
    hook::Rules,
    promise::Figure,
    record::{self, Quarantined},
    settle::{Next, Outcome, settle},
    target::{Answer, Busy},
};
use jiff::{SignedDuration, Timestamp};

/// The outside, as one change sees it.
#[derive(Clone, Copy)]
pub struct Outside<'o> {
    /// The side that the change comes from.
    pub from: &'o dyn Peer,
    /// The other one.
    pub to: &'o dyn Peer,
    /// Where changes wait.
    pub ledger: &'o dyn Ledger,
    /// What went to the ERP.
    pub orders: &'o dyn Orders,
    /// Where papers and ledger entries are kept.
    pub binder: &'o dyn Binder,
    /// The customer's rules of now.
    pub rules: &'o Rules,
    /// The time.
    pub clock: &'o dyn Clock,
    /// How late the shop lately learned of a stock.
    pub lag: SignedDuration,
}

/// Why a change does not come to its write.
pub(super) enum Stop {
    /// Nothing is to be done.
    NoOp(String),
    /// A rule wants it to come again at that time; why.
    Waits(String, Timestamp),
    /// A person must look.
    Parked(Fault),
    /// A partner does not answer now.
    Busy(Busy),
    /// All is done for now, and it comes again then.
    Again(Timestamp),
    /// The store does not: nothing can be written down.
    Store(Fault),
}

impl From<Busy> for Stop {
    fn from(busy: Busy) -> Stop {
        Stop::Busy(busy)
    }
}

/// What an attempt leaves behind, however it ends.
pub(super) struct Told {
    pub(super) started_at: Timestamp,
    pub(super) steps: Vec<String>,
    pub(super) ruled: Option<Ruled>,
    pub(super) quarantined: Vec<Quarantined>,
    pub(super) partner: Option<String>,
    twin: Option<Twin>,
}

/// What is to be written.
struct Wanted {
    subject: Subject,
    /// What came, as the rules left it.
    came: Content,
    /// What the other side will say of it.
    seen: Content,
    /// Some of what the other side has is to come back by the flow of the other direction.
    is_left: bool,
}

impl Flow {
    /// Takes one change from claimed to settled. Fails when it cannot be written down: then it comes again.
    pub async fn run(&self, mut claimed: Claimed, outside: Outside<'_>) -> Result<State, Fault> {
        let started_at = outside.clock.now();
        let mut told = Told { started_at, steps: Vec::new(), ruled: None, quarantined: Vec::new(), partner: claimed.partner.clone(), twin: None };
        let carried = match self.look_again(&mut claimed, outside, &mut told).await {
            Ok(()) => self.carry(&claimed, outside, &mut told).await,
            Err(busy) => Err(Stop::Busy(busy)),
        };
        let at = outside.clock.now();
        let settled = |state: State, next: Option<Next>, fault: Option<Fault>, reason: Option<String>, told: Told| Settled {
            version: claimed.arrival.news.version,
            state,
            due_at: next.as_ref().and_then(|next| next.due_at),
            tries: next.as_ref().map_or(claimed.tries + 1, |next| next.tries),
            fault,
            reason,
            partner: told.partner,
            twin: told.twin,
            steps: told.steps,
            ruled: told.ruled,
            quarantined: told.quarantined,
            started_at,
            at,
        };
        let settled = match carried {
            Ok(outcome) => {
                let next = settle(claimed.row, &[outcome], claimed.tries, &self.schedule, at);
                let state = match next.state {
                    record::State::Delivered => State::Settled,
                    record::State::Due => State::Due,
                    record::State::Sending => State::Sending,
                    _ => State::Parked,
                };
                let fault = next.fault.clone();
                settled(state, Some(next), fault, None, told)
            }
            Err(Stop::Again(due_at)) => {
                let next = Next { state: record::State::Due, due_at: Some(due_at), tries: 0, fault: None };
                settled(State::Due, Some(next), None, Some("it is open: asked again".into()), told)
            }
            Err(Stop::NoOp(reason)) => settled(State::NoOp, None, None, Some(reason), told),
            Err(Stop::Parked(fault)) => settled(State::Parked, None, Some(fault), None, told),
            // Waiting is no try. A time that has gone by already must not make it run without a pause.
            Err(Stop::Waits(reason, until)) => {
                let until = until.max(at + SignedDuration::from_secs(1));
                Settled { due_at: Some(until), tries: claimed.tries, ..settled(State::Due, None, None, Some(reason), told) }
            }
            Err(Stop::Busy(busy)) => {
                let next = settle(claimed.row, &[Outcome::Busy(busy)], claimed.tries, &self.schedule, at);
                let state = if next.state == record::State::Due { State::Due } else { State::Parked };
                let fault = next.fault.clone();
                settled(state, Some(next), fault, None, told)
            }
            Err(Stop::Store(fault)) => {
                outside.ledger.unclaim_change(claimed.row);
                return Err(fault);
            }
        };
        let state = settled.state;
        outside.ledger.settle_change(claimed.row, self.kind, settled).await?;
        Ok(state)
    }

    /// What goes both ways is taken as it is now: since it was listed we may have written there ourselves, and what is older
    /// than that would look like somebody's change of it.
    async fn look_again(&self, claimed: &mut Claimed, outside: Outside<'_>, told: &mut Told) -> Result<(), Busy> {
        if self.kind != Kind::Customer {
            return Ok(());
        }
        let listed = &mut claimed.arrival.news;
        // What is gone by now goes as it was.
        if let Some(now) = outside.from.find(self.kind, Seek::Id(&listed.key)).await?.pop()
            && now.body != listed.body
        {
            told.steps.push(format!("taken as the {} has it now", self.from));
            *listed = News { version: listed.version, ..now };
        }
        Ok(())
    }

    /// Read → tell echo from news → the shop's terms → the rules → addresses → the template → find → merge and compare → begin on disk → put.
    async fn carry(&self, claimed: &Claimed, outside: Outside<'_>, told: &mut Told) -> Result<Outcome, Stop> {
        let news = outside.from.read(self.kind, &claimed.arrival.news.body).map_err(Stop::Parked)?;
        told.twin = self.twin(claimed, outside).await?;
        self.tell_echo(claimed, &news, told)?;
        if self.kind.is_money() {
            return self.carry_money(claimed, news, outside, told).await;
        }
        let news = self.in_the_shops_terms(news, outside, told).await?;
        let news = self.rule(news, claimed, outside, told).await?;
        let news = self.less_what_is_promised(news, outside, told).await?;
        let news = self.normalise(news, told)?;
        let heard = news.content();
        let mut news = self.shape(news, outside, told)?;
        if let Some(fields) = news.custom_mut() {
            fields.retain(|field| self.carries.has(&field.name));
        }
        let there = self.find(&news, outside, told).await?;
        let wanted = self.want(news, heard, there.as_ref(), claimed, outside, told)?;
        outside.ledger.begin_change(claimed.row, self.kind, told.twin.clone()).await.map_err(Stop::Store)?;
        // What it still owes us would be lost under our stamp: a row that is partly somebody's own is news.
        let stamp = if wanted.is_left { String::new() } else { Origin::stamp(&self.integration) };
        let answer = outside.to.put(&wanted.subject, there.as_ref(), &stamp).await;
        Ok(self.note(answer, wanted, claimed, outside, told))
    }

    /// Who it is on both sides. Only what goes both ways can come back.
    async fn twin(&self, claimed: &Claimed, outside: Outside<'_>) -> Result<Option<Twin>, Stop> {
        if self.kind != Kind::Customer {
            return Ok(None);
        }
        let entity = crate::entity::echo::Entity::new(self.from, self.kind, &*claimed.arrival.news.key);
        outside.ledger.twin(&entity).await.map_err(Stop::Store)
    }

    fn tell_echo(&self, claimed: &Claimed, news: &Subject, told: &mut Told) -> Result<(), Stop> {
        let arrived = &claimed.arrival.news;
        let origin = Origin::read(&arrived.origin, &self.integration);
        let entity = crate::entity::echo::Entity::new(self.from, self.kind, &*arrived.key);
        let incoming = Incoming { entity, origin, hash: news.content().hash(), changed_at: Some(arrived.changed_at) };
        let noop = match &mut told.twin {
            Some(twin) => {
                let noop = twin.echo.judge(&incoming);
                if noop.is_none() {
                    twin.echo.heard(&incoming.entity);
                }
                noop
            }
            None => matches!(incoming.origin, Origin::Us(_)).then_some(NoOp::OurOrigin),
        };
        match noop {
            Some(noop) => {
                told.steps.push(format!("an echo: {noop}"));
                Err(Stop::NoOp(noop.to_string()))
            }
            None => Ok(()),
        }
    }

    /// Shipments and invoices name the ERP's purchase-order number and lines; the shop knows its order.
    async fn in_the_shops_terms(&self, news: Subject, outside: Outside<'_>, told: &mut Told) -> Result<Subject, Stop> {
        let key = match &news {
            Subject::Shipment(shipment) => shipment.order.as_str(),
            Subject::Invoice(invoice) => invoice.order.as_str(),
            _ => return Ok(news),
        };
        // What is not kept any more is for a person; a store that does not answer is not.
        let stop = |fault: Fault| if fault.code == Code::Store { Stop::Store(fault) } else { Stop::Parked(fault) };
        let Some(sold) = outside.orders.sold(key).await.map_err(stop)? else {
            return Err(Stop::NoOp(format!("no order of the shop's went to the ERP as {key}")));
        };
        let number = sold.order.number.to_string();
        told.steps.push(format!("{key} in the ERP is order {number}"));
        let news = sold.translate(news).map_err(Stop::Parked)?;
        if let Subject::Invoice(invoice) = &news {
            self.enter(invoice, &sold.order, outside, told).await?;
        }
        let known = outside.to.find(self.kind, Seek::Order(&number)).await?;
        let known = known.iter().map(|one| outside.to.read(self.kind, &one.body)).collect::<Result<Vec<_>, _>>().map_err(Stop::Parked)?;
        let mut shipped = Vec::new();
        let admitted = match &news {
            Subject::Shipment(new) => {
                shipped.extend(known.into_iter().filter_map(|one| if let Subject::Shipment(one) = one { Some(one) } else { None }));
                sold.admit_shipment(new, &shipped)
            }
            Subject::Invoice(new) => {
                let invoices = known.into_iter().filter_map(|one| if let Subject::Invoice(one) = one { Some(*one) } else { None });
                sold.admit_invoice(new, &invoices.collect::<Vec<_>>())
            }
            _ => Ok(()),
        };
        admitted.map_err(Stop::Parked)?;
        if let (Subject::Shipment(new), Some(Figure::OnHand)) = (&news, self.promises.map(|promises| promises.counts)) {
            // What has left is promised no more, whatever the shop says to it.
            for open in sold.open(new, &shipped) {
                let step = Step::Keep { order: number.clone(), open: open.units };
                outside.ledger.step_stock(&open.sku, &open.warehouse, step).await.map_err(Stop::Store)?;
                told.steps.push(format!("still promised to it: {open}"));
            }
        }
        Ok(news)
    }

    /// What a shop may sell: what is there, less what orders were promised and what is kept back because it learns late.
    async fn less_what_is_promised(&self, news: Subject, outside: Outside<'_>, told: &mut Told) -> Result<Subject, Stop> {
        let (Subject::Stock(level), Some(promises)) = (&news, self.promises) else { return Ok(news) };
        let Some(mut stock) = outside.ledger.stock(&level.sku, &level.warehouse).await.map_err(Stop::Store)? else { return Ok(news) };
        let buffer = lag::buffer(stock.rate(outside.clock.now()), outside.lag, promises.buffer);
        stock.buffer = buffer.units;
        told.steps.push(stock.to_string());
        if !buffer.units.is_zero() {
            told.steps.push(buffer.to_string());
        }
        Ok(Subject::Stock(Level { available: stock.available(), ..level.clone() }))
    }

    /// What the other side has of it.
    async fn find(&self, news: &Subject, outside: Outside<'_>, told: &mut Told) -> Result<Option<News>, Stop> {
        let find = async |seek: Seek<'_>| outside.to.find(self.kind, seek).await;
        let found = match news {
            Subject::Product(product) => find(Seek::Id(&product.sku)).await?.pop(),
            Subject::Stock(level) => find(Seek::Id(&super::Level::key(&level.sku, &level.warehouse))).await?.pop(),
            Subject::Shipment(shipment) => find(Seek::Order(shipment.order.as_str())).await?.into_iter().find(|known| known.key == shipment.number),
            Subject::Invoice(invoice) => find(Seek::Order(invoice.order.as_str())).await?.into_iter().find(|known| known.key == invoice.number),
            Subject::Customer(customer) => self.find_customer(customer, outside, told).await?,
            // Money goes another way.
            Subject::Payment(_) | Subject::Refund(_) | Subject::Dispute(_) | Subject::Payout(_) | Subject::Entry(_) => None,
        };
        if let Some(found) = &found {
            told.partner = Some(found.key.clone());
        }
        Ok(found)
    }

    /// As known from before, by web id, then by e-mail; else there is none yet.
    async fn find_customer(&self, news: &Customer, outside: Outside<'_>, told: &mut Told) -> Result<Option<News>, Stop> {
        let to = self.from.other();
        let known = told.twin.as_ref().map(|twin| twin.id(to).to_owned()).filter(|id| !id.is_empty());
        if let Some(id) = known {
            match outside.to.find(self.kind, Seek::Id(&id)).await?.pop() {
                Some(found) => return Ok(Some(found)),
                // Deleted there: who it is now is found out as if it were new.
                None => told.steps.push(format!("the {to} has {id} no more")),
            }
        }
        let mine = if to == Side::Erp { news.web_id.clone() } else { news.number.clone().unwrap_or_default() };
        let by_web_id = match to {
            _ if news.web_id.is_empty() => Vec::new(),
            Side::Erp => outside.to.find(self.kind, Seek::WebId(&news.web_id)).await?,
            Side::Shop => outside.to.find(self.kind, Seek::Id(&news.web_id)).await?,
        };
        if to == Side::Shop && !news.web_id.is_empty() && by_web_id.is_empty() {
            let fault = Fault::new(Code::CustomerUnclear, format!("the shop has no account {}, which the ERP names", news.web_id));
            return Err(Stop::Parked(fault.at("web-id")));
        }
        let by_email =
            if by_web_id.is_empty() && !news.email.is_empty() { outside.to.find(self.kind, Seek::Email(&news.email)).await? } else { Vec::new() };
        let matches = |found: &[News]| found.iter().map(|one| self.a_match(one, outside)).collect::<Result<Vec<_>, Stop>>();
        let sought = Sought { web_id: mine, email: news.email.clone() };
        let resolved = resolve(&sought, &matches(&by_web_id)?, &matches(&by_email)?, &GuestPolicy::Customer);
        told.steps.push(format!("looked in the {to} by web id ({}) and by e-mail ({}): {resolved}", by_web_id.len(), by_email.len()));
        match resolved {
            Resolved::Use(id) => Ok(by_web_id.into_iter().chain(by_email).find(|one| one.key == id)),
            Resolved::Ask(fault) => Err(Stop::Parked(fault)),
            Resolved::Create { .. } if news.email.trim().is_empty() => Err(Stop::NoOp("without an e-mail there is no account".into())),
            Resolved::Create { .. } | Resolved::House(_) => Ok(None),
        }
    }

    /// A customer that was found, as resolving sees it: under its own side's key, with the sender's that it carries.
    fn a_match(&self, found: &News, outside: Outside<'_>) -> Result<Match, Stop> {
        let Subject::Customer(customer) = outside.to.read(self.kind, &found.body).map_err(Stop::Parked)? else {
            return Err(Stop::Parked(Fault::new(Code::Internal, "a customer was asked for")));
        };
        let carried = if self.from == Side::Shop { customer.web_id } else { customer.number.unwrap_or_default() };
        Ok(Match { number: found.key.clone(), web_id: carried, standing: customer.standing })
    }

    /// What is to be written, if anything is. What was heard and the template left out is not said, and not gone either.
    fn want(
        &self,
        news: Subject,
        heard: Content,
        there: Option<&News>,
        claimed: &Claimed,
        outside: Outside<'_>,
        told: &mut Told,
    ) -> Result<Wanted, Stop> {
        let mut came = heard;
        news.content().iter().for_each(|(name, value)| came.put(name, value.clone()));
        let to = self.from.other();
        let read = |bytes: &[u8]| outside.to.read(self.kind, bytes).map_err(Stop::Parked);
        let written = |subject: &Subject| read(&outside.to.write(subject).map_err(Stop::Parked)?);
        let Some(found) = there else {
            told.steps.push(format!("the {to} has none yet: {news}"));
            let seen = written(&news)?.content();
            // What the other side cannot hold may not be taken for cleared later.
            return Ok(Wanted { seen, came, subject: news, is_left: false });
        };
        let known = read(&found.body)?;
        let base = told.twin.as_ref().and_then(|twin| twin.base.clone());
        let (subject, is_left, is_linked) = match (news, &known) {
            (Subject::Customer(news), Subject::Customer(there)) => {
                let Merged { customer, changes } = compare::merge(&self.rules, &self.carries, self.from, &news, there, base.as_ref());
                told.steps.extend(changes.iter().map(ToString::to_string));
                let is_left = changes.iter().any(|change| change.winner == Some(to));
                let is_linked = compare::is_linked(to, there, &customer);
                (Subject::Customer(Box::new(customer)), is_left, is_linked)
            }
            (news, _) => (news, false, true),
        };
        let seen = compare::beside(written(&subject)?, &known, &subject).content();
        let differences = match &subject {
            // It was merged with what is there: whatever is otherwise is meant, also what is to be cleared.
            Subject::Customer(_) => known.content().compare(&seen),
            _ => compare::differences(&known.content(), &seen),
        };
        if differences.is_empty() && is_linked {
            self.pair(claimed, &found.key, &came, &known.content(), told);
            let reason = if claimed.doubtful { format!("it is in the {to} already") } else { format!("the {to} says the same already") };
            told.steps.push(reason.clone());
            return Err(Stop::NoOp(reason));
        }
        told.steps.push(format!("the {to} has {}: {}", found.key, differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")));
        if let Some(twin) = told.twin.as_mut().filter(|_| !is_left) {
            twin.echo.wrote(twin.entity(self.kind, to), &seen, outside.clock.now());
        }
        Ok(Wanted { subject, came, seen, is_left })
    }

    /// Takes note of who is whom and what both agree on.
    fn pair(&self, claimed: &Claimed, partner: &str, ours: &Content, theirs: &Content, told: &mut Told) {
        told.partner = Some(partner.to_owned());
        if self.kind != Kind::Customer {
            return;
        }
        let mine = claimed.arrival.news.key.clone();
        let (shop, erp) = if self.from == Side::Shop { (mine, partner.to_owned()) } else { (partner.to_owned(), mine) };
        let before = told.twin.take().unwrap_or_default();
        let base = compare::agreed(before.base.as_ref(), ours, theirs);
        told.twin = Some(Twin { shop, erp, base: Some(base), echo: before.echo });
    }

    /// What came of the write.
    fn note(&self, answer: Answer, wanted: Wanted, claimed: &Claimed, outside: Outside<'_>, told: &mut Told) -> Outcome {
        let to = self.from.other();
        match answer {
            Answer::Done(receipt) => {
                told.steps.push(format!("the {to} took it as {}", receipt.number));
                let is_new = told.twin.is_none();
                // What came, as far as the other side says the same. Under the rules: what they made of it is what both agree on,
                // so that the same news makes the same again, and only a change of the other side is one.
                self.pair(claimed, &receipt.number, &wanted.came, &wanted.seen, told);
                if let Some(twin) = told.twin.as_mut().filter(|_| is_new && !wanted.is_left) {
                    twin.echo.wrote(twin.entity(self.kind, to), &wanted.seen, outside.clock.now());
                }
                Outcome::Done(receipt)
            }
            Answer::Refused(fault) => {
                told.steps.push(format!("refused: {fault}"));
                Outcome::Refused(fault)
            }
            Answer::Busy(busy) => {
                told.steps.push(format!("not now: {}", busy.fault));
                Outcome::Busy(busy)
            }
            Answer::Unknown(fault) => {
                told.steps.push(format!("outcome unknown: {fault}"));
                Outcome::Unknown(fault)
            }
        }
    }
}
