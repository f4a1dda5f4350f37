//! Entries as the rows of a table that spreadsheets open: CSV (RFC 4180) in UTF-8.

use cairn_contact_details::invisible::{is_invisible, overrides_direction};
use cairn_http::error::WireError;
use cairn_model::{ContentType, FieldKind, Registry, Relation};
use indexmap::IndexMap;
use serde_json::Value;
use serde_json::value::RawValue;

/// Marks the file as UTF-8 for spreadsheets.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A table that is being written; its columns are those of the first entry.
#[derive(Debug, Default)]
pub(super) struct EntryTable {
    columns: Option<Vec<String>>,
}

impl EntryTable {
    /// Appends entries, with a line of column names before the first.
    pub(super) fn append_entries(
        &mut self,
        registry: &Registry,
        ct: &ContentType,
        entries: &[&RawValue],
        out: &mut Vec<u8>,
    ) -> Result<(), WireError> {
        let rows = entries.iter().map(|entry| serde_json::from_str(entry.get()));
        let rows: Vec<IndexMap<String, &RawValue>> = rows.collect::<Result<_, _>>().map_err(WireError::internal)?;
        let begins = self.columns.is_none();
        let columns = self.columns.get_or_insert_with(|| match rows.first() {
            Some(row) => row.keys().cloned().collect(),
            None => vec!["id".to_owned(), "documentId".to_owned()],
        });
        if begins {
            out.extend_from_slice(BYTE_ORDER_MARK);
        }
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        if begins {
            writer.write_record(columns.iter()).map_err(WireError::internal)?;
        }
        for row in rows {
            let mut cells = Vec::with_capacity(columns.len());
            for column in columns.iter() {
                let kind = ct.attributes.get(column).map(|(_, a)| &a.kind);
                cells.push(row.get(column).map_or(Ok(String::new()), |raw| format_cell(registry, kind, raw))?);
            }
            writer.write_record(&cells).map_err(WireError::internal)?;
        }
        writer.flush().map_err(WireError::internal)
    }
}

/// A value as text: numbers with all their digits, related entries by their names, files by their address, and composite values as JSON.
fn format_cell(registry: &Registry, kind: Option<&FieldKind>, raw: &RawValue) -> Result<String, WireError> {
    if !raw.get().starts_with(['"', '{', '[']) {
        return Ok(if raw.get() == "null" { String::new() } else { raw.get().to_owned() });
    }
    let name = match kind {
        Some(FieldKind::Media { .. }) => "url",
        Some(FieldKind::Relation(Relation { target: Some(target), .. })) => {
            let target = registry.get(*target);
            target.title_attribute().map_or("documentId", |title| &target.attributes[title].name)
        }
        Some(FieldKind::Relation(_)) => "documentId",
        _ => {
            let text: Option<String> = serde_json::from_str(raw.get()).ok();
            return Ok(text.map_or_else(|| raw.get().to_owned(), escape_formula));
        }
    };
    let format_related = |object: &Value| {
        let text = object[name].as_str().or_else(|| object["documentId"].as_str()).map(str::to_owned);
        text.unwrap_or_else(|| object[name].to_string())
    };
    let value: Value = serde_json::from_str(raw.get()).map_err(WireError::internal)?;
    Ok(escape_formula(match &value {
        Value::Array(list) => list.iter().map(format_related).collect::<Vec<_>>().join("; "),
        one => format_related(one),
    }))
}

/// A text that no spreadsheet takes for a formula (OWASP, CSV injection): one that begins like a formula is quoted, except
/// numbers and telephone numbers. Spreadsheets read full-width signs as the plain ones, and pass over characters that nobody sees.
fn escape_formula(text: String) -> String {
    let number = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || " .,()-".contains(c));
    let mut visible = text.trim_start_matches(|c| is_invisible(c) || overrides_direction(c)).chars();
    let formula = match visible.next() {
        Some('=' | '@' | '＝' | '＠' | '\t' | '\r' | '\n') => true,
        Some('+' | '-' | '＋' | '－') => !number(visible.as_str()),
        _ => false,
    };
    if formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::escape_formula;

    #[test]
    fn formulas_are_quoted() {
        for formula in [
            "=1+1",
            "@SUM(A1)",
            "+cmd|' /C calc'!A0",
            "-2+3+cmd",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1+1",
            "＠SUM(A1)",
            "＋cmd",
            "－2+cmd",
            "\u{feff}=1",
            "\u{202a}+cmd",
            "\u{202e}=1",
            "\u{ad}\u{fe0f}\u{206a}=1",
        ] {
            assert_eq!(escape_formula(formula.to_owned()), format!("'{formula}"));
        }
        for text in ["", "a=1", "+31 (0)6 12 34 56 78", "-12.5", "-", "é", "\u{202a}+31 6 12345678", "\u{feff}a"] {
            assert_eq!(escape_formula(text.to_owned()), text);
        }
    }
}
