//! The accounts that entries know: what they are for, not what they are called in the merchant's own chart.

use crate::fault::{Code, Fault};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// One row per account: its name as written, and what it is.
macro_rules! accounts {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal;)*) => {
        /// What an account is for. The merchant's own numbers stand in the [`Chart`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Account {
            $($(#[doc = $doc])* #[serde(rename = $id)] $name,)*
        }

        impl Account {
            /// Every account there is.
            pub const ALL: &[Account] = &[$(Account::$name),*];

            /// Its name as written in settings.
            pub fn name(self) -> &'static str {
                match self { $(Account::$name => $id),* }
            }
        }
    };
}

accounts! {
    /// What customers owe; a deposit is a credit on it.
    Receivable = "receivable";
    /// What gateways have taken and not paid out.
    CashClearing = "cash-clearing";
    /// The bank.
    Bank = "bank";
    /// What gateways keep.
    GatewayFees = "gateway-fees";
    /// What holders of gift cards may still buy.
    GiftCardLiability = "gift-card-liability";
    /// What the shop owes customers as store credit.
    StoreCreditLiability = "store-credit-liability";
    /// Income.
    Sales = "sales";
    /// Tax that is owed.
    SalesTax = "sales-tax";
    /// Shipping that customers paid.
    Freight = "freight";
    /// Discounts on whole orders.
    Discounts = "discounts";
    /// Goods taken back, and money given back without goods.
    RefundsReturns = "refunds-returns";
    /// What banks took while it is argued about.
    ChargebacksReceivable = "chargebacks-receivable";
    /// Disputes that were lost.
    ChargebackLosses = "chargeback-losses";
    /// Residuals of at most a unit for each part.
    Rounding = "rounding";
    /// Tips.
    Tips = "tips";
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The merchant's number of every account. Only [`Chart::check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chart(BTreeMap<Account, String>);

impl Chart {
    /// Checks that every account has a number. Fails with E705, naming all that have none.
    pub fn check(numbers: BTreeMap<Account, String>) -> Result<Chart, Fault> {
        let lacks = |account: &&Account| numbers.get(account).is_none_or(|number| number.trim().is_empty());
        let missing: Vec<&str> = Account::ALL.iter().filter(lacks).map(|account| account.name()).collect();
        match missing.is_empty() {
            true => Ok(Chart(numbers)),
            false => Err(Fault::new(Code::Chart, format!("no account number for: {}", missing.join(", ")))),
        }
    }

    /// The merchant's number.
    pub fn number(&self, account: Account) -> &str {
        self.0.get(&account).map_or("", String::as_str)
    }
}
