//! The collation keys of a table: which columns have them, and which of them are out of date.

use crate::Result;
use crate::connection::{Connection, Value, ValueRef};
use crate::ident::Ident;
use cairn_model::change::TypeShape;
use cairn_model::{Collation, ContentType};

/// Number of rows that are read at once.
const ROWS_PER_BATCH: i64 = 500;

/// A table whose texts have collation keys.
pub(crate) struct CollatedTable {
    table: Ident,
    collation: Collation,
    /// Columns of texts, and of their keys.
    columns: Vec<(Ident, Ident)>,
}

/// A row with a key that is not its text's.
pub(crate) struct StaleRow {
    pub(crate) id: i64,
    pub(crate) document_id: String,
    /// The right keys, in the order of the columns.
    pub(crate) keys: Vec<Value>,
}

/// Some rows of a table, in the order of their ids.
pub(crate) struct CheckedRows {
    /// Id of the last of them.
    pub(crate) last_id: i64,
    /// Number of rows that were looked at.
    pub(crate) rows: usize,
    pub(crate) stale: Vec<StaleRow>,
}

impl CollatedTable {
    /// The table of a type; `None` if it has no collation keys.
    pub(crate) fn of_type(ct: &ContentType) -> Option<Self> {
        let columns = ct.keyed_attributes().map(|(_, a)| (Ident::column(a), Ident::collation_key(a))).collect();
        Self { table: Ident::table(ct), collation: ct.collation.clone()?, columns }.with_columns()
    }

    /// The table of a type's shape; `None` if it has no collation keys.
    pub(crate) fn of_shape(ty: &TypeShape) -> Option<Self> {
        let texts = ty.attributes.iter().filter(|a| a.kind.is_short_text());
        let columns = texts.map(|a| (Ident::quote(&a.column), Ident::quote_collation_key(&a.column))).collect();
        let collation = ty.collation.as_ref()?.collation()?;
        Self { table: Ident::quote(&ty.table), collation, columns }.with_columns()
    }

    fn with_columns(self) -> Option<Self> {
        (!self.columns.is_empty()).then_some(self)
    }

    /// The columns of keys.
    pub(crate) fn key_columns(&self) -> impl Iterator<Item = &Ident> {
        self.columns.iter().map(|(_, key)| key)
    }

    /// The keys of a row, in the order of [`Self::key_columns`]. `text`: the value of a column, by its name without quotes.
    pub(crate) fn keys_of(&self, locale: &str, text: impl Fn(&str) -> Option<String>) -> Vec<Value> {
        let key = |(column, _): &(Ident, Ident)| self.key_of(text(&column.unquoted_name()).as_deref(), locale);
        self.columns.iter().map(key).collect()
    }

    fn key_of(&self, text: Option<&str>, locale: &str) -> Value {
        text.map_or(Value::Null, |text| Value::Bytes(self.collation.key_of(text, locale)))
    }

    /// Reads the rows behind an id and compares their keys; `None` behind the last row.
    pub(crate) fn check_rows(&self, conn: &Connection, after: i64) -> Result<Option<CheckedRows>> {
        let columns: Vec<String> = self.columns.iter().map(|(text, key)| format!("{text}, {key}")).collect();
        let sql = format!(
            "SELECT id, document_id, locale, {} FROM {} WHERE id > ?1 ORDER BY id LIMIT {ROWS_PER_BATCH}",
            columns.join(", "),
            self.table
        );
        let mut checked = CheckedRows { last_id: after, rows: 0, stale: Vec::new() };
        conn.query("comparing collation keys", &sql, [after], |row| {
            let locale: String = row.get(2)?;
            let (mut keys, mut is_stale) = (Vec::with_capacity(self.columns.len()), false);
            for i in 0..self.columns.len() {
                let right = self.key_of(row.text_at(3 + 2 * i)?.as_deref(), &locale);
                is_stale |= match (row.value_at(4 + 2 * i)?, &right) {
                    (ValueRef::Null, Value::Null) => false,
                    (ValueRef::Blob(stored), Value::Bytes(right)) => stored != right.as_slice(),
                    _ => true,
                };
                keys.push(right);
            }
            checked.last_id = row.get(0)?;
            checked.rows += 1;
            if is_stale {
                checked.stale.push(StaleRow { id: checked.last_id, document_id: row.get(1)?, keys });
            }
            Ok(())
        })?;
        Ok((checked.rows > 0).then_some(checked))
    }

    /// The statement that writes the keys of a row: the keys, then its id.
    pub(crate) fn update_sql(&self) -> String {
        let sets: Vec<String> = self.key_columns().enumerate().map(|(i, key)| format!("{key} = ?{}", i + 1)).collect();
        format!("UPDATE {} SET {} WHERE id = ?{}", self.table, sets.join(", "), sets.len() + 1)
    }
}
