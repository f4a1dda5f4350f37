//! Reports of one person's data that go through several kinds of documents, one after another.

use crate::data::{self, AllFields, Document, Row};
use crate::{PersonalRecord, ReportPage, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Documents of a page.
const PAGE_SIZE: u32 = 100;

/// Where a report goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KindCursor {
    /// Position among the kinds of documents.
    pub kind: usize,
    /// Cursor of the host within that kind.
    pub after: Option<String>,
}

impl KindCursor {
    /// The cursor after a page: within the kind where the host has more of it, or at the next of so many kinds; none after the last.
    #[must_use]
    pub fn next(&self, after: Option<String>, kinds: usize) -> Option<Self> {
        let kind = if after.is_some() { self.kind } else { self.kind + 1 };
        (kind < kinds).then_some(Self { kind, after })
    }
}

/// Properties that the kinds of a report have in common.
#[derive(Debug, Clone, Copy)]
pub struct KindReport<'a> {
    /// Number of kinds.
    pub kinds: usize,
    /// Fields that say nothing about a person: keys of links, and handles of the host.
    pub left_out: &'a [&'a str],
}

impl KindReport<'_> {
    /// A page of a kind. `kind` ends the key of its name in `locales/`, `t:person.<kind>`; `title` is the field that tells one from others.
    ///
    /// # Errors
    /// What the host says.
    pub fn list<T: Document>(&self, kind: &str, title: &str, filter: Value, cursor: &KindCursor) -> Result<ReportPage> {
        let page = data::find::<AllFields<T>>().filter(filter).after(cursor.after.clone(), PAGE_SIZE)?;
        let to_record = |row: Row<AllFields<T>>| {
            let id = row.document_id.clone();
            let fields = self.clean_fields(row.fields.fields);
            let title = fields.get(title).and_then(Value::as_str).filter(|title| !title.is_empty()).unwrap_or(&id);
            PersonalRecord::new(format!("t:person.{kind}"), title, &fields)
        };
        let records = page.rows.into_iter().map(to_record).collect::<Result<_>>()?;
        ReportPage::new(records, cursor.next(page.next, self.kinds).as_ref())
    }

    /// The fields that are about the person.
    #[must_use]
    pub fn clean_fields(&self, fields: Map<String, Value>) -> Map<String, Value> {
        let is_reported = |name: &String, value: &Value| !self.left_out.contains(&name.as_str()) && !value.is_null();
        fields.into_iter().filter(|(name, value)| is_reported(name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_is_followed_by_the_rest_of_its_kind_then_by_the_next_kind() {
        let within = KindCursor::default().next(Some("x".to_owned()), 2).unwrap();
        assert_eq!((within.kind, within.after.as_deref()), (0, Some("x")));
        let second = within.next(None, 2).unwrap();
        assert_eq!(second, KindCursor { kind: 1, after: None });
        assert_eq!(second.next(None, 2), None);
    }

    #[test]
    fn what_is_empty_or_a_key_is_left_out() {
        let fields = json!({ "name": "Sanne", "phone": null, "tokenHash": "x", "version": 3, "guests": 0 });
        let report = KindReport { kinds: 1, left_out: &["tokenHash", "version"] };
        let cleaned = report.clean_fields(fields.as_object().unwrap().clone());
        assert_eq!(Value::Object(cleaned), json!({ "name": "Sanne", "guests": 0 }));
    }
}
