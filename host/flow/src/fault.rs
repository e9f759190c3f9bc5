//! Why something stopped, with a stable code, sorted by who must act next. Every code has a page in docs/faults.md.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who must act for the record to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The person who writes plugins, mappings and settings.
    Integrator,
    /// The person who answers for the running system.
    Operator,
    /// The merchant, in the shop or in the ERP.
    Merchant,
    /// Nobody: the host tries again by itself.
    Host,
}

/// One row per code: the whole list of what can go wrong, in one place.
macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal, $actor:ident, $merchant:literal, $cure:literal;)*) => {
        /// The stable code of a fault. Codes are never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[doc = $doc])* #[serde(rename = $id)] $name,)*
        }

        impl Code {
            /// Every code there is, in the order of the catalogue.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The code as written, for example `E102`.
            pub fn id(self) -> &'static str {
                match self { $(Code::$name => $id),* }
            }

            /// Who must act next.
            pub fn actor(self) -> Actor {
                match self { $(Code::$name => Actor::$actor),* }
            }

            /// The sentence for the merchant: no technical detail, no customer data.
            pub fn merchant(self) -> &'static str {
                match self { $(Code::$name => $merchant),* }
            }

            /// What to do about it.
            pub fn cure(self) -> &'static str {
                match self { $(Code::$name => $cure),* }
            }
        }
    };
}

codes! {
    // Plugins while they run: the integrator's.
    /// The guest panicked or trapped.
    PluginTrapped = "E101", Integrator, "A rule failed while working on this order.", "Read the panic text and backtrace, mend the plugin, then retry the order.";
    /// The guest used up its fuel.
    PluginFuel = "E102", Integrator, "A rule took too long for this order.", "Look for a loop that does not end; if the work is real, raise `fuel` or `fuel-per-line` of the plugin.";
    /// The call, host calls included, took longer than its total time.
    PluginTime = "E103", Integrator, "A rule took too long for this order.", "Make the plugin faster or raise its `time`.";
    /// The guest asked for more memory or tables than it may have in total.
    PluginMemory = "E104", Integrator, "A rule needed too much memory for this order.", "Use less memory or raise `memory` of the plugin.";
    /// The answer, or what the guest handed over in one host call, was too large.
    PluginOutput = "E105", Integrator, "A rule gave an answer that is too large.", "Answer with less, or raise `output` of the plugin.";
    /// The guest answered with an error of its own.
    PluginFailed = "E106", Integrator, "A rule could not handle this order.", "The message is the plugin's own; settings errors name the setting.";
    /// The answer breaks the hook's contract: an unknown warehouse, a quantity over what was ordered.
    PluginAnswer = "E107", Integrator, "A rule gave an answer that cannot be carried out.", "Mend the plugin: the message says which part of its answer is wrong.";
    /// All sandboxes stayed busy for the queue timeout.
    SandboxBusy = "E108", Host, "The rules are busy; the order is tried again.", "Raise `[sandbox] concurrency`, or look for slow plugins in `crossdock plugin list`.";
    /// The guest overflowed its stack.
    PluginStack = "E109", Integrator, "A rule failed while working on this order.", "Look for recursion that does not end.";
    /// The guest made more host calls, or moved more bytes through them, than it may.
    PluginCalls = "E110", Integrator, "A rule asked the host for too much.", "Read in bulk instead of line by line, or raise `host-calls` of the plugin.";
    /// The rule changed more than the operator lets it; nothing of it was taken.
    PluginGuard = "E111", Integrator, "A rule wanted to change more than it may.", "Mend the plugin, or widen the guard named in `[plugins.NAME.guard]`; then retry.";
    /// This version failed too often and is out of service.
    PluginQuarantined = "E112", Integrator, "A rule failed too often and is out of service.", "Put a mended version in place, or lift it with `crossdock plugin release NAME`; then retry.";
    /// Another order wrote what a rule had read in its key-value place; nothing was written.
    KvConflict = "E113", Host, "Two orders met in a rule's notes; the order is tried again.", "Nothing to do: the order runs again at once with what the other one wrote.";
    /// A rule keeps a customer or a product from going to the other side, until a person has looked.
    RuleHolds = "E114", Merchant, "A rule keeps this entry waiting.", "Do what the rule's own sentence asks for, or let this version pass: `crossdock sync retry KIND KEY`.";
    // Plugins at load: the integrator's.
    /// The file is not a WebAssembly component or module, or is damaged.
    NotWasm = "E121", Integrator, "A rule could not be loaded.", "Build it with `cargo build --target wasm32-wasip2 --release` and copy the .wasm file again.";
    /// The component exports none of our hooks, or one of them in another shape.
    WrongShape = "E122", Integrator, "A rule could not be loaded.", "Build it against the WIT of this host's version; `crossdock plugin inspect` shows the difference.";
    /// The component imports something that this host does not offer.
    UnknownImport = "E123", Integrator, "A rule could not be loaded.", "Remove the import, or build without the feature that needs it; plugins have no files, sockets or processes.";
    /// The file is larger than the cap.
    PluginSize = "E124", Integrator, "A rule could not be loaded.", "Make it smaller (strip, opt-level = \"s\") or raise `size` of the plugin.";
    /// Compiling it failed or took too long.
    PluginCompile = "E125", Integrator, "A rule could not be loaded.", "Look for machine-made functions of megabytes; raise `compile-time` if it is a large runtime, or if the machine was busy.";
    /// The rehearsal on sample input failed.
    Rehearsal = "E126", Integrator, "A rule could not be loaded.", "Run `crossdock plugin rehearse FILE`: it shows the same call with all detail.";
    /// It needs more memories, tables or instances than a sandbox has.
    PluginNeeds = "E127", Integrator, "A rule could not be loaded.", "Raise `[sandbox] max-memory`, or build it with less initial memory.";
    /// The component asks for a capability that the operator has not granted.
    NotGranted = "E128", Operator, "A rule could not be loaded.", "Add the lines that the message shows to the settings, if you trust the plugin with it.";
    /// The component is not the one that was pinned, or is not signed by a trusted key.
    Supply = "E129", Operator, "A rule could not be loaded.", "Compare the file with its source; pin the new sha256 or sign it with a trusted key.";
    /// A project was to be begun for a hook that the language's SDK does not have.
    NoTemplate = "E130", Integrator, "A rule could not be begun.", "Choose a language whose SDK has the hook, as the message says, or copy an example and write against the WIT.";
    // The data: the merchant's or the shop's.
    /// The event is no JSON object of the documented shape.
    Malformed = "E201", Merchant, "The shop sent an order we cannot read.", "Compare the kept original with what docs/shops.md says of the shop, at the place named.";
    /// A field has a value that is not allowed.
    InvalidField = "E202", Merchant, "The order has a value that is not allowed.", "Correct the field in the shop and let it send the order again.";
    /// Lines, tax, shipping and discounts do not add up to the total.
    SumsDiffer = "E203", Merchant, "The amounts of the order do not add up.", "Compare the amounts named; nothing is ever corrected silently.";
    /// The currency is not one of ISO 4217.
    UnknownCurrency = "E204", Merchant, "The order is in a currency we do not know.", "Use an ISO 4217 code such as CAD.";
    /// A change arrived for an order that is already in the ERP.
    AlreadyExported = "E205", Merchant, "The order changed after it went to the ERP.", "Compare both and change the ERP's order by hand, then `crossdock parked discard`.";
    /// A change or cancellation arrived for an order of which something is shipped.
    AlreadyShipped = "E206", Merchant, "The order changed after a part of it was shipped.", "Decide what the customer gets: change the ERP's order by hand, then `crossdock parked discard`; or retry once the shipment is taken back.";
    /// A correction that a person wants made does not fit the event.
    CannotCorrect = "E207", Operator, "The correction does not fit the order.", "Look at the event with `crossdock parked show --body`, and name a path that is there.";
    /// What a person wants done to a record cannot be done as it stands.
    NotNow = "E208", Operator, "The order is not in a state in which that can be done.", "Look at it with `crossdock orders show`; retry it first when documents of it may be in the ERP.";
    /// A person names an order by a number that several shops have given.
    WhichShop = "E209", Operator, "Several shops have an order of this number.", "Say which shop is meant: `--shop NAME`; or name the order as the ERP does, with the shop's prefix.";
    // Goods and people: the merchant's.
    /// Several customers, or one that may not be used, answer to who orders.
    CustomerUnclear = "E221", Merchant, "We cannot tell which customer of the ERP this is.", "Look at the customers named: merge them, reopen the one that is meant, or put the web id on it; then retry.";
    /// Lines name articles that the ERP does not have.
    UnknownItem = "E222", Merchant, "The order names an article that the ERP does not have.", "Add the article to the ERP, or correct the code in the shop: near ones are offered; then retry.";
    /// A kit cannot be taken apart so that its parts add up to it.
    KitUnclear = "E223", Merchant, "A kit of the order cannot be taken apart.", "Complete the kit's components and what each is worth, or choose another policy for it; then retry.";
    /// Less is there than is asked for.
    NotEnoughStock = "E224", Merchant, "There is not enough stock for the order.", "Count the stock, ship less, or let the rest be a backorder.";
    /// A shipment takes back what was shipped, or ships more than was ordered.
    ShipmentRefused = "E225", Merchant, "The ERP reports a shipment that cannot be right.", "Compare the shipped quantities in the ERP with the order; correct them there.";
    /// An address names a country or a subdivision that nobody knows, where addresses are to be normalised.
    AddressUnclear = "E231", Merchant, "An address names a country or a region that we do not know.", "Correct the part named where the address comes from; the other side never gets a guess.";
    // The mapping: the integrator's.
    /// A row found no value at its source and has no default.
    MappingMissing = "E301", Integrator, "The order lacks something that the ERP needs.", "Add the value in the shop, or a `default` to the row.";
    /// A value is wider than the ERP's field.
    MappingWidth = "E302", Integrator, "A text of the order is too long for the ERP.", "Shorten it in the shop, or set `overflow = \"cut\"` on the row.";
    /// The lookup table has no entry for the value.
    MappingLookup = "E303", Integrator, "The order has a value that the ERP mapping does not know.", "Add it to the table named.";
    /// A value has the wrong type for its row.
    MappingType = "E304", Integrator, "The order has a value of the wrong kind.", "Correct the value or the row's function.";
    // The partners.
    /// The ERP refused the document for good.
    Refused = "E401", Merchant, "The ERP refused the order.", "Look at the suggestions of `crossdock parked show`, mend what the ERP names, then `crossdock parked retry`.";
    /// The partner is busy, slow or down; nothing was done there.
    PartnerBusy = "E402", Host, "The ERP is busy; the order is tried again.", "Nothing to do: the next try is planned.";
    /// We do not know whether the partner did it.
    Unknown = "E403", Host, "The ERP did not confirm; we look there before anything is sent again.", "Nothing to do: the order is searched by its number before it is sent again.";
    /// The partner refused our credentials.
    Credentials = "E404", Operator, "The connection needs attention.", "Renew the credential in the environment or file that the settings name.";
    /// The partner answered something we cannot read.
    PartnerAnswer = "E405", Operator, "The partner gave an answer we cannot read.", "Compare the partner's version with the connector's page.";
    /// The planned tries are used up.
    TriesUsedUp = "E406", Operator, "The ERP could not be reached for a long time.", "See that the partner is up, then `crossdock parked retry --code E406`.";
    /// The ERP holds something else under the order's number.
    Conflict = "E407", Merchant, "The ERP already has another order under this number.", "Compare both orders; change the number or remove the other one.";
    // The door.
    /// The webhook's signature is missing or wrong.
    Signature = "E501", Operator, "The shop's message was not signed as agreed.", "Use the same secret on both sides; `secrets` takes several during a rotation.";
    /// The webhook's timestamp is too old or too new.
    Timestamp = "E502", Operator, "The shop's message came too late.", "Check both clocks; the tolerance is five minutes.";
    /// The body is larger than the cap.
    BodySize = "E503", Operator, "The shop's message is too large.", "Raise `[listen] max-body`.";
    // The store and the host.
    /// The store cannot write or read.
    Store = "E601", Operator, "Orders cannot be stored at the moment.", "See that the disk has room and the file is not locked; nothing was acknowledged.";
    /// The settings are wrong.
    Settings = "E602", Integrator, "The settings need attention.", "Run `crossdock check`.";
    /// The host has a defect.
    Internal = "E699", Operator, "Something unexpected happened.", "Report it with the record's `explain`; the order waits.";
    // The books.
    /// A ledger entry whose debits and credits differ, or that cannot be posted as it is.
    Unbalanced = "E701", Operator, "A ledger entry does not balance; nothing was posted.", "Report it with the entry: both sums and the difference are named.";
    /// The amounts of a payment, refund, dispute or payout do not add up, by more than rounding.
    Residual = "E702", Merchant, "The amounts of a payment or refund do not add up.", "Compare the amounts named with the gateway's; a difference that the shop meant goes into `adjustment`.";
    /// An amount in one currency where the books count in another.
    WrongCurrency = "E703", Operator, "An amount is not in the currency of the books.", "Convert it by the rate stamped on the order; nothing is ever posted in a currency by its number alone.";
    /// The period is locked, or cannot be locked yet.
    Period = "E704", Operator, "The month cannot be changed or closed as it stands.", "Look at the list of `crossdock close`; late events are posted as corrections in the first open month.";
    /// A role of the ledger has no account number.
    Chart = "E705", Integrator, "The ledger lacks an account number.", "Name a number for every role that the message lists.";
    /// Money is still on its way: a refund that the gateway has not settled, or of a payment that has not come.
    MoneyPending = "E706", Host, "The gateway has not settled the money yet; we look again.", "Nothing to do: it is posted once the gateway says that it is settled.";
}

impl Code {
    /// Whether it is of a plugin while it worked on an order (E10, E11), and not of one that could not be loaded.
    pub fn is_at_work(self) -> bool {
        self.id().starts_with("E10") || self.id().starts_with("E11")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A limit that was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Name of the limit as in the settings, for example `fuel`.
    pub limit: String,
    /// Its value, with unit where it has one, for example `250ms`.
    pub value: String,
    /// What was used when it stopped, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<String>,
}

/// Which plugin, and what it said last. The developer's half of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginDetail {
    /// Name of the plugin.
    pub plugin: String,
    /// sha256 of the component, hex.
    pub version: String,
    /// The hook that ran, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook: Option<crate::hook::Hook>,
    /// The guest's panic text: the last bytes it wrote to stderr.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub panic: String,
    /// The last lines of its log.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub log: Vec<String>,
    /// Function names, innermost first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub backtrace: Vec<String>,
}

impl PluginDetail {
    /// What is always known of a plugin that is at fault.
    pub fn new(plugin: &str, version: &str, hook: Option<crate::hook::Hook>) -> PluginDetail {
        PluginDetail { plugin: plugin.to_owned(), version: version.to_owned(), hook, panic: String::new(), log: Vec::new(), backtrace: Vec::new() }
    }
}

/// What happened, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Fault {
    /// The stable code.
    pub code: Code,
    /// What happened, for the person who must act. No secrets, no customer data.
    pub message: String,
    /// Where: an order path such as `lines[3].unit-price`, a file with line, a field.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
    /// The limit that was reached, if one was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reached: Option<Reached>,
    /// The plugin's side, if one was involved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<Box<PluginDetail>>,
}

impl Fault {
    /// A fault with a code and what happened.
    pub fn new(code: Code, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into(), place: None, reached: None, detail: None }
    }

    /// Adds where it happened.
    pub fn at(mut self, place: impl Into<String>) -> Fault {
        self.place = Some(place.into());
        self
    }

    /// Adds the limit that was reached.
    pub fn limit(mut self, limit: &str, value: impl fmt::Display, used: Option<String>) -> Fault {
        self.reached = Some(Reached { limit: limit.to_owned(), value: value.to_string(), used });
        self
    }

    /// Adds the plugin's side.
    pub fn detail(mut self, detail: PluginDetail) -> Fault {
        self.detail = Some(Box::new(detail));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.code)?;
        if let Some(detail) = &self.detail {
            write!(f, "plugin `{}`", detail.plugin)?;
            if let Some(hook) = detail.hook {
                write!(f, " in {hook}")?;
            }
            f.write_str(": ")?;
        }
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(Reached { limit, value, used }) = &self.reached {
            write!(f, " (limit {limit} = {value}")?;
            if let Some(used) = used {
                write!(f, ", used {used}")?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

/// Cuts foreign text for a message, at a character boundary, so that an error never carries a megabyte.
pub fn shorten(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
