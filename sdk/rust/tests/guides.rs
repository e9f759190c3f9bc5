//! The pages of `docs/first-plugin/` show the rule that `crossdock plugin new` writes, word for word.

use std::{fs, path::Path};

const PAGES: [(&str, &str); 6] = [
    ("rust.md", "rust/template/src/lib.rs"),
    ("javascript.md", "js/template/src/plugin.js"),
    ("typescript.md", "js/template-ts/src/plugin.ts"),
    ("python.md", "python/template/plugin.py"),
    ("go.md", "go/template/rule.go"),
    ("c.md", "c/template/src/plugin.c"),
];

#[test]
fn pages_show_the_rules_of_the_templates() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, template) in PAGES {
        let text = fs::read_to_string(here.join("../../docs/first-plugin").join(page)).unwrap();
        let (_, rule) = text.split_once("\nCrossdock is needed. The rule, in `").unwrap();
        let (_, rule) = rule.split_once("\n```").unwrap();
        let (rule, _) = rule.split_once("\n```").unwrap();
        // What the fence is called stands before the first line's end.
        let (_, rule) = rule.split_once('\n').unwrap();
        let template = fs::read_to_string(here.join("..").join(template)).unwrap();
        assert!(template.contains(rule), "docs/first-plugin/{page} shows another rule than the template:\n{rule}");
    }
}
