//! Does a component fit the contract? Which hooks it answers, what it imports, and in plain words what is different.

use crate::{
    bindings::{
        TheCandidates, TheCustomer, TheDocument, TheOrder, TheProduct, post_map, pre_map, pre_map_customer, pre_map_product, route_order,
        types as wit,
    },
    call::Call,
    contract::{self, LINE},
};
use crossdock_flow::{Code, Fault, fault::shorten, hook::Hook};
use wasmtime::{
    Engine, Error,
    component::{
        Component, InstancePre, Linker, Resource,
        types::{ComponentFunc, ComponentItem, Type},
    },
};

/// WASI as far as it is linked.
const WASI: [&str; 6] = ["wasi:cli/", "wasi:clocks/", "wasi:filesystem/", "wasi:io/", "wasi:random/", "wasi:sockets/"];
/// The longest message, in bytes.
const MOST_MESSAGE: usize = 2_000;
/// Names of a plugin's own that a message lists.
const MOST_NAMES: usize = 10;
const OURS: [&str; 13] =
    ["types", "orders", "documents", "routing", "customers", "products", "log", "settings", "lookup", "kv", "http", "clock", "random"];

/// A component that fits: linked, with the way into each hook.
pub(crate) struct Fitting {
    pub(crate) pre: InstancePre<Call>,
    pub(crate) pre_map: Option<pre_map::GuestIndices>,
    pub(crate) route_order: Option<route_order::GuestIndices>,
    pub(crate) post_map: Option<post_map::GuestIndices>,
    pub(crate) pre_map_customer: Option<pre_map_customer::GuestIndices>,
    pub(crate) pre_map_product: Option<pre_map_product::GuestIndices>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) imports: Vec<String>,
}

/// Checks its version and the types of its exports (E122), its imports (E123), and links.
pub(crate) fn check(engine: &Engine, linker: &Linker<Call>, component: &Component) -> Result<Fitting, Fault> {
    let ty = component.component_type();
    let items = || ty.imports(engine).chain(ty.exports(engine)).map(|(name, item)| (name, item.ty));
    if let Some(version) = items().find_map(|(name, _)| contract::foreign(name)) {
        return Err(wrong(contract::differences(engine, version, items())));
    }
    let imports: Vec<String> = ty.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let unknown: Vec<&str> = imports.iter().map(String::as_str).filter(|name| !known(name)).collect();
    if !unknown.is_empty() {
        return Err(Fault::new(Code::UnknownImport, format!("it imports what this host does not offer: {}", some(&unknown))));
    }
    let pre = linker.instantiate_pre(component).map_err(|error| import_differs(&error))?;
    let mut found = Vec::new();
    for (name, item) in ty.exports(engine) {
        let Some(hook) = named(name) else { continue };
        let ComponentItem::ComponentInstance(interface) = item.ty else {
            return Err(wrong(format!("`{name}` is no interface")));
        };
        match interface.get_export(engine, "run").map(|item| item.ty) {
            Some(ComponentItem::ComponentFunc(run)) => {
                typecheck(hook, &run, &pre).map_err(|error| export_differs(hook, &run, &error))?;
                found.push(hook);
            }
            _ => return Err(wrong(format!("`{name}` has no function `run`; expected {}", expected(hook)))),
        }
    }
    if found.is_empty() {
        let exports: Vec<&str> = ty.exports(engine).map(|(name, _)| name).collect();
        let has = if exports.is_empty() { "nothing".to_owned() } else { some(&exports) };
        return Err(wrong(format!("it answers none of the hooks {}; it exports {has}", Hook::ALL.map(Hook::name).join(", "))));
    }
    let missing = |error: Error| wrong(format!("an export cannot be found: {}", error.root_cause()));
    Ok(Fitting {
        pre_map: found.contains(&Hook::PreMap).then(|| pre_map::GuestIndices::new(&pre)).transpose().map_err(missing)?,
        route_order: found.contains(&Hook::RouteOrder).then(|| route_order::GuestIndices::new(&pre)).transpose().map_err(missing)?,
        post_map: found.contains(&Hook::PostMap).then(|| post_map::GuestIndices::new(&pre)).transpose().map_err(missing)?,
        pre_map_customer: found.contains(&Hook::PreMapCustomer).then(|| pre_map_customer::GuestIndices::new(&pre)).transpose().map_err(missing)?,
        pre_map_product: found.contains(&Hook::PreMapProduct).then(|| pre_map_product::GuestIndices::new(&pre)).transpose().map_err(missing)?,
        hooks: Hook::ALL.into_iter().filter(|hook| found.contains(hook)).collect(),
        pre,
        imports,
    })
}

/// The first names of a plugin's own, each cut, and how many more there are: it may have thousands of a megabyte.
pub(crate) fn some(names: &[&str]) -> String {
    let mut list = names.iter().take(MOST_NAMES).map(|name| shorten(name)).collect::<Vec<_>>().join(", ");
    if names.len() > MOST_NAMES {
        list += &format!(" and {} more", names.len() - MOST_NAMES);
    }
    list
}

/// Names and types of a plugin's own can be of any length; a message is not.
fn wrong(mut message: String) -> Fault {
    if message.len() > MOST_MESSAGE {
        message.truncate(message.floor_char_boundary(MOST_MESSAGE));
        message.push('…');
    }
    Fault::new(Code::WrongShape, message)
}

fn known(import: &str) -> bool {
    let (interface, version) = import.split_once('@').unwrap_or((import, ""));
    match interface.strip_prefix("crossdock:plugin/") {
        Some(name) => OURS.contains(&name) && version.starts_with(LINE),
        None => version.starts_with("0.2.") && WASI.iter().any(|package| interface.starts_with(package)),
    }
}

/// The hook that an export stands for.
fn named(export: &str) -> Option<Hook> {
    let (interface, _) = export.split_once('@').unwrap_or((export, ""));
    interface.strip_prefix("crossdock:plugin/")?.parse().ok()
}

type Answer<T> = (Result<T, wit::HookError>,);

fn typecheck(hook: Hook, run: &ComponentFunc, pre: &InstancePre<Call>) -> Result<(), Error> {
    let types = pre.instance_type();
    match hook {
        Hook::PreMap => run.typecheck::<(wit::Context, Resource<TheOrder>), Answer<wit::Verdict>>(&types),
        Hook::RouteOrder => run.typecheck::<(wit::Context, Resource<TheOrder>, Resource<TheCandidates>), Answer<route_order::Route>>(&types),
        Hook::PostMap => run.typecheck::<(wit::Context, Resource<TheOrder>, Resource<TheDocument>), Answer<wit::Verdict>>(&types),
        Hook::PreMapCustomer => run.typecheck::<(wit::Context, Resource<TheCustomer>), Answer<wit::Verdict>>(&types),
        Hook::PreMapProduct => run.typecheck::<(wit::Context, Resource<TheProduct>), Answer<wit::Verdict>>(&types),
    }
}

/// The signature of `run`, as the WIT has it.
fn expected(hook: Hook) -> &'static str {
    let wit = match hook {
        Hook::PreMap => include_str!("../../../wit/pre-map.wit"),
        Hook::RouteOrder => include_str!("../../../wit/route-order.wit"),
        Hook::PostMap => include_str!("../../../wit/post-map.wit"),
        Hook::PreMapCustomer => include_str!("../../../wit/pre-map-customer.wit"),
        Hook::PreMapProduct => include_str!("../../../wit/pre-map-product.wit"),
    };
    wit.lines().map(str::trim).find(|line| line.starts_with("run: ")).unwrap_or_default().trim_end_matches(';')
}

fn export_differs(hook: Hook, run: &ComponentFunc, error: &Error) -> Fault {
    let params: Vec<String> = run.params().map(|(name, ty)| format!("{name}: {}", describe(&ty, 2))).collect();
    let results: Vec<String> = run.results().map(|ty| format!(" -> {}", describe(&ty, 2))).collect();
    wrong(format!(
        "its {hook} has another shape: expected `{}`, found `run: func({}){}` ({})",
        expected(hook),
        params.join(", "),
        results.concat(),
        error.root_cause()
    ))
}

/// wasmtime's error names the import, then the function, then the difference, outermost first; a function that the
/// linker lacks is a difference too.
fn import_differs(error: &Error) -> Fault {
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    let quoted = |text: &str| text.split('`').nth(1).map(str::to_owned);
    let interface = chain.first().and_then(|text| quoted(text)).unwrap_or_default();
    let function = chain.iter().find(|text| text.starts_with("instance export")).and_then(|text| quoted(text)).unwrap_or_default();
    let cause = error.root_cause();
    if cause.to_string().contains("implementation is missing") || cause.to_string().contains("was not found") {
        return Fault::new(
            Code::UnknownImport,
            format!("it imports what this host does not offer: `{}` of `{}`", shorten(&function), shorten(&interface)),
        );
    }
    wrong(format!("it imports `{function}` of `{interface}` in another shape: {cause}"))
}

/// A type in WIT's words, nested so deep.
pub(crate) fn describe(ty: &Type, depth: usize) -> String {
    let inner = |ty: &Type| if depth == 0 { "…".to_owned() } else { describe(ty, depth - 1) };
    let maybe = |ty: Option<Type>| ty.as_ref().map_or("_".to_owned(), inner);
    match ty {
        Type::Bool => "bool".into(),
        Type::S8 => "s8".into(),
        Type::U8 => "u8".into(),
        Type::S16 => "s16".into(),
        Type::U16 => "u16".into(),
        Type::S32 => "s32".into(),
        Type::U32 => "u32".into(),
        Type::S64 => "s64".into(),
        Type::U64 => "u64".into(),
        Type::Float32 => "f32".into(),
        Type::Float64 => "f64".into(),
        Type::Char => "char".into(),
        Type::String => "string".into(),
        Type::List(list) => format!("list<{}>", inner(&list.ty())),
        Type::Option(option) => format!("option<{}>", inner(&option.ty())),
        Type::Result(result) => format!("result<{}, {}>", maybe(result.ok()), maybe(result.err())),
        Type::Tuple(tuple) => format!("tuple<{}>", tuple.types().map(|ty| inner(&ty)).collect::<Vec<_>>().join(", ")),
        Type::Record(record) => format!("record {{ {} }}", some(&record.fields().map(|field| field.name).collect::<Vec<_>>())),
        Type::Variant(variant) => format!("variant {{ {} }}", some(&variant.cases().map(|case| case.name).collect::<Vec<_>>())),
        Type::Enum(names) => format!("enum {{ {} }}", some(&names.names().collect::<Vec<_>>())),
        Type::Flags(names) => format!("flags {{ {} }}", some(&names.names().collect::<Vec<_>>())),
        Type::Own(_) => "own<…>".into(),
        Type::Borrow(_) => "borrow<…>".into(),
        _ => "another type".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contract_and_wasi_are_known() {
        for name in ["crossdock:plugin/orders@0.1.0", "crossdock:plugin/log@0.1.7", "wasi:io/streams@0.2.6"] {
            assert!(known(name), "{name}");
        }
        for name in ["crossdock:plugin/orders@0.2.0", "crossdock:plugin/files@0.1.0", "wasi:http/types@0.2.0", "wasi:io/streams@0.3.0", "env"] {
            assert!(!known(name), "{name}");
        }
    }

    #[test]
    fn the_expected_signature_comes_from_the_wit() {
        for hook in Hook::ALL {
            let subject = hook.name().strip_prefix("pre-map-").unwrap_or("order");
            assert!(expected(hook).starts_with(&format!("run: func(context: context, {subject}: borrow<{subject}>")), "{hook}");
        }
    }
}
