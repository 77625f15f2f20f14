//! Row authentication: every row but a chunk carries an HMAC over its other columns.

use chip_crypto::hmac;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use wire::Secret;

use crate::error::Error;

/// A table with authenticated rows: its primary key first, without `mac`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
}

pub(crate) const META: Table = Table { name: "meta", columns: &["key", "value"] };
pub(crate) const EPOCH: Table = Table { name: "epoch", columns: &["epoch_no", "created_day", "destroyed"] };
pub(crate) const SESSION: Table = Table {
    name: "session",
    columns: &[
        "session_id",
        "state",
        "row_version",
        "epoch_no",
        "wrapped_dek",
        "opened_day",
        "bundle_sha256",
        "blob_count",
        "size",
    ],
};
pub(crate) const BLOB: Table =
    Table { name: "blob", columns: &["blob_id", "session_id", "position", "header", "chunk_count", "sealed_sha256"] };
pub(crate) const OUTBOX: Table =
    Table { name: "outbox", columns: &["session_id", "bundle", "attempts", "next_at_ms", "lease_ms", "park_reason"] };
pub(crate) const RECEIPT: Table = Table { name: "receipt", columns: &["session_id", "receipt"] };
pub(crate) const TOMBSTONE: Table =
    Table { name: "tombstone", columns: &["session_id", "purged_day", "bundle_sha256"] };
pub(crate) const AUDIT: Table = Table { name: "audit", columns: &["seq", "payload"] };
/// Every table whose rows [`mac`] covers.
pub(crate) const AUTHENTICATED: [Table; 8] = [META, EPOCH, SESSION, BLOB, OUTBOX, RECEIPT, TOMBSTONE, AUDIT];

impl Table {
    pub(crate) fn select(&self) -> String {
        format!("SELECT {}, mac FROM {}", self.columns.join(", "), self.name)
    }

    fn key(&self) -> &'static str {
        self.columns.first().copied().unwrap_or("rowid")
    }

    /// The values of a row and whether its MAC fits them.
    pub(crate) fn authenticate(&self, key: &Secret<32>, row: &Row<'_>) -> Result<(Vec<Value>, bool), Error> {
        let mut values = Vec::with_capacity(self.columns.len());
        for at in 0..self.columns.len() {
            values.push(row.get::<_, Value>(at)?);
        }
        let fits = match row.get::<_, Value>(self.columns.len())? {
            Value::Blob(stored) => hmac::verify_sha256(key.expose(), &[&message(self.name, &values)], &stored).is_ok(),
            Value::Null | Value::Integer(_) | Value::Real(_) | Value::Text(_) => false,
        };
        Ok((values, fits))
    }

    /// Reads one row; [`Error::RowTampered`] when its MAC does not fit.
    pub(crate) fn read(
        &self,
        connection: &Connection,
        key: &Secret<32>,
        id: &dyn ToSql,
    ) -> Result<Option<Fields>, Error> {
        let sql = format!("{} WHERE {} = ?1", self.select(), self.key());
        let found = connection
            .prepare_cached(&sql)?
            .query_row([id], |row| Ok(self.authenticate(key, row)))
            .optional()?
            .transpose()?;
        match found {
            None => Ok(None),
            Some((values, true)) => Ok(Some(Fields { table: self.name, values })),
            Some((_, false)) => Err(Error::RowTampered { table: self.name }),
        }
    }

    /// Inserts a row with its MAC; `values` in the order of the columns.
    pub(crate) fn insert(
        &self,
        connection: &Connection,
        key: &Secret<32>,
        mut values: Vec<Value>,
    ) -> Result<(), Error> {
        let mac = hmac::sha256(key.expose(), &[&message(self.name, &values)]);
        values.push(Value::Blob(mac.to_vec()));
        let places: Vec<String> = (1..=values.len()).map(|at| format!("?{at}")).collect();
        let sql =
            format!("INSERT INTO {} ({}, mac) VALUES ({})", self.name, self.columns.join(", "), places.join(", "));
        connection.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }

    /// Writes a changed row with its new MAC.
    pub(crate) fn update(&self, connection: &Connection, key: &Secret<32>, fields: Fields) -> Result<(), Error> {
        let mut values = fields.values;
        let mac = hmac::sha256(key.expose(), &[&message(self.name, &values)]);
        values.push(Value::Blob(mac.to_vec()));
        let assignments: Vec<String> =
            self.columns.iter().enumerate().map(|(at, column)| format!("{column} = ?{}", at + 1)).collect();
        let sql = format!(
            "UPDATE {} SET {}, mac = ?{} WHERE {} = ?1",
            self.name,
            assignments.join(", "),
            values.len(),
            self.key()
        );
        connection.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }

    pub(crate) fn delete(&self, connection: &Connection, id: &dyn ToSql) -> Result<(), Error> {
        connection.prepare_cached(&format!("DELETE FROM {} WHERE {} = ?1", self.name, self.key()))?.execute([id])?;
        Ok(())
    }
}

/// The values of one authenticated row, by column position.
#[derive(Debug)]
pub(crate) struct Fields {
    table: &'static str,
    values: Vec<Value>,
}

impl Fields {
    pub(crate) fn new(table: Table, values: Vec<Value>) -> Self {
        Self { table: table.name, values }
    }

    pub(crate) fn integer(&self, at: usize) -> Result<i64, Error> {
        match self.values.get(at) {
            Some(Value::Integer(value)) => Ok(*value),
            Some(Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_)) | None => {
                Err(Error::RowTampered { table: self.table })
            }
        }
    }

    pub(crate) fn blob(&self, at: usize) -> Result<&[u8], Error> {
        self.optional_blob(at)?.ok_or(Error::RowTampered { table: self.table })
    }

    pub(crate) fn optional_blob(&self, at: usize) -> Result<Option<&[u8]>, Error> {
        match self.values.get(at) {
            Some(Value::Blob(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            Some(Value::Integer(_) | Value::Real(_) | Value::Text(_)) | None => {
                Err(Error::RowTampered { table: self.table })
            }
        }
    }

    pub(crate) fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Error> {
        self.blob(at)?.try_into().map_err(|_| Error::RowTampered { table: self.table })
    }

    pub(crate) fn set(&mut self, at: usize, value: Value) {
        if let Some(place) = self.values.get_mut(at) {
            *place = value;
        }
    }
}

/// "eks1.row" ‖ table ‖ for each value: type octet ‖ length u32 ‖ octets.
fn message(table: &str, values: &[Value]) -> Vec<u8> {
    let mut out = b"eks1.row".to_vec();
    let mut put = |kind: u8, bytes: &[u8]| {
        out.push(kind);
        out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(bytes);
    };
    put(0, table.as_bytes());
    for value in values {
        match value {
            Value::Null => put(1, &[]),
            Value::Integer(value) => put(2, &value.to_be_bytes()),
            Value::Real(value) => put(3, &value.to_be_bytes()),
            Value::Text(value) => put(4, value.as_bytes()),
            Value::Blob(value) => put(5, value),
        }
    }
    out
}
