//! What was found, for people, for programs, and for the documentation.

use crate::Finding;

/// One row as text: what stopped it, after how long.
fn stop(finding: &Finding) -> String {
    let mut stop = format!("after {:.0} ms", finding.stopped_ms);
    if let Some(over) = finding.stopped_ms_over_limit {
        stop += &format!("; by time alone {over:+.1} ms");
    }
    stop
}

/// The fault, or what the guest was told instead.
fn code(finding: &Finding) -> String {
    match (&finding.code, &finding.told) {
        (Some(code), _) => code.id().to_owned(),
        (None, Some(told)) => format!("told: {told}"),
        (None, None) => "none".to_owned(),
    }
}

fn kept(finding: &Finding) -> String {
    let percent = |kept: Option<f64>| kept.map_or("-".to_owned(), |kept| format!("{:.0} %", kept * 100.0));
    format!("{} | {} | {}", percent(finding.neighbour_throughput), percent(finding.neighbour_wall), percent(finding.neighbour_bare))
}

/// One line per case, for a terminal.
pub fn table(finding: &Finding) -> String {
    let mark = if finding.wrong.is_empty() { "ok" } else { "NOT" };
    let mut line = format!(
        "{mark:4}{:34} {:5} {:16} {:18} {:38} {:>6} KiB  {:>5}",
        finding.case,
        finding.phase,
        finding.limit,
        code(finding),
        stop(finding),
        finding.host_rss_growth_kib,
        kept(finding)
    );
    for wrong in &finding.wrong {
        line += &format!("\n      {wrong}");
    }
    line
}

/// All findings for programs.
pub fn json(findings: &[Finding]) -> String {
    serde_json::to_string_pretty(findings).unwrap_or_default()
}

/// All findings for a page of documentation.
pub fn markdown(findings: &[Finding]) -> String {
    let mut page = String::from(
        "| route | limit | fault | measured stop | host memory | neighbour | by the wall clock | without a breaker |\n|---|---|---|---|---|---|---|---|\n",
    );
    for finding in findings {
        page += &format!(
            "| {} | {} | {} | {} | +{} KiB | {} |\n",
            finding.route,
            if finding.limit == "-" { "forbidden" } else { finding.limit },
            code(finding),
            stop(finding),
            finding.host_rss_growth_kib,
            kept(finding)
        );
    }
    page
}
