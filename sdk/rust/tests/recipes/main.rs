//! The recipes of `docs/recipes.md`: each file here is the whole `src/lib.rs` of a plugin, with its tests. The page holds
//! them word for word; `BLESS=1` writes them there.

mod customer_mapping;
mod drop_ship;
mod export_control;
mod free_shipping;
mod gift_wrap;
mod payment_terms;
mod rounding;
mod split_by_stock;
mod tax_class;
mod tiered_prices;

use std::{fs, path::Path};

/// In the page, code follows a line `<!-- recipes/NAME.rs -->`.
#[test]
fn the_page_shows_what_is_tested() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = here.join("../../docs/recipes.md");
    let written = fs::read_to_string(&page).unwrap();
    let mut parts = written.split("<!-- recipes/");
    let mut right = parts.next().unwrap().to_owned();
    let mut shown = 0;
    for part in parts {
        let (name, rest) = part.split_once(" -->\n").unwrap();
        let after = rest.split_once("\n```\n").unwrap().1;
        let code = fs::read_to_string(here.join("tests/recipes").join(name)).unwrap();
        right += &format!("<!-- recipes/{name} -->\n```rust\n{code}```\n{after}");
        shown += 1;
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&page, &right).unwrap();
    } else {
        assert!(
            written == right,
            "docs/recipes.md shows other code than tests/recipes: BLESS=1 mends it"
        );
    }
    assert_eq!(shown, 10);
}
