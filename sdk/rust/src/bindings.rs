//! What wit-bindgen makes of the contract in `wit/`: the imports once, and one module of exports per hook.
//! Nothing is written by hand here; the comfortable types stand in the other files, mapped in with `with`.
#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated: crossing the boundary is unsafe by nature"
)]

/// Every interface that a plugin may import. What a plugin does not call is dropped from its component.
pub mod imports {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package crossdock:sdk;
            world imports {
                import crossdock:plugin/orders@0.1.0;
                import crossdock:plugin/documents@0.1.0;
                import crossdock:plugin/routing@0.1.0;
                import crossdock:plugin/customers@0.1.0;
                import crossdock:plugin/products@0.1.0;
                import crossdock:plugin/log@0.1.0;
                import crossdock:plugin/settings@0.1.0;
                import crossdock:plugin/lookup@0.1.0;
                import crossdock:plugin/kv@0.1.0;
                import crossdock:plugin/http@0.1.0;
                import crossdock:plugin/clock@0.1.0;
                import crossdock:plugin/random@0.1.0;
                import more: interface {
                    use crossdock:plugin/types@0.1.0.{context, verdict, hook-error};
                    unused: func(context: context) -> result<verdict, hook-error>;
                }
            }
        ",
        additional_derives: [PartialEq, Eq],
        with: {
            "crossdock:plugin/types@0.1.0/decimal": crate::Decimal,
            "crossdock:plugin/types@0.1.0/value": crate::Value,
            "crossdock:plugin/types@0.1.0/edit-error": crate::EditError,
            "crossdock:plugin/types@0.1.0/hook-error": crate::HookError,
            "crossdock:plugin/orders@0.1.0/address": crate::Address,
            "crossdock:plugin/orders@0.1.0/payment": crate::Payment,
            "crossdock:plugin/customers@0.1.0/account": crate::Account,
        },
        generate_all,
    });
}

/// The interface `types` with nothing missing: generated types and those written by hand.
pub mod types {
    pub use super::imports::crossdock::plugin::types::{Context, Decimals, Field, Hold, Instant, Verdict};
    pub use crate::{Decimal, EditError, HookError, Value};
}

/// The export of `pre-map`.
pub mod pre_map {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "pre-map-plugin",
        pub_export_macro: true,
        export_macro_name: "export_pre_map",
        default_bindings_module: "crossdock_sdk::bindings::pre_map",
        with: {
            "crossdock:plugin/types@0.1.0": crate::bindings::types,
            "crossdock:plugin/orders@0.1.0": crate::bindings::imports::crossdock::plugin::orders,
            "crossdock:plugin/log@0.1.0": crate::bindings::imports::crossdock::plugin::log,
            "crossdock:plugin/settings@0.1.0": crate::bindings::imports::crossdock::plugin::settings,
        },
    });
}

/// The export of `route-order`.
pub mod route_order {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "route-order-plugin",
        pub_export_macro: true,
        export_macro_name: "export_route_order",
        default_bindings_module: "crossdock_sdk::bindings::route_order",
        additional_derives: [PartialEq, Eq],
        with: {
            "crossdock:plugin/types@0.1.0": crate::bindings::types,
            "crossdock:plugin/orders@0.1.0": crate::bindings::imports::crossdock::plugin::orders,
            "crossdock:plugin/routing@0.1.0": crate::bindings::imports::crossdock::plugin::routing,
            "crossdock:plugin/log@0.1.0": crate::bindings::imports::crossdock::plugin::log,
            "crossdock:plugin/settings@0.1.0": crate::bindings::imports::crossdock::plugin::settings,
        },
    });
}

/// The export of `post-map`.
pub mod post_map {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "post-map-plugin",
        pub_export_macro: true,
        export_macro_name: "export_post_map",
        default_bindings_module: "crossdock_sdk::bindings::post_map",
        with: {
            "crossdock:plugin/types@0.1.0": crate::bindings::types,
            "crossdock:plugin/orders@0.1.0": crate::bindings::imports::crossdock::plugin::orders,
            "crossdock:plugin/documents@0.1.0": crate::bindings::imports::crossdock::plugin::documents,
            "crossdock:plugin/log@0.1.0": crate::bindings::imports::crossdock::plugin::log,
            "crossdock:plugin/settings@0.1.0": crate::bindings::imports::crossdock::plugin::settings,
        },
    });
}

/// The export of `pre-map-customer`.
pub mod pre_map_customer {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "pre-map-customer-plugin",
        pub_export_macro: true,
        export_macro_name: "export_pre_map_customer",
        default_bindings_module: "crossdock_sdk::bindings::pre_map_customer",
        with: {
            "crossdock:plugin/types@0.1.0": crate::bindings::types,
            "crossdock:plugin/orders@0.1.0": crate::bindings::imports::crossdock::plugin::orders,
            "crossdock:plugin/customers@0.1.0": crate::bindings::imports::crossdock::plugin::customers,
            "crossdock:plugin/log@0.1.0": crate::bindings::imports::crossdock::plugin::log,
            "crossdock:plugin/settings@0.1.0": crate::bindings::imports::crossdock::plugin::settings,
        },
    });
}

/// The export of `pre-map-product`.
pub mod pre_map_product {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "pre-map-product-plugin",
        pub_export_macro: true,
        export_macro_name: "export_pre_map_product",
        default_bindings_module: "crossdock_sdk::bindings::pre_map_product",
        with: {
            "crossdock:plugin/types@0.1.0": crate::bindings::types,
            "crossdock:plugin/products@0.1.0": crate::bindings::imports::crossdock::plugin::products,
            "crossdock:plugin/log@0.1.0": crate::bindings::imports::crossdock::plugin::log,
            "crossdock:plugin/settings@0.1.0": crate::bindings::imports::crossdock::plugin::settings,
        },
    });
}
