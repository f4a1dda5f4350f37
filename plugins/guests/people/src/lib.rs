//! Notes about people, a few at a time. The title of a note says what becomes of it: `contract` stays until the year 2100, `stuck` makes the
//! erasure fail, `endless` makes the report go on for ever, `liar` makes the plugin name a document of somebody else.

use cairn_plugin::prelude::*;
use cairn_plugin::{
    DocumentRef, ErasureStep, Person, PersonalRecord, Privacy, ReportPage, RetainedRecord, data::Batch,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Notes of a page or a step.
const SLICE: u32 = 2;
/// The year 2100.
const CONTRACT_END: Instant = 4_102_444_800_000;

struct People;

cairn_plugin::export!(People: privacy);

/// A note about somebody.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    title: String,
}

impl Document for Note {
    const TYPE: &'static str = "plugin::people.note";
}

impl Privacy for People {
    type Cursor = String;

    fn report(_call: &Call, person: &Person, cursor: Option<String>) -> Result<ReportPage> {
        let page = data::find::<Note>().filter(of_person(person)).after(cursor, SLICE)?;
        let records = page.rows.iter().map(|note| PersonalRecord::new("t:note", &note.title, &note.fields));
        let records = records.collect::<Result<Vec<_>>>()?;
        let is_endless = page.rows.iter().any(|note| note.title == "endless");
        let next = if is_endless { Some("0".to_owned()) } else { page.next };
        ReportPage::new(records, next.as_ref())
    }

    fn erase(_call: &Call, person: &Person, cursor: Option<String>) -> Result<ErasureStep> {
        let page = data::find::<Note>().filter(of_person(person)).after(cursor, SLICE)?;
        let (mut batch, mut erased, mut retained) = (Batch::new(), Vec::new(), Vec::new());
        for note in &page.rows {
            match note.title.as_str() {
                "stuck" => return Err(Error::field("", "stuck", "This note is stuck.")),
                "contract" => {
                    retained.push(RetainedRecord::new("t:note", "contract", "t:contract", Some(CONTRACT_END)));
                    continue;
                }
                _ => {}
            }
            batch = batch.delete::<Note>(&note.document_id);
            let content_type = if note.title == "liar" { "api::article.article" } else { Note::TYPE };
            let (content_type, document_id) = (content_type.to_owned(), note.document_id.clone());
            erased.push(DocumentRef { content_type, document_id, locale: None });
        }
        batch.write()?;
        ErasureStep::new(erased, retained, page.next.as_ref())
    }
}

fn of_person(person: &Person) -> serde_json::Value {
    json!({ "email": { "$eqi": person.email } })
}
