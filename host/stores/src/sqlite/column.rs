//! How our types stand in columns, and how the driver's errors become faults. No SQL here.

use crossdock_flow::{
    Code, Decimal, Fault,
    desk::What,
    record::{Kind, RecordId, State},
};
use jiff::Timestamp;
use rusqlite::{
    ErrorCode, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Type, ValueRef},
};
use serde_json::Value as Json;

/// A type as it stands in a column.
pub(super) struct Column<T>(pub(super) T);

const STATES: [State; 9] = [
    State::Due,
    State::Sending,
    State::Delivered,
    State::Held,
    State::Parked,
    State::Rejected,
    State::Cancelled,
    State::Superseded,
    State::Discarded,
];
const KINDS: [Kind; 3] = [Kind::Created, Kind::Updated, Kind::Cancelled];
const WHATS: [What; 10] = [
    What::Accepted,
    What::Begun,
    What::Ended,
    What::Superseded,
    What::Damaged,
    What::Retried,
    What::Edited,
    What::Discarded,
    What::Erased,
    What::Expired,
];

/// The number of a state. Numbers above [`DELIVERED`] are in the index `aside`.
pub(super) fn code(state: State) -> usize {
    STATES.iter().position(|known| *known == state).unwrap_or(STATES.len())
}

/// The last number that is not in the index `aside`.
pub(super) const DELIVERED: usize = 2;

/// Whether a record in this state is at its end.
pub(super) fn is_end(state: State) -> bool {
    matches!(state, State::Delivered | State::Rejected | State::Cancelled | State::Superseded | State::Discarded)
}

fn coded<T: Copy>(known: &[T], value: ValueRef<'_>) -> FromSqlResult<Column<T>> {
    let code = value.as_i64()?;
    usize::try_from(code).ok().and_then(|code| known.get(code)).map(|known| Column(*known)).ok_or(FromSqlError::OutOfRange(code))
}

fn number(place: usize) -> rusqlite::Result<ToSqlOutput<'static>> {
    Ok(i64::try_from(place).unwrap_or(i64::MAX).into())
}

impl ToSql for Column<State> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        number(code(self.0))
    }
}

impl FromSql for Column<State> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        coded(&STATES, value)
    }
}

impl ToSql for Column<Kind> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        number(KINDS.iter().position(|known| *known == self.0).unwrap_or(KINDS.len()))
    }
}

impl FromSql for Column<Kind> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        coded(&KINDS, value)
    }
}

impl ToSql for Column<What> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        number(WHATS.iter().position(|known| *known == self.0).unwrap_or(WHATS.len()))
    }
}

impl FromSql for Column<What> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        coded(&WHATS, value)
    }
}

impl ToSql for Column<Timestamp> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_microsecond().into())
    }
}

impl FromSql for Column<Timestamp> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = value.as_i64()?;
        Timestamp::from_microsecond(micros).map(Column).map_err(|_| FromSqlError::OutOfRange(micros))
    }
}

impl FromSql for Column<Decimal> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Column).map_err(FromSqlError::other)
    }
}

impl FromSql for Column<Json> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Column).map_err(FromSqlError::other)
    }
}

/// Where an attempt stands, and an edit in its own table. Fails with E601 when a number does not fit, long after any schedule has ended.
pub(super) fn attempt_id(record: RecordId, number: u32) -> Result<i64, Fault> {
    if number >= 1 << 24 || record >= 1 << 39 {
        return Err(Fault::new(Code::Store, format!("record {record} has had too much done to it to count: {number}")));
    }
    Ok(record << 24 | i64::from(number))
}

/// Whether the file itself is broken where this error comes from: other places in it may be whole.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => failure.code == ErrorCode::DatabaseCorrupt,
        _ => true,
    }
}

/// An error of the driver as E601. Never carries stored values, which are customer data.
pub(super) fn fault(doing: &str, error: rusqlite::Error) -> Fault {
    let what = match &error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let advice = match failure.code {
                ErrorCode::DiskFull => ": make room on the disk",
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => ": another process has had it locked for 5 seconds",
                ErrorCode::NotADatabase => ": this is no store, or it is damaged; keep a copy and bring back a backup",
                ErrorCode::DatabaseCorrupt => ": the file is damaged; stop the host, keep a copy and bring back a backup",
                ErrorCode::CannotOpen => ": see that the folder is there and may be written",
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied => ": see that file and folder may be written",
                ErrorCode::SystemIoFailure => ": the disk does not answer as it should; see the system's log",
                _ => "",
            };
            format!("{}{advice}", message.clone().unwrap_or_else(|| failure.to_string()))
        }
        rusqlite::Error::FromSqlConversionFailure(column, kind, _) => {
            format!("column {column} ({}) holds what this version cannot read", type_name(*kind))
        }
        rusqlite::Error::QueryReturnedNoRows => "a row that must be there is missing".into(),
        other => other.to_string(),
    };
    Fault::new(Code::Store, format!("cannot {doing}: {what}"))
}

fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Null => "empty",
        Type::Integer => "number",
        Type::Real => "float",
        Type::Text => "text",
        Type::Blob => "bytes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_kind_has_a_number() {
        for state in State::ALL {
            assert!(STATES.contains(&state), "{state}");
        }
        assert_eq!(code(State::Delivered), DELIVERED);
    }

    #[test]
    fn attempts_of_different_records_never_share_a_place() {
        assert!(attempt_id(1, (1 << 24) - 1).unwrap() < attempt_id(2, 0).unwrap());
        assert!(attempt_id(1, 1 << 24).is_err());
    }
}
