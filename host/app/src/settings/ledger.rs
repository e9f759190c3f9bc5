//! `[ledger]`: the currency of the books, and the merchant's number of every account. Absent: none is kept.

use super::done;
use crossdock_flow::{
    Currency,
    finance::{Account, Chart},
    sync::Books,
    written::{Table, nearest},
};
use jiff::tz::TimeZone;
use std::{collections::BTreeMap, sync::Arc};

/// Reads it. Without the company's zone there are no days to post on: that mistake is told where the zone stands.
pub(super) fn read(table: Option<&Table<'_>>, zone: Option<&TimeZone>) -> Option<Arc<Books>> {
    let table = table?;
    done(table, |table| {
        let currency = table.required("currency", "write the code of the currency in which everything is posted, for example \"CAD\"");
        let currency = currency.and_then(|entry| {
            let read = Currency::parse(&entry.text()?);
            if let Err(fault) = &read {
                entry.wrong(&fault.message, "write three letters, for example \"CAD\"");
            }
            read.ok()
        });
        let accounts = table.required("accounts", "add [ledger.accounts] with the number of every account: see docs/money.md");
        let chart = accounts.and_then(|entry| {
            let numbers = done(&entry.table()?, read_numbers)?;
            let chart = Chart::check(numbers);
            if let Err(fault) = &chart {
                entry.wrong(&fault.message, "give each a number of the ERP's chart; several may share one");
            }
            chart.ok()
        });
        Some(Arc::new(Books { currency: currency?, zone: zone?.clone(), chart: chart? }))
    })
}

fn read_numbers(table: &Table<'_>) -> Option<BTreeMap<Account, String>> {
    let names: Vec<String> = Account::ALL.iter().map(|account| account.name().to_owned()).collect();
    let mut numbers = BTreeMap::new();
    for name in table.names() {
        let Some(entry) = table.entry(&name) else { continue };
        let Some(account) = Account::ALL.iter().find(|account| account.name() == name) else {
            let near = nearest(&name, &names).map_or_else(|| format!("one of {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
            entry.wrong("there is no such account", near);
            continue;
        };
        // A number that cannot be read is told; it is not missing beside that.
        numbers.insert(*account, entry.text().unwrap_or_else(|| "?".into()));
    }
    Some(numbers)
}
