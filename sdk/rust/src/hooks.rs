//! The hooks: a trait for each, the macro that exports them, and the glue in between.

use crate::{Candidates, Context, Customer, Document, HookError, Order, Product, Route, Verdict};

/// The hook before mapping: segment discounts, tagging, holding, rejecting.
pub trait PreMap {
    /// Looks at the order and edits it. On hold, reject and error the edits are discarded.
    fn pre_map(context: &Context, order: &mut Order) -> Result<Verdict, HookError>;
}

/// The hook that decides which warehouse ships what.
pub trait RouteOrder {
    /// Looks at the order and the candidates, changes neither.
    fn route_order(context: &Context, order: &Order, candidates: &Candidates) -> Result<Route, HookError>;
}

/// The hook after mapping, once per document: payment terms, salesperson, codes, the ERP's own fields.
pub trait PostMap {
    /// Looks at the order, and edits the document that was made of it.
    fn post_map(context: &Context, order: &Order, document: &mut Document) -> Result<Verdict, HookError>;
}

/// The hook on a customer's way from one side to the other: price list, terms, tax code, names, holding.
pub trait PreMapCustomer {
    /// Looks at the customer and edits it. On hold, reject and error the edits are discarded.
    fn pre_map_customer(context: &Context, customer: &mut Customer) -> Result<Verdict, HookError>;
}

/// The hook on a product's way from the ERP to the shop: texts, prices, tax class, holding.
pub trait PreMapProduct {
    /// Looks at the product and edits it. On hold, reject and error the edits are discarded.
    fn pre_map_product(context: &Context, product: &mut Product) -> Result<Verdict, HookError>;
}

/// Runs `pre_map` as the host does: edits still gathered are sent, and a refusal that nobody handled is an error.
pub(crate) fn run_pre_map<P: PreMap>(context: &Context, order: &mut Order) -> Result<Verdict, HookError> {
    let verdict = P::pre_map(context, order)?;
    if matches!(verdict, Verdict::Proceed) {
        order.flush()?;
    }
    Ok(verdict)
}

/// Exports a type's hooks: any of `pre_map`, `route_order`, `post_map`, `pre_map_customer` and `pre_map_product`, each of
/// which the type implements by its trait ([`PreMap`], [`RouteOrder`], [`PostMap`], [`PreMapCustomer`], [`PreMapProduct`]). A plugin answers the hooks that it exports and no others.
///
/// ```
/// use crossdock_sdk::{Context, HookError, Order, PreMap, Verdict};
///
/// struct Greeter;
///
/// impl PreMap for Greeter {
///     fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
///         order.add_tag("greeted", "every order is greeted")?;
///         Ok(Verdict::Proceed)
///     }
/// }
///
/// crossdock_sdk::export!(Greeter: pre_map);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export {
    ($plugin:ident: $($hook:ident),+ $(,)?) => {
        $($crate::__export_hook!($hook $plugin);)+
    };
}

/// One arm per hook. Outside of wasm nothing is exported, but the trait is asked for, so that tests see its lack.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_hook {
    (pre_map $plugin:ident) => {
        const _: fn(&$crate::Context, &mut $crate::Order) -> Result<$crate::Verdict, $crate::HookError> = <$plugin as $crate::PreMap>::pre_map;
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Glue = $crate::Glue<$plugin>;
    $crate::bindings::pre_map::export_pre_map!(Glue with_types_in $crate::bindings::pre_map);
        };
    };
    (route_order $plugin:ident) => {
        const _: fn(&$crate::Context, &$crate::Order, &$crate::Candidates) -> Result<$crate::Route, $crate::HookError> =
            <$plugin as $crate::RouteOrder>::route_order;
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Glue = $crate::Glue<$plugin>;
    $crate::bindings::route_order::export_route_order!(Glue with_types_in $crate::bindings::route_order);
        };
    };
    (post_map $plugin:ident) => {
        const _: fn(&$crate::Context, &$crate::Order, &mut $crate::Document) -> Result<$crate::Verdict, $crate::HookError> =
            <$plugin as $crate::PostMap>::post_map;
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Glue = $crate::Glue<$plugin>;
    $crate::bindings::post_map::export_post_map!(Glue with_types_in $crate::bindings::post_map);
        };
    };
    (pre_map_customer $plugin:ident) => {
        const _: fn(&$crate::Context, &mut $crate::Customer) -> Result<$crate::Verdict, $crate::HookError> =
            <$plugin as $crate::PreMapCustomer>::pre_map_customer;
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Glue = $crate::Glue<$plugin>;
    $crate::bindings::pre_map_customer::export_pre_map_customer!(Glue with_types_in $crate::bindings::pre_map_customer);
        };
    };
    (pre_map_product $plugin:ident) => {
        const _: fn(&$crate::Context, &mut $crate::Product) -> Result<$crate::Verdict, $crate::HookError> =
            <$plugin as $crate::PreMapProduct>::pre_map_product;
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Glue = $crate::Glue<$plugin>;
    $crate::bindings::pre_map_product::export_pre_map_product!(Glue with_types_in $crate::bindings::pre_map_product);
        };
    };
}

/// Stands between the generated exports and the author's type.
#[cfg(target_family = "wasm")]
pub struct Glue<P>(std::marker::PhantomData<P>);

#[cfg(target_family = "wasm")]
mod glue {
    use super::{
        Candidates, Context, Customer, Document, Glue, HookError, Order, PostMap, PreMap, PreMapCustomer, PreMapProduct, Product, Route, RouteOrder,
        Verdict, run_pre_map,
    };
    use crate::{
        bindings::{imports::crossdock::plugin as wit, post_map, pre_map, pre_map_customer, pre_map_product, route_order},
        host,
    };

    impl<P: PreMap> pre_map::exports::crossdock::plugin::pre_map::Guest for Glue<P> {
        fn run(context: Context, order: &wit::orders::Order) -> Result<Verdict, HookError> {
            tell_panics();
            run_pre_map::<P>(&context, &mut Order::new(host::order(order)))
        }
    }

    impl<P: RouteOrder> route_order::exports::crossdock::plugin::route_order::Guest for Glue<P> {
        fn run(context: Context, order: &wit::orders::Order, candidates: &wit::routing::Candidates) -> Result<Route, HookError> {
            tell_panics();
            P::route_order(&context, &Order::new(host::order(order)), &Candidates::new(host::candidates(candidates)))
        }
    }

    impl<P: PostMap> post_map::exports::crossdock::plugin::post_map::Guest for Glue<P> {
        fn run(context: Context, order: &wit::orders::Order, document: &wit::documents::Document) -> Result<Verdict, HookError> {
            tell_panics();
            P::post_map(&context, &Order::new(host::order(order)), &mut Document::new(host::document(document)))
        }
    }

    impl<P: PreMapCustomer> pre_map_customer::exports::crossdock::plugin::pre_map_customer::Guest for Glue<P> {
        fn run(context: Context, customer: &wit::customers::Customer) -> Result<Verdict, HookError> {
            tell_panics();
            P::pre_map_customer(&context, &mut Customer::new(host::customer(customer)))
        }
    }

    impl<P: PreMapProduct> pre_map_product::exports::crossdock::plugin::pre_map_product::Guest for Glue<P> {
        fn run(context: Context, product: &wit::products::Product) -> Result<Verdict, HookError> {
            tell_panics();
            P::pre_map_product(&context, &mut Product::new(host::product(product)))
        }
    }

    /// On a target without standard error a panic would be a bare trap; this writes its message and place to the log.
    fn tell_panics() {
        #[cfg(target_os = "unknown")]
        std::panic::set_hook(Box::new(|panic| crate::log::error(panic.to_string())));
    }
}
