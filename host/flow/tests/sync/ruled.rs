//! Rules on customers and products, and addresses in the ERP's form: what is written, what waits, and that nothing loops.

use super::{Memory, NOW, Notes, World, customer};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Document, Fault, Order,
    edit::{DocumentEditor, OrderEditor},
    entity::{
        Side,
        address::{AddressPolicy, Case},
        customer::Customer,
        echo::Kind,
    },
    guard::{Guard, Pattern},
    hook::{Context, Hook, HookRun, Mark, Plugin, Ran, Route, Rules, Verdict},
    order::{Address, Value},
    route::Candidates,
    rule::{Breaker, Policy, Rule},
    sample,
    sync::{State, Subject, edit::SubjectEditor},
};
use jiff::SignedDuration;
use std::{
    sync::{Arc, Mutex, atomic::AtomicU32, atomic::Ordering},
    time::Duration,
};

type Act = fn(&Context, Side, &mut SubjectEditor) -> Result<Verdict, Fault>;

struct Acting {
    name: Arc<str>,
    act: Act,
    asked: AtomicU32,
}

#[async_trait]
impl Plugin for Acting {
    fn name(&self) -> &Arc<str> {
        &self.name
    }
    fn version(&self) -> &Arc<str> {
        &self.name
    }
    fn answers(&self, hook: Hook) -> bool {
        !Hook::ORDERS.contains(&hook)
    }
    async fn pre_map(&self, _: &Context, _: Arc<Order>) -> Ran<OrderEditor, Verdict> {
        unreachable!()
    }
    async fn route_order(&self, _: &Context, _: Arc<Order>, _: Arc<Candidates>) -> Ran<(), Route> {
        unreachable!()
    }
    async fn post_map(&self, _: &Context, _: Arc<Order>, _: Document) -> Ran<DocumentEditor, Verdict> {
        unreachable!()
    }
    async fn pre_map_subject(&self, context: &Context, from: Side, subject: Subject) -> Ran<SubjectEditor, Verdict> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let hook = Hook::of(subject.kind()).unwrap();
        let mut editor = SubjectEditor::new(subject);
        let answer = (self.act)(context, from, &mut editor);
        let run = HookRun { verdict: answer.clone().ok(), fault: answer.clone().err(), ..HookRun::new(hook, self.name.clone(), self.name.clone()) };
        Ran { subject: editor, answer, run }
    }
}

fn acting(act: Act) -> Arc<Acting> {
    Arc::new(Acting { name: "codes".into(), act, asked: AtomicU32::new(0) })
}

fn rules(rule: Rule) -> Rules {
    Rules { pre_map_customer: vec![rule.clone()], pre_map_product: vec![rule], ..Rules::default() }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// Gives a price list, and a longer name each time: carried out on its own output it would never end.
fn codes(context: &Context, from: Side, editor: &mut SubjectEditor) -> Result<Verdict, Fault> {
    assert!(context.event_id.starts_with(if from == Side::Shop { "shop/customer/" } else { "erp/customer/" }), "{}", context.event_id);
    let company = editor.customer().unwrap().company.clone();
    editor.set("price-list", text("TRADE"), "wholesale").unwrap();
    editor.set("company", text(&format!("{company} Inc")), "all are incorporated").unwrap();
    Ok(Verdict::Proceed)
}

fn of(subject: &Subject) -> &Customer {
    if let Subject::Customer(customer) = subject { customer } else { panic!("no customer: {subject}") }
}

#[tokio::test]
async fn what_a_rule_made_is_written_once_and_its_run_is_told() {
    let world = World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp));
    let world = World { rules: rules(Rule::new(acting(codes))), ..world };
    let (state, settled) = world.carry("W1", &customer("W1", "", "a@x"), "").await;
    assert_eq!(state, State::Settled);
    let there = of(&world.to.rows()[0].1).clone();
    assert_eq!((&*there.company, &*there.price_list, &*there.email), ("Ada Ltd Inc", "TRADE", "a@x"));
    // Its run is recorded as one on an order is, with what it was asked about.
    let ruled = settled.ruled.unwrap();
    let [run] = &ruled.runs[..] else { panic!("{:?}", ruled.runs) };
    assert_eq!((run.hook, &*run.plugin, &run.verdict), (Hook::PreMapCustomer, "codes", &Some(Verdict::Proceed)));
    let changes: Vec<_> = run.changes.iter().map(|one| format!("{}: {} → {} ({})", one.path, one.before, one.after, one.reason)).collect();
    assert_eq!(changes, ["customer.price-list:  → TRADE (wholesale)", "customer.company: Ada Ltd → Ada Ltd Inc (all are incorporated)"]);
    assert_eq!(ruled.came, Some(serde_json::to_vec(&customer("W1", "", "a@x")).unwrap()));
    assert!(!settled.steps.join("\n").contains("codes"), "and not in words beside that: {:?}", settled.steps);
    // The same news again is the same already, and what both agree on is what the rule made of it.
    let (state, settled) = world.carry("W1", &customer("W1", "", "a@x"), "").await;
    assert_eq!((state, settled.reason.as_deref(), world.to.writes()), (State::NoOp, Some("the ERP says the same already"), 1));
    let base = world.notes.twin.lock().unwrap().clone().unwrap().base.unwrap();
    assert_eq!(base.get("company"), &text("Ada Ltd Inc"));
    // What the ERP changes of it since is the ERP's: the rule's word of before is no change of the shop.
    let Subject::Customer(mut changed) = world.to.rows()[0].1.clone() else { panic!() };
    changed.price_list = "GOLD".into();
    world.to.rows()[0].1 = Subject::Customer(changed);
    let (_, settled) = world.carry("W1", &customer("W1", "", "b@x"), "").await;
    let there = of(&world.to.rows()[0].1).clone();
    assert_eq!((&*there.price_list, &*there.email), ("GOLD", "b@x"), "{:?}", settled.steps);
}

#[tokio::test]
async fn both_ways_with_a_rule_that_never_has_enough_come_to_rest() {
    let wild = || rules(Rule::new(acting(codes)));
    let shop = Memory::with(Side::Shop, &[("W1", customer("W1", "", "a@x"))]);
    let mut inward = World { rules: wild(), ..World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp)) };
    let mut outward = World { rules: wild(), ..World::new(Kind::Customer, Side::Erp, shop) };
    let mut writes = Vec::new();
    for _ in 0..6 {
        // What each side says is news for the other one, unstamped: only contents can tell an echo.
        let (key, row) = outward.to.rows().iter().find(|(key, _)| key == "W1").cloned().unwrap();
        inward.carry(&key, &row, "").await;
        outward.notes = Notes { twin: Mutex::new(inward.notes.twin.lock().unwrap().clone()), ..Notes::default() };
        let (key, row) = inward.to.rows()[0].clone();
        outward.carry(&key, &row, "").await;
        inward.notes = Notes { twin: Mutex::new(outward.notes.twin.lock().unwrap().clone()), ..Notes::default() };
        writes.push(inward.to.writes() + outward.to.writes());
    }
    assert_eq!(writes[2], writes[5], "{writes:?}: {} here, {} there", of(&outward.to.rows()[0].1).company, of(&inward.to.rows()[0].1).company);
}

#[tokio::test]
async fn a_hold_parks_or_comes_again_and_a_rejection_is_the_end() {
    let world = World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp));
    let hold: Act = |_, _, editor| {
        editor.set("price-list", text("TRADE"), "before the hold").unwrap();
        Ok(Verdict::Hold { reason: "who is this?".into(), until: None })
    };
    let world = World { rules: rules(Rule::new(acting(hold))), ..world };
    let (state, settled) = world.carry("W1", &customer("W1", "", "a@x"), "").await;
    let fault = settled.fault.unwrap();
    assert_eq!((state, fault.code, world.to.writes()), (State::Parked, Code::RuleHolds, 0));
    assert_eq!(fault.to_string(), "E114 plugin `codes` in pre-map-customer: who is this?");
    let ruled = settled.ruled.unwrap();
    assert!(ruled.runs[0].changes.is_empty(), "what a held rule edited is nothing: {ruled:?}");
    assert!(matches!(&ruled.runs[0].verdict, Some(Verdict::Hold { reason, .. }) if reason == "who is this?"), "{ruled:?}");
    let later: Act = |context, _, _| {
        let until = Some(context.now.at + SignedDuration::from_secs(3_600));
        Ok(Verdict::Hold { reason: "not before noon".into(), until })
    };
    let world = World { rules: rules(Rule::new(acting(later))), ..world };
    let (state, settled) = world.carry("W1", &customer("W1", "", "a@x"), "").await;
    assert_eq!((state, settled.due_at, settled.tries), (State::Due, Some(NOW + Duration::from_secs(3_600)), 0));
    let past: Act = |_, _, _| Ok(Verdict::Hold { reason: "gone by".into(), until: Some(NOW) });
    let world = World { rules: rules(Rule::new(acting(past))), ..world };
    assert_eq!(world.carry("W1", &customer("W1", "", "a@x"), "").await.1.due_at, Some(NOW + Duration::from_secs(1)), "never without a pause");
    let reject: Act = |_, _, _| Ok(Verdict::Reject { reason: "a test account".into() });
    let world = World { rules: rules(Rule::new(acting(reject))), ..world };
    let (state, settled) = world.carry("W1", &customer("W1", "", "a@x"), "").await;
    assert_eq!((state, settled.reason.as_deref()), (State::NoOp, Some("plugin `codes` keeps it back: a test account")));
    assert_eq!((world.to.writes(), *world.notes.begun.lock().unwrap()), (0, 0));
}

#[tokio::test]
async fn a_hold_that_a_person_let_pass_is_recorded_and_stops_nothing() {
    let hold: Act = |_, _, editor| {
        editor.set("company", text("nobody"), "before the hold").unwrap();
        Ok(Verdict::Hold { reason: "who is this?".into(), until: None })
    };
    let holding = Rule::new(acting(hold));
    let both = |second: Act| Rules { pre_map_customer: vec![holding.clone(), Rule::new(acting(second))], ..Rules::default() };
    let world = World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp));
    let world = World { rules: both(codes), is_released: true, ..world };
    let (state, settled) = world.carry("W1", &customer("W1", "", "a@x"), "").await;
    assert_eq!((state, settled.fault), (State::Settled, None));
    assert!(settled.steps.iter().any(|step| step == "a hold was passed, because a person let it run again"), "{:?}", settled.steps);
    let ruled = settled.ruled.unwrap();
    assert!(matches!(ruled.runs[0].verdict, Some(Verdict::Hold { .. })) && ruled.runs[0].changes.is_empty(), "{ruled:?}");
    let there = of(&world.to.rows()[0].1).clone();
    assert_eq!(
        (&*there.company, &*there.price_list),
        ("Ada Ltd Inc", "TRADE"),
        "those after it are asked, and what the one that holds edited is nothing"
    );
    // A hold only: a rejection is the end, and a fault waits.
    let reject: Act = |_, _, _| Ok(Verdict::Reject { reason: "a test account".into() });
    let world = World { rules: both(reject), ..world };
    assert_eq!(world.carry("W2", &customer("W2", "", "b@x"), "").await.0, State::NoOp);
    let fail: Act = |_, _, _| Err(Fault::new(Code::PluginFailed, "broken"));
    let world = World { rules: both(fail), ..world };
    assert_eq!(world.carry("W3", &customer("W3", "", "c@x"), "").await.0, State::Parked);
}

#[tokio::test]
async fn a_failing_rule_meets_its_policy_its_guard_and_its_breaker() {
    let fail: Act = |_, _, editor| {
        editor.set("company", text("half done"), "before it broke").unwrap();
        Err(Fault::new(Code::PluginFailed, "broken"))
    };
    let failing = acting(fail);
    let base = Rule { breaker: Arc::new(Breaker::new(2, Duration::from_secs(60))), ..Rule::new(failing.clone()) };
    let news = customer("W1", "", "a@x");
    let world = World { rules: rules(base.clone()), ..World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp)) };
    let (state, settled) = world.carry("W1", &news, "").await;
    assert_eq!((state, settled.fault.unwrap().code, settled.quarantined.len()), (State::Parked, Code::PluginFailed, 0));
    let (_, settled) = world.carry("W1", &news, "").await;
    assert_eq!((settled.quarantined.len(), &*settled.quarantined[0].plugin), (1, "codes"), "the second fault within the window");
    let (_, settled) = world.carry("W1", &news, "").await;
    assert_eq!((settled.fault.unwrap().code, failing.asked.load(Ordering::Relaxed)), (Code::PluginQuarantined, 2), "it is asked no more");
    // The same rule where the operator says that it may fail.
    let world = World { rules: rules(Rule { policy: Policy::Skip, ..base }), ..world };
    let (state, settled) = world.carry("W1", &news, "").await;
    assert_eq!((state, &*of(&world.to.rows()[0].1).company), (State::Settled, "Ada Ltd"), "{:?}", settled.steps);
    assert_eq!(settled.ruled.unwrap().runs.last().unwrap().mark, Some(Mark::Skipped));
    // What it may not change.
    let guard = Guard { may_change: Some(vec![Pattern::parse("customer.price-list").unwrap()]), ..Guard::default() };
    let world = World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp));
    let world = World { rules: rules(Rule { guard: Arc::new(guard), ..Rule::new(acting(codes)) }), ..world };
    let fault = world.carry("W1", &news, "").await.1.fault.unwrap();
    assert_eq!((fault.code, fault.place.as_deref(), world.to.writes()), (Code::PluginGuard, Some("customer.company"), 0));
}

#[tokio::test]
async fn a_products_prices_are_prices_whatever_a_rule_does() {
    let twice: Act = |_, _, editor| {
        let mut price = editor.product().unwrap().prices[0].clone();
        price.amount += crossdock_flow::Decimal::ONE;
        editor.set_price(price, "dearer").unwrap();
        Ok(Verdict::Proceed)
    };
    let world = World::new(Kind::Product, Side::Erp, Memory::new(Side::Shop));
    let world = World { rules: rules(Rule::new(acting(twice))), ..world };
    let news = Subject::Product(Box::new(sample::product()));
    assert_eq!(world.carry("LAMP-DESK-01", &news, "").await.0, State::Settled);
    let Subject::Product(there) = world.to.rows()[0].1.clone() else { panic!() };
    assert_eq!(there.prices[0].amount, crossdock_flow::Decimal::new(9000, 2));
    // Rules see what comes, never what they made of it.
    world.to.rows()[0].0 = "LAMP-DESK-01".into();
    assert_eq!(world.carry("LAMP-DESK-01", &news, "").await.0, State::NoOp);
}

fn living_in(place: Address) -> Subject {
    let Subject::Customer(customer) = customer("W1", "", "a@x") else { panic!() };
    Subject::Customer(Box::new(Customer { billing: place, ..*customer }))
}

#[tokio::test]
async fn addresses_go_to_the_erp_in_its_form_and_an_unknown_country_waits() {
    let toronto = |country: &str, region: &str| Address {
        line1: "1  King St".into(),
        city: "toronto".into(),
        region: region.into(),
        postal_code: "m5v1a1".into(),
        country: country.into(),
        ..Address::default()
    };
    let mut world = World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp));
    world.flow.addresses = Some(AddressPolicy { case: Case::Upper, ..AddressPolicy::default() });
    let (state, settled) = world.carry("W1", &living_in(toronto("Canada", "Ontario")), "").await;
    assert_eq!(state, State::Settled, "{:?}", settled.fault);
    let there = of(&world.to.rows()[0].1).billing.clone();
    assert_eq!((&*there.line1, &*there.city, &*there.region, &*there.postal_code, &*there.country), ("1 KING ST", "TORONTO", "ON", "M5V 1A1", "CA"));
    let told = settled.steps.join("\n");
    for part in ["billing.country: `Canada` → `CA`", "billing.city: `toronto` → `TORONTO`", "billing.region: `Ontario` → `ON`"] {
        assert!(told.contains(part), "no `{part}` in:\n{told}");
    }
    assert_eq!(world.carry("W1", &living_in(toronto("Canada", "Ontario")), "").await.0, State::NoOp, "the same again");
    for (country, region, place) in [("Atlantis", "", "billing.country"), ("CA", "Lemuria", "billing.region")] {
        let (state, settled) = world.carry("W1", &living_in(toronto(country, region)), "").await;
        let fault = settled.fault.unwrap();
        assert_eq!((state, fault.code, fault.place.as_deref()), (State::Parked, Code::AddressUnclear, Some(place)), "{fault}");
    }
    assert_eq!(world.to.writes(), 1);
    // Not on the way to the shop, and not where nobody asked for it.
    let mut outward = World::new(Kind::Customer, Side::Erp, Memory::new(Side::Shop));
    outward.flow.addresses.clone_from(&world.flow.addresses);
    let quiet = World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp));
    for world in [outward, quiet] {
        let mut news = living_in(toronto("Canada", "Ontario"));
        if world.flow.from == Side::Erp
            && let Subject::Customer(customer) = &mut news
        {
            customer.web_id.clear();
        }
        world.carry("W1", &news, "").await;
        assert_eq!(of(&world.to.rows()[0].1).billing.city, "toronto");
    }
}
