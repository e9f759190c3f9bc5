use super::{at, d, round};
use crossdock_flow::{
    entity::{
        Side,
        content::Content,
        echo::{Echo, Entity, Incoming, Kind, NoOp, Origin},
    },
    order::{Field, Value},
};
use proptest::prelude::*;

fn content(email: &str) -> Content {
    let mut content = Content::new();
    content.text("email", email);
    content
}

fn entity() -> Entity {
    Entity::new(Side::Shop, Kind::Customer, "W17")
}

fn incoming(email: &str, changed_at: Option<i64>) -> Incoming {
    Incoming { entity: entity(), origin: Origin::Unsaid, hash: content(email).hash(), changed_at: changed_at.map(at) }
}

#[test]
fn pitfall_6_what_we_wrote_comes_back_as_a_no_op() {
    let mut echo = Echo::default();
    assert_eq!(echo.judge(&incoming("a@example.com", Some(10))), None, "news, as long as we have written nothing");
    echo.wrote(entity(), &content("a@example.com"), at(10));
    assert!(echo.is(&entity(), content("a@example.com").hash()));
    assert_eq!(echo.judge(&incoming("a@example.com", Some(11))), Some(NoOp::OurContent));
    assert_eq!(echo.judge(&incoming("b@example.com", Some(11))), None);
    // The same content of another customer, or on the other side, is news.
    for other in [Entity::new(Side::Shop, Kind::Customer, "W18"), Entity::new(Side::Erp, Kind::Customer, "W17")] {
        assert_eq!(echo.judge(&Incoming { entity: other, ..incoming("a@example.com", None) }), None);
    }
    round(&echo);
}

#[test]
fn pitfall_6_what_we_made_ourselves_is_a_no_op_whatever_it_says() {
    let ours = Origin::read(&Origin::stamp("maple"), "maple");
    let theirs = Origin::read(&Origin::stamp("oak"), "maple");
    let judge = |origin| Echo::default().judge(&Incoming { origin, ..incoming("a@example.com", None) });
    assert_eq!(judge(ours), Some(NoOp::OurOrigin));
    assert_eq!(judge(theirs), None, "another integration's change is news");
    assert_eq!(judge(Origin::read("sam", "maple")), None);
    assert_eq!(Origin::read(" ", "maple"), Origin::Unsaid);
}

/// Two writings on their way: their echoes may come back in any order, and the earlier one must not undo the later one.
#[test]
fn an_echo_that_comes_late_is_no_news() {
    let mut echo = Echo::default();
    echo.wrote(entity(), &content("a@example.com"), at(10));
    echo.wrote(entity(), &content("b@example.com"), at(20));
    assert_eq!(echo.judge(&incoming("a@example.com", Some(10))), Some(NoOp::OurEarlierContent));
    assert_eq!(echo.judge(&incoming("a@example.com", None)), Some(NoOp::OurEarlierContent));
    // Somebody put back afterwards what we had written before.
    assert_eq!(echo.judge(&incoming("a@example.com", Some(21))), None);
}

/// Written a, changed to b by somebody, and back to a: that is news, although we wrote it once.
#[test]
fn what_somebody_changed_back_is_news() {
    let mut echo = Echo::default();
    echo.wrote(entity(), &content("a@example.com"), at(10));
    assert_eq!(echo.judge(&incoming("b@example.com", Some(11))), None);
    echo.heard(&entity());
    assert_eq!(echo.judge(&incoming("a@example.com", Some(12))), None);
}

#[test]
fn so_many_writings_are_remembered() {
    let mut echo = Echo::default();
    (0..9).for_each(|number| echo.wrote(entity(), &content(&format!("{number}@example.com")), at(number)));
    assert_eq!(echo.judge(&incoming("0@example.com", Some(0))), None);
    assert_eq!(echo.judge(&incoming("1@example.com", Some(1))), Some(NoOp::OurEarlierContent));
}

#[test]
fn entities_are_written_as_a_path() {
    assert_eq!(entity().to_string(), "shop/customer/W17");
    round(&Entity::new(Side::Erp, Kind::Stock, "TOR/LAMP"));
    assert!(Entity::try_from("shop/customer/".to_owned()).is_err() && Entity::try_from("shop/W17".to_owned()).is_err());
}

#[test]
fn numbers_and_empties_have_one_form() {
    let (mut one, mut other) = (Content::new(), Content::new());
    one.number("limit", d("1.50"));
    one.text("phone", " ");
    other.number("limit", d("1.5"));
    assert_eq!(one.hash(), other.hash());
    other.text("phone", "x");
    assert_ne!(one.hash(), other.hash());
    assert_eq!(one.compare(&other)[0].to_string(), "phone: `` → `x`");
    // A number and a text that looks the same are not the same.
    let mut text = Content::new();
    text.text("limit", "1.5");
    assert_ne!(one.hash(), text.hash());
    round(&one);
    round(&one.hash());
}

#[test]
fn card_data_and_passwords_never_get_in() {
    let mut content = Content::new();
    content.fields(&[Field { name: "CC_NUM".into(), value: Value::Text("4111".into()) }]);
    content.text("Password", "secret");
    assert_eq!(content, Content::new());
    let read: Content = serde_json::from_str(r#"{"CC_EXP":{"text":"01/30"},"email":{"text":"a@example.com"}}"#).unwrap();
    assert_eq!(read.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["email"]);
}

proptest! {
    /// The hash does not depend on the order of the fields, and does on every name and value: nothing runs together.
    #[test]
    fn hashes_are_of_what_is_said(fields in prop::collection::btree_map("[xyz]{1,3}", "[a-c]{1,3}", 1..6), seed in any::<u64>()) {
        let fill = |fields: &mut dyn Iterator<Item = (&String, &String)>| {
            let mut content = Content::new();
            fields.for_each(|(name, text)| content.text(name.as_str(), text));
            content
        };
        let whole = fill(&mut fields.iter());
        prop_assert_eq!(whole.hash(), fill(&mut fields.iter().rev()).hash());
        // One letter from a value to the next name, or one field less, is another content.
        let drop = seed as usize % fields.len();
        let less = fill(&mut fields.iter().enumerate().filter(|(index, _)| *index != drop).map(|(_, field)| field));
        prop_assert_ne!(whole.hash(), less.hash());
        let moved: std::collections::BTreeMap<String, String> = fields.iter().map(|(name, text)| (format!("{name}{}", &text[..1]), text[1..].to_owned())).collect();
        prop_assert_ne!(whole.hash(), fill(&mut moved.iter()).hash());
    }
}
