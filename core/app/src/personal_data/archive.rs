//! The archive that a person gets: a compressed tar with one JSON file for each source that has data, and what is in it.

use super::progress::SourceState;
use super::report::SourceSummary;
use super::{PersonalData, PersonalDataError};
use cairn_access::format_iso;
use cairn_plugin_host::privacy::{DataSubject, PersonalRecord};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value as Json, json};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use tar::{Builder, Header};

/// Name of the file that lists the others.
const MANIFEST: &str = "manifest.json";

/// Summary of an archive, by source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveSummary {
    /// Summary of each source.
    pub sources: Vec<SourceSummary>,
}

impl ArchiveSummary {
    /// Number of records.
    pub fn records(&self) -> u64 {
        self.sources.iter().map(|source| source.records).sum()
    }

    /// The sources whose data are missing.
    pub fn missing(&self) -> impl Iterator<Item = &SourceSummary> {
        self.sources.iter().filter(|source| matches!(source.state, SourceState::Off | SourceState::Failed))
    }
}

impl PersonalData {
    /// Writes all that the sources have about a person. Data are spooled to temporary files: memory does not grow with them.
    ///
    /// # Errors
    /// Returned when the archive cannot be written or the database fails. A source that is off or fails is in the summary and in the manifest.
    pub async fn write_archive(
        &self,
        person: &DataSubject,
        locale: &str,
        out: impl Write,
    ) -> Result<ArchiveSummary, PersonalDataError> {
        let now = self.access.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let mut archive = Builder::new(GzEncoder::new(out, Compression::default()));
        let mut sources = Vec::new();
        for source in self.list_sources()? {
            let mut spool = JsonSpool::new()?;
            let summary = self.walk_source(&source, person, locale, |record| spool.add_record(record)).await?;
            if summary.records > 0 {
                let (size, file) = spool.finish()?;
                append(&mut archive, &file_name(&summary.source), size, seconds, file)?;
            }
            sources.push(summary);
        }
        let summary = ArchiveSummary { sources };
        let mut manifest =
            serde_json::to_vec_pretty(&manifest(&summary, person, &format_iso(now))).map_err(std::io::Error::other)?;
        manifest.push(b'\n');
        append(&mut archive, MANIFEST, manifest.len() as u64, seconds, manifest.as_slice())?;
        archive.into_inner()?.finish()?.flush()?;
        Ok(summary)
    }
}

fn append(
    archive: &mut Builder<GzEncoder<impl Write>>,
    name: &str,
    size: u64,
    seconds: u64,
    content: impl Read,
) -> std::io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(seconds);
    archive.append_data(&mut header, name, content)
}

/// `plugin:crm` as a name of a file.
fn file_name(source: &str) -> String {
    format!("{}.json", source.replace(':', "-"))
}

fn manifest(summary: &ArchiveSummary, person: &DataSubject, at: &str) -> Json {
    let sources = summary.sources.iter().map(|source| {
        json!({
            "source": source.source, "state": source.state, "records": source.records, "kinds": source.kinds,
            "file": (source.records > 0).then(|| file_name(&source.source)), "problem": source.problem,
        })
    });
    json!({
        "address": person.email, "exportedAt": at, "complete": summary.missing().next().is_none(),
        "records": summary.records(), "sources": sources.collect::<Vec<_>>(),
    })
}

/// A JSON array that grows in a temporary file.
struct JsonSpool {
    file: BufWriter<File>,
    records: u64,
}

impl JsonSpool {
    fn new() -> std::io::Result<Self> {
        Ok(Self { file: BufWriter::new(tempfile::tempfile()?), records: 0 })
    }

    fn add_record(&mut self, record: &PersonalRecord) -> std::io::Result<()> {
        self.file.write_all(if self.records == 0 { b"[\n" } else { b",\n" })?;
        let line = json!({ "kind": record.kind, "title": record.title, "data": record.data });
        serde_json::to_writer(&mut self.file, &line)?;
        self.records += 1;
        Ok(())
    }

    /// Its size in bytes, and the file from its beginning.
    fn finish(mut self) -> std::io::Result<(u64, BufReader<File>)> {
        self.file.write_all(b"\n]\n")?;
        let mut file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let size = file.stream_position()?;
        file.rewind()?;
        Ok((size, BufReader::new(file)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn spooled_records_are_one_json_array() {
        let mut spool = JsonSpool::new().unwrap();
        for n in 0..3 {
            let record = PersonalRecord { kind: "Mail".to_owned(), title: n.to_string(), data: json!({ "n": n }) };
            spool.add_record(&record).unwrap();
        }
        let (size, mut file) = spool.finish().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text.len() as u64, size);
        let read: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(read[2], json!({ "kind": "Mail", "title": "2", "data": { "n": 2 } }));
    }

    #[test]
    fn a_manifest_says_what_is_missing() {
        let source = |source: &str, state, records| SourceSummary {
            source: source.to_owned(),
            state,
            records,
            kinds: BTreeMap::new(),
            problem: None,
        };
        let person = DataSubject { email: "ann@example.com".to_owned(), user: None, admin: None };
        let sources = vec![source("plugin:crm", SourceState::Done, 2), source("plugin:old", SourceState::NoPart, 0)];
        let whole = manifest(&ArchiveSummary { sources: sources.clone() }, &person, "now");
        assert_eq!((&whole["complete"], &whole["sources"][0]["file"]), (&json!(true), &json!("plugin-crm.json")));
        let sources = sources.into_iter().chain([source("plugin:kb", SourceState::Off, 0)]).collect();
        let part = manifest(&ArchiveSummary { sources }, &person, "now");
        assert_eq!(
            (&part["complete"], &part["records"], &part["sources"][2]["file"]),
            (&json!(false), &json!(2), &Json::Null)
        );
    }
}
