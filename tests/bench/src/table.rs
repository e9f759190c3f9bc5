//! Rows for people or for programs, and the quantiles that stand in them.

use serde::Serialize;

/// The value below which `permille` of a thousand samples lie. Sorts the samples.
pub(crate) fn quantile(samples: &mut [u64], permille: usize) -> u64 {
    samples.sort_unstable();
    samples.get(samples.len().saturating_sub(1) * permille / 1000).copied().unwrap_or(0)
}

/// Prints the rows: as JSON, or as a table with the names of their fields on top.
pub(crate) fn print<Row: Serialize>(rows: &[Row], json: bool) {
    let value = serde_json::to_value(rows).unwrap_or_default();
    if json {
        println!("{value:#}");
        return;
    }
    let rows: Vec<_> = value.as_array().into_iter().flatten().filter_map(|row| row.as_object()).collect();
    let Some(first) = rows.first() else { return };
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let widths: Vec<usize> = first.keys().map(|name| rows.iter().map(|row| text(&row[name]).len()).max().unwrap_or(0).max(name.len())).collect();
    let line = |cells: Vec<String>| cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}  ")).collect::<String>();
    println!("{}", line(first.keys().cloned().collect()).trim_end());
    for row in rows {
        println!("{}", line(row.values().map(text).collect()).trim_end());
    }
}
