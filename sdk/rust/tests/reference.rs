//! `docs/reference.md` is made of `wit/`, of nothing else: hooks, interfaces, functions and types with their docs. This test
//! fails when the page is not what would be made today; `BLESS=1` writes it.

use std::{fmt::Write, fs, path::Path};
use wit_parser::{Docs, Function, Handle, Interface, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner, WorldItem};

/// The hooks in the order in which an order meets them, then those of what is kept alike.
const HOOKS: [&str; 5] = ["pre-map", "route-order", "post-map", "pre-map-customer", "pre-map-product"];

const HEAD: &str = "# Reference of the contract

Made of [`wit/`](../wit) by `BLESS=1 cargo test -p crossdock-sdk --test reference`; a test fails when it is out of date. The
names are those of the contract; the SDKs write them as their languages do (`set-unit-price` is `set_unit_price` in Rust and
Python, `setUnitPrice` in JavaScript, `SetUnitPrice` in Go, `cd_order_set_unit_price` in C) and say in their READMEs what they
add. How the contract may change: [`plugin-contract.md`](plugin-contract.md).

";

#[test]
fn the_page_is_what_the_contract_says() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = here.join("../../docs/reference.md");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(here.join("../../wit")).unwrap();
    let right = Contract(&resolve).page(package);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&page, &right).unwrap();
    } else {
        let written = fs::read_to_string(&page).unwrap_or_default();
        assert!(written == right, "docs/reference.md is not what wit/ says: BLESS=1 cargo test -p crossdock-sdk --test reference");
    }
}

struct Contract<'r>(&'r Resolve);

impl Contract<'_> {
    fn page(&self, package: wit_parser::PackageId) -> String {
        let package = &self.0.packages[package];
        let mut page = format!("{HEAD}## {}\n\n{}\n", package.name, written(&package.docs));
        page += "\n## Hooks\n\n| world | exports | imports |\n|---|---|---|\n";
        let mut worlds: Vec<_> = package.worlds.values().map(|id| &self.0.worlds[*id]).collect();
        worlds.sort_by_key(|world| HOOKS.iter().position(|hook| world.name == format!("{hook}-plugin")).expect("the hook stands in HOOKS"));
        let mut called = Vec::new();
        for world in worlds {
            let names = |items: Vec<&WorldItem>| {
                let interfaces = items.into_iter().filter_map(|item| if let WorldItem::Interface { id, .. } = item { Some(*id) } else { None });
                interfaces.filter_map(|id| self.0.interfaces[id].name.clone()).collect::<Vec<_>>()
            };
            let (exports, imports) = (names(world.exports.values().collect()), names(world.imports.values().collect()));
            let linked = |names: &[String]| names.iter().map(|name| format!("[`{name}`](#{name})")).collect::<Vec<_>>().join(", ");
            _ = writeln!(page, "| `{}` | {} | {} |", world.name, linked(&exports), linked(&imports));
            called.extend(imports);
        }
        page += "\nA plugin exports any of them, each at most once.\n\n## Interfaces\n\n| interface | what it is |\n|---|---|\n";
        let mut interfaces: Vec<(&str, &Interface)> = package.interfaces.iter().map(|(name, id)| (name.as_str(), &self.0.interfaces[*id])).collect();
        // The hooks, what they are called with, what every plugin may call; then what has to be granted.
        interfaces.sort_by_key(|(name, _)| {
            let hook = HOOKS.iter().position(|hook| hook == name).unwrap_or(HOOKS.len());
            (hook, *name != "types", !called.iter().any(|called| called == name), *name)
        });
        for (name, interface) in &interfaces {
            _ = writeln!(page, "| [`{name}`](#{name}) | {} |", first_sentence(&interface.docs));
        }
        for (name, interface) in interfaces {
            self.interface(&mut page, name, interface);
        }
        page
    }

    fn interface(&self, page: &mut String, name: &str, interface: &Interface) {
        _ = write!(page, "\n## {name}\n\n{}\n", written(&interface.docs));
        let free: Vec<&Function> = interface.functions.values().filter(|function| function.kind.resource().is_none()).collect();
        self.functions(page, name, &free);
        for (kind, id) in &interface.types {
            let defined = &self.0.types[*id];
            // What an interface uses from another stands there.
            if matches!(defined.kind, TypeDefKind::Type(_)) {
                continue;
            }
            _ = write!(page, "\n<a id=\"{name}-{kind}\"></a>\n\n### {} `{kind}`\n\n{}\n", defined.kind.as_str(), written(&defined.docs));
            self.parts(page, defined);
            let methods: Vec<&Function> = interface.functions.values().filter(|function| function.kind.resource() == Some(*id)).collect();
            self.functions(page, &format!("{name}-{kind}"), &methods);
        }
    }

    fn parts(&self, page: &mut String, defined: &TypeDef) {
        let row = |name: &str, of: String, docs: &Docs| format!("| `{name}` | {of} | {} |\n", in_a_cell(docs));
        let rows: String = match &defined.kind {
            TypeDefKind::Record(record) => record.fields.iter().map(|field| row(&field.name, self.spell(&field.ty), &field.docs)).collect(),
            TypeDefKind::Variant(variant) => {
                variant.cases.iter().map(|case| row(&case.name, case.ty.map_or_else(String::new, |of| self.spell(&of)), &case.docs)).collect()
            }
            TypeDefKind::Enum(cases) => cases.cases.iter().map(|case| row(&case.name, String::new(), &case.docs)).collect(),
            TypeDefKind::Resource => return,
            other => unreachable!("the page knows no {} yet: teach it", other.as_str()),
        };
        let part = if matches!(defined.kind, TypeDefKind::Record(_)) { "field" } else { "case" };
        _ = write!(page, "\n| {part} | type | what it is |\n|---|---|---|\n{rows}");
    }

    fn functions(&self, page: &mut String, within: &str, functions: &[&Function]) {
        if functions.is_empty() {
            return;
        }
        *page += "\n| function | answers | what it does |\n|---|---|---|\n";
        for function in functions {
            let name = function.item_name();
            let taken = function.params.iter().filter(|given| given.name != "self");
            let taken: Vec<String> = taken.map(|given| format!("{}: {}", given.name, self.spell(&given.ty))).collect();
            let answer = function.result.map_or_else(String::new, |of| self.spell(&of));
            let docs = in_a_cell(&function.docs);
            _ = writeln!(page, "| <a id=\"{within}-{name}\"></a>`{name}`({}) | {answer} | {docs} |", taken.join(", "));
        }
    }

    /// A type as text, with links to what is explained here.
    fn spell(&self, of: &Type) -> String {
        let optional = |of: &Option<Type>| of.map_or_else(|| "_".into(), |of| self.spell(&of));
        let Type::Id(id) = of else { return plain(of).into() };
        match &self.0.types[*id].kind {
            TypeDefKind::Option(of) => format!(r"option\<{}\>", self.spell(of)),
            TypeDefKind::List(of) => format!(r"list\<{}\>", self.spell(of)),
            TypeDefKind::Tuple(tuple) => format!(r"tuple\<{}\>", tuple.types.iter().map(|of| self.spell(of)).collect::<Vec<_>>().join(", ")),
            TypeDefKind::Result(result) if result.ok.is_none() && result.err.is_none() => "result".into(),
            TypeDefKind::Result(result) => format!(r"result\<{}, {}\>", optional(&result.ok), optional(&result.err)),
            TypeDefKind::Handle(Handle::Borrow(id)) => format!(r"borrow\<{}\>", self.link(*id)),
            TypeDefKind::Handle(Handle::Own(id)) => self.link(*id),
            _ => self.link(*id),
        }
    }

    fn link(&self, id: TypeId) -> String {
        let defined = &self.0.types[id];
        let name = defined.name.as_deref().unwrap_or("?");
        match (&defined.kind, defined.owner) {
            (TypeDefKind::Type(of), _) => self.spell(of),
            (_, TypeOwner::Interface(owner)) => format!("[{name}](#{}-{name})", self.0.interfaces[owner].name.as_deref().unwrap_or("?")),
            _ => name.into(),
        }
    }
}

fn plain(of: &Type) -> &'static str {
    match of {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::String => "string",
        other => unreachable!("the contract has no {other:?}: floats and characters do not cross"),
    }
}

/// Docs as they are written, line by line.
fn written(docs: &Docs) -> &str {
    docs.contents.as_deref().unwrap_or_default().trim()
}

fn in_a_cell(docs: &Docs) -> String {
    written(docs).lines().map(str::trim).collect::<Vec<_>>().join(" ").replace('|', r"\|")
}

fn first_sentence(docs: &Docs) -> String {
    let text = in_a_cell(docs);
    // A full stop ends it, and not the point within a code span or a number; a list of examples goes on.
    text.split_once(". ").map_or_else(|| text.clone(), |(first, _)| format!("{first}."))
}
