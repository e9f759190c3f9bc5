use super::{at, round};
use crossdock_flow::{
    entity::{
        Side,
        content::Content,
        merge::{Change, Known, Rule, Rules, apply, merge},
    },
    order::Value,
};
use proptest::prelude::*;

fn content(fields: &[(&str, &str)]) -> Content {
    let mut content = Content::new();
    fields.iter().for_each(|(name, text)| content.text(*name, text));
    content
}

fn one(rule: Rule, shop: &str, erp: &str, times: (i64, i64), base: Option<&str>) -> Option<Change> {
    let rules = Rules { otherwise: rule, ..Rules::default() };
    let (shop, erp, base) = (content(&[("phone", shop)]), content(&[("phone", erp)]), base.map(|base| content(&[("phone", base)])));
    let (shop, erp) = (Known { content: &shop, changed_at: at(times.0) }, Known { content: &erp, changed_at: at(times.1) });
    let changes = merge(&rules, shop, erp, base.as_ref());
    assert!(changes.len() <= 1);
    changes.into_iter().next()
}

#[test]
fn every_rule() {
    let winner = |rule, shop, erp, times, base| one(rule, shop, erp, times, base).unwrap().winner;
    let (shop, erp) = (Some(Side::Shop), Some(Side::Erp));
    assert_eq!(one(Rule::ShopWins, "1", "1", (1, 2), None), None, "alike");
    assert_eq!(winner(Rule::ShopWins, "1", "22", (1, 2), None), shop);
    assert_eq!(winner(Rule::ErpWins, "22", "1", (2, 1), None), erp);
    assert_eq!(winner(Rule::Newest, "1", "2", (2, 1), None), shop);
    assert_eq!(winner(Rule::Newest, "1", "2", (1, 2), None), erp);
    assert_eq!(winner(Rule::Newest, "1", "2", (1, 1), None), erp, "the books are the ERP's");
    assert_eq!(winner(Rule::KeepLonger, "11", "2", (1, 2), None), shop);
    assert_eq!(winner(Rule::KeepLonger, "1", "22", (2, 1), None), erp);
    assert_eq!(winner(Rule::KeepLonger, "1", "2", (2, 1), None), None);
    assert_eq!(winner(Rule::NeverEmpty, "", "2", (2, 1), None), erp);
    assert_eq!(winner(Rule::NeverEmpty, "1", "", (1, 2), None), shop);
    assert_eq!(winner(Rule::NeverEmpty, "1", "2", (2, 1), None), None);
    // A newer entity does not take back what the other side alone has changed.
    assert_eq!(winner(Rule::Newest, "1", "2", (9, 1), Some("1")), erp);
    assert_eq!(winner(Rule::Newest, "1", "2", (1, 9), Some("2")), shop);
    assert_eq!(winner(Rule::Newest, "1", "2", (1, 9), Some("3")), erp);
}

#[test]
fn nothing_is_emptied_unless_it_may_be() {
    for rule in [Rule::ShopWins, Rule::Newest] {
        assert_eq!(one(rule, "", "2", (9, 1), None).unwrap().winner, Some(Side::Erp), "{rule}");
    }
    let rules = Rules { otherwise: Rule::ShopWins, clear: ["fax".to_owned()].into(), ..Rules::default() };
    let (shop, erp) = (content(&[]), content(&[("fax", "1"), ("phone", "2")]));
    let changes = merge(&rules, Known { content: &shop, changed_at: at(1) }, Known { content: &erp, changed_at: at(1) }, None);
    let told: Vec<String> = changes.iter().map(Change::to_string).collect();
    assert_eq!(
        told,
        ["fax: shop ``, ERP `1`: the shop's goes to the ERP (shop-wins)", "phone: shop ``, ERP `2`: the ERP's goes to the shop (shop-wins)"]
    );
    assert_eq!(apply(Side::Erp, &erp, &changes), content(&[("phone", "2")]));
    assert_eq!(apply(Side::Shop, &shop, &changes), content(&[("phone", "2")]));
    round(&changes);
}

/// The ERP has cut a company to its width: that is no change of the ERP's, for ever going to and fro.
#[test]
fn what_the_erp_cut_is_the_same() {
    let mut rules = Rules { otherwise: Rule::Newest, ..Rules::default() };
    rules.widths.insert("company".into(), 16);
    let merged = |shop: &str, erp: &str, base: Option<&str>| {
        let (shop, erp, base) = (content(&[("company", shop)]), content(&[("company", erp)]), base.map(|base| content(&[("company", base)])));
        merge(&rules, Known { content: &shop, changed_at: at(1) }, Known { content: &erp, changed_at: at(9) }, base.as_ref())
    };
    assert_eq!(merged("Sample Supplies of Toronto", "Sample Supplies", None), []);
    assert_eq!(merged("Sample Supplies of Toronto", "Sample", None)[0].winner, Some(Side::Erp), "that is less than there is room for");
    // The ERP still has the cut form of what both agreed on: the shop alone has changed it.
    let changes = merged("Better Supplies of Toronto", "Sample Supplies", Some("Sample Supplies of Toronto"));
    assert_eq!(changes[0].winner, Some(Side::Shop));
    // And the other way round.
    let changes = merged("Sample Supplies of Toronto", "Other", Some("Sample Supplies of Toronto"));
    assert_eq!(changes[0].winner, Some(Side::Erp));
}

proptest! {
    /// After the changes both sides are alike but for what nobody decided, and merging again changes nothing.
    #[test]
    fn merging_comes_to_an_end(
        shop in prop::collection::btree_map("[a-d]", "[x-z]{0,2}", 0..4),
        erp in prop::collection::btree_map("[a-d]", "[x-z]{0,2}", 0..4),
        base in prop::option::of(prop::collection::btree_map("[a-d]", "[x-z]{0,2}", 0..4)),
        rules in prop::collection::btree_map("[a-d]", prop::sample::select(vec![Rule::ShopWins, Rule::ErpWins, Rule::Newest, Rule::KeepLonger, Rule::NeverEmpty]), 0..4),
        clear in prop::collection::btree_set("[a-d]", 0..3),
        times in (0i64..3, 0i64..3),
    ) {
        let fill = |fields: &std::collections::BTreeMap<String, String>| {
            let mut content = Content::new();
            fields.iter().for_each(|(name, text)| content.text(name.as_str(), text));
            content
        };
        let (shop, erp, base) = (fill(&shop), fill(&erp), base.as_ref().map(fill));
        let rules = Rules { fields: rules, clear, ..Rules::default() };
        let merged = |shop: &Content, erp: &Content| {
            merge(&rules, Known { content: shop, changed_at: at(times.0) }, Known { content: erp, changed_at: at(times.1) }, base.as_ref())
        };
        let changes = merged(&shop, &erp);
        let (new_shop, new_erp) = (apply(Side::Shop, &shop, &changes), apply(Side::Erp, &erp, &changes));
        let left = merged(&new_shop, &new_erp);
        prop_assert!(left.iter().all(|change| change.winner.is_none()), "{left:?}");
        for change in &changes {
            if change.winner.is_some() {
                prop_assert_eq!(new_shop.get(&change.field), new_erp.get(&change.field));
            }
            let may_be_empty = rules.clear.contains(&change.field);
            let was_there = *shop.get(&change.field) != Value::Empty || *erp.get(&change.field) != Value::Empty;
            let is_there = *new_shop.get(&change.field) != Value::Empty || *new_erp.get(&change.field) != Value::Empty;
            prop_assert!(!was_there || is_there || may_be_empty, "{} was emptied", change.field);
        }
    }
}
