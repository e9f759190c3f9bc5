//! What this host's version of the contract has, read from the WIT itself, and what a component of another version has
//! instead. Looked at only where a component does not fit.

use crossdock_flow::fault::shorten;
use std::{collections::BTreeMap, fmt::Write as _};
use wasmtime::{
    Engine,
    component::types::{ComponentFunc, ComponentItem},
};
use wit_parser::{Function, Handle, Resolve, SourceMap, Type, TypeDefKind};

/// The version line of the contract: 0.1.x matches both ways.
pub(crate) const LINE: &str = "0.1.";
/// How deep types are compared and shown.
const DEPTH: usize = 3;
/// Differences that a message names.
const MOST: usize = 8;

/// Every file of the contract.
const FILES: [(&str, &str); 14] = [
    ("capabilities.wit", include_str!("../../../wit/capabilities.wit")),
    ("customers.wit", include_str!("../../../wit/customers.wit")),
    ("documents.wit", include_str!("../../../wit/documents.wit")),
    ("log.wit", include_str!("../../../wit/log.wit")),
    ("orders.wit", include_str!("../../../wit/orders.wit")),
    ("post-map.wit", include_str!("../../../wit/post-map.wit")),
    ("pre-map-customer.wit", include_str!("../../../wit/pre-map-customer.wit")),
    ("pre-map-product.wit", include_str!("../../../wit/pre-map-product.wit")),
    ("pre-map.wit", include_str!("../../../wit/pre-map.wit")),
    ("products.wit", include_str!("../../../wit/products.wit")),
    ("route-order.wit", include_str!("../../../wit/route-order.wit")),
    ("routing.wit", include_str!("../../../wit/routing.wit")),
    ("settings.wit", include_str!("../../../wit/settings.wit")),
    ("types.wit", include_str!("../../../wit/types.wit")),
];

/// The functions of the contract, by interface and name, each with its shape.
fn functions() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut map = SourceMap::default();
    for (name, text) in FILES {
        map.push_str(name, text);
    }
    let mut resolve = Resolve::default();
    let parsed = map.parse().ok().and_then(|group| resolve.push_group(group).ok());
    // The build made bindings of the same text.
    parsed.unwrap_or_else(|| unreachable!("the contract is valid WIT"));
    let of = |interface: &wit_parser::Interface| {
        let functions = interface.functions.values().map(|function| (function.name.clone(), shape_of(&resolve, function)));
        Some((interface.name.clone()?, functions.collect()))
    };
    resolve.interfaces.iter().filter_map(|(_, interface)| of(interface)).collect()
}

/// The version of a name of ours that is not of this host's line: `0.2.0` of `crossdock:plugin/orders@0.2.0`, or `none`.
pub(crate) fn foreign(name: &str) -> Option<&str> {
    let version = name.strip_prefix("crossdock:plugin/")?.split_once('@').map_or("none", |(_, version)| version);
    (!version.starts_with(LINE)).then_some(version)
}

/// Says how a component that was built for another version of the contract differs from this one.
pub(crate) fn differences<'i>(engine: &Engine, version: &str, items: impl Iterator<Item = (&'i str, ComponentItem)>) -> String {
    let ours = functions();
    let mut lines = Vec::new();
    for (name, item) in items {
        let Some(interface) = foreign(name).and_then(|_| name.strip_prefix("crossdock:plugin/")?.split('@').next()) else { continue };
        let ComponentItem::ComponentInstance(instance) = item else { continue };
        let Some(known) = ours.get(interface) else {
            lines.push(format!("`{}` is not here", shorten(interface)));
            continue;
        };
        for (function, item) in instance.exports(engine) {
            let ComponentItem::ComponentFunc(found) = item.ty else { continue };
            match known.get(function) {
                None => lines.push(format!("`{interface}`: `{}` is not here", shorten(function))),
                Some(expected) => {
                    let found = shape_found(&found);
                    if found != *expected {
                        lines.push(format!("`{interface}`: `{function}` is `{expected}` here, and `{found}` there"));
                    }
                }
            }
        }
    }
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    let mut told = format!("it was built for version {} of the contract, and this host speaks {LINE}x", shorten(version));
    if lines.is_empty() {
        told += "; all that it uses is here, so building it again is enough";
    }
    for line in lines {
        let _written = write!(told, "; {line}");
    }
    if more > 0 {
        let _written = write!(told, "; and {more} more");
    }
    told
}

fn shape_of(resolve: &Resolve, function: &Function) -> String {
    let params: Vec<String> = function.params.iter().map(|param| format!("{}: {}", param.name, told(resolve, &param.ty, DEPTH))).collect();
    let result = function.result.map(|ty| format!(" -> {}", told(resolve, &ty, DEPTH)));
    format!("func({}){}", params.join(", "), result.unwrap_or_default())
}

fn shape_found(function: &ComponentFunc) -> String {
    let params: Vec<String> = function.params().map(|(name, ty)| format!("{name}: {}", crate::shape::describe(&ty, DEPTH))).collect();
    let results: Vec<String> = function.results().map(|ty| format!(" -> {}", crate::shape::describe(&ty, DEPTH))).collect();
    format!("func({}){}", params.join(", "), results.concat())
}

/// A type in the same words as [`crate::shape::describe`] has for a component's.
fn told(resolve: &Resolve, ty: &Type, depth: usize) -> String {
    let id = match ty {
        Type::Id(id) => *id,
        Type::String => return "string".into(),
        Type::Bool => return "bool".into(),
        Type::U8 => return "u8".into(),
        Type::U16 => return "u16".into(),
        Type::U32 => return "u32".into(),
        Type::U64 => return "u64".into(),
        Type::S8 => return "s8".into(),
        Type::S16 => return "s16".into(),
        Type::S32 => return "s32".into(),
        Type::S64 => return "s64".into(),
        Type::Char => return "char".into(),
        _ => return "another type".into(),
    };
    let inner = |ty: &Type| if depth == 0 { "…".to_owned() } else { told(resolve, ty, depth - 1) };
    let maybe = |ty: &Option<Type>| ty.as_ref().map_or("_".to_owned(), inner);
    let names = |names: Vec<&str>| crate::shape::some(&names);
    match &resolve.types[id].kind {
        TypeDefKind::Type(ty) => told(resolve, ty, depth),
        TypeDefKind::List(ty) => format!("list<{}>", inner(ty)),
        TypeDefKind::Option(ty) => format!("option<{}>", inner(ty)),
        TypeDefKind::Result(result) => format!("result<{}, {}>", maybe(&result.ok), maybe(&result.err)),
        TypeDefKind::Tuple(tuple) => format!("tuple<{}>", tuple.types.iter().map(inner).collect::<Vec<_>>().join(", ")),
        TypeDefKind::Record(record) => format!("record {{ {} }}", names(record.fields.iter().map(|field| field.name.as_str()).collect())),
        TypeDefKind::Variant(variant) => format!("variant {{ {} }}", names(variant.cases.iter().map(|case| case.name.as_str()).collect())),
        TypeDefKind::Enum(cases) => format!("enum {{ {} }}", names(cases.cases.iter().map(|case| case.name.as_str()).collect())),
        TypeDefKind::Flags(flags) => format!("flags {{ {} }}", names(flags.flags.iter().map(|flag| flag.name.as_str()).collect())),
        TypeDefKind::Handle(Handle::Own(_)) => "own<…>".into(),
        TypeDefKind::Handle(Handle::Borrow(_)) => "borrow<…>".into(),
        _ => "another type".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_is_read_from_its_files() {
        let ours = functions();
        assert_eq!(ours["log"]["write"], "func(level: enum { debug, info, warn, error }, message: string)");
        assert_eq!(
            ours["pre-map"]["run"],
            "func(context: record { integration, event-id, attempt, now }, order: borrow<…>) -> result<variant { proceed, hold, reject }, variant { settings, unsupported, failed }>"
        );
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit")).unwrap().count();
        assert_eq!(files, FILES.len(), "a file of wit/ is not listed here");
    }
}
