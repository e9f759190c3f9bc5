//! `crossdock mapping preview` of goods and people: from a file in canonical form, or as they came last.

use super::{Failure, Opened, look};
use crate::{
    screen::{Screen, Tone},
    settings::Checked,
    shops::Shops,
    templates::{self, Missing, Template},
    wire,
};
use crossdock_flow::{
    clock::SystemClock,
    entity::{Side, echo::Kind},
    mapping::{FORMS, Form},
    sync::{Subject, ledger::Which},
};
use crossdock_stores::sqlite::SqliteStore;
use crossdock_workshop::mapping::subject;
use jiff::tz::TimeZone;
use serde_json::json;
use std::{path::Path, sync::Arc};

pub(super) fn preview_file(form: &Form, input: &Path, settings: Option<Checked>, screen: &Screen) -> Result<(), Failure> {
    let text = std::fs::read_to_string(input).map_err(|error| Failure::text(format!("{}: {error}", input.display())))?;
    let subject = subject(form.entity(), &text).map_err(|why| Failure::text(format!("{} {why}", input.display())))?;
    if settings.is_none() && !screen.is_json() {
        screen.line(screen.tone(Tone::Faint, "no settings that can be read: dates are dates in UTC"));
    }
    preview(form, &subject, &settings.map_or(TimeZone::UTC, |settings| settings.zone), screen)
}

/// By the template that is named, else by that of its `[sync.NAME]`, else by the one that says what the connector does.
pub(super) async fn preview_kept(named: Option<Opened>, kind: Kind, key: &str, settings: Checked, screen: &Screen) -> Result<(), Failure> {
    let which = Which { kind: Some(kind), key: Some(key.to_owned()), ..Which::default() };
    let Some(arrival) = SqliteStore::open(&settings.store)?.latest_change(which).await? else {
        return Err(Failure::text(format!("nothing came of {kind} `{key}`; `crossdock sync list --most 0` shows all that did")));
    };
    if arrival.news.body.is_empty() {
        return Err(Failure::text(format!("what came of {kind} `{key}` is past its time, or was erased: name a file in canonical form")));
    }
    let flow = settings.sync.iter().find(|flow| *flow.name == arrival.flow);
    let form = match named.map(|named| (named.name, named.template)) {
        Some((_, Template::Entity(form))) if form.entity() == kind.name() && form.to == arrival.side.other() => form,
        Some((name, _)) => return Err(Failure::text(format!("`{name}` is no template for a {kind} from the {}", arrival.side))),
        None => match flow.and_then(|flow| flow.form.clone()) {
            Some(form) => form,
            None => shipped(kind, arrival.side.other())?,
        },
    };
    let peer = match arrival.side {
        Side::Shop => Shops::open(settings.shops)?.meant(flow.map(|flow| &*flow.shop))?.peer.clone(),
        Side::Erp => wire::erp(settings.target, Arc::new(SystemClock))?.peer,
    };
    let peer = peer.ok_or_else(|| Failure::text(format!("the {} cannot be asked what changed", arrival.side)))?;
    preview(&form, &peer.read(kind, &arrival.news.body)?, &settings.zone, screen)
}

fn shipped(kind: Kind, to: Side) -> Result<Form, Failure> {
    let none = || Failure::text(format!("no template writes a {kind} to the {to}"));
    let purpose = templates::purpose(kind, to).ok_or_else(none)?;
    let is_for = |name: &str| name.ends_with(kind.name()) && name.starts_with("clarity") == (to == Side::Erp);
    let (name, _) = FORMS.iter().find(|(name, _)| is_for(name)).ok_or_else(none)?;
    templates::form(name, Path::new(""), purpose).map_err(|missing| match missing {
        Missing::Wrong(mistakes) => Failure::Mistakes(mistakes),
        Missing::Unreadable(why) | Missing::Stranger(why, _) => Failure::text(why),
    })
}

fn preview(form: &Form, subject: &Subject, zone: &TimeZone, screen: &Screen) -> Result<(), Failure> {
    let steps = form.trace(subject, zone);
    if screen.is_json() {
        screen.json(&json!({ "template": form.name, "entity": form.entity(), "rows": steps }))?;
    } else {
        screen.line(format!("{} {subject} by `{}`, to the {}", form.entity(), form.name, form.to));
        look::table(&steps, screen);
    }
    look::judge(&steps, &format!("the {} would be parked", form.entity()), screen)
}
