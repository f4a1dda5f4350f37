//! A PDF of a template.

use crate::diagnostics::to_problems;
use crate::task_problems::TaskProblems;
use crate::template_fields::{LIBRARY, LIBRARY_PATH, collect_fields, write_fields};
use crate::template_world::TemplateWorld;
use cairn_pdf_protocol::{Problem, Profile, Render};
use chrono::{DateTime, Datelike, Timelike};
use std::collections::HashSet;
use typst::foundations::{Array, Bytes, Datetime, Dict, IntoValue, Smart, Str};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// Put behind a template whose files become attachments. `pdf.attach` shows nothing, so it changes no page.
const ATTACH_TEMPLATE: &str = "\n#for file in std.sys.inputs.attached { std.pdf.attach(file.name, read(file.path, encoding: none), \
                      mime-type: file.type, description: file.name) }\n";

/// Makes it, and counts its pages. `blobs` are those of `paper.sources`.
pub(crate) fn render_template(paper: &Render, blobs: &[&[u8]]) -> Result<(Vec<u8>, u32), TaskProblems> {
    if blobs.len() != paper.sources.len() {
        return Err(vec![Problem::of("every source must have its bytes")]);
    }
    let attached = attachment_list(paper);
    let mut files = Vec::with_capacity(blobs.len());
    for (source, bytes) in paper.sources.iter().zip(blobs) {
        let mut bytes = bytes.to_vec();
        if source.path == paper.main && !attached.is_empty() {
            bytes.extend_from_slice(ATTACH_TEMPLATE.as_bytes());
        }
        files.push((source.path.clone(), Bytes::new(bytes)));
    }
    // A file of the package goes before it.
    if files.iter().all(|(path, _)| path != LIBRARY_PATH) {
        files.push((LIBRARY_PATH.to_owned(), Bytes::from_string(LIBRARY)));
    }
    let mut inputs = Dict::new();
    inputs.insert("locale".into(), Str::from(paper.locale.as_str()).into_value());
    inputs.insert("attached".into(), attached.into_value());
    let papers = TemplateWorld::new(&paper.main, files, inputs, paper.at);
    let papers = papers.ok_or_else(|| vec![Problem::of(format!("{} is not a valid path", paper.main))])?;
    write_pdf(&papers, paper.profile, paper.at, true)
}

/// Sets what is in the papers, and writes it as a PDF that says it was made at `at`. `tagged`: with its structure, for screen readers.
pub(crate) fn write_pdf(
    papers: &TemplateWorld,
    profile: Profile,
    at: i64,
    tagged: bool,
) -> Result<(Vec<u8>, u32), TaskProblems> {
    let document = typst::compile::<PagedDocument>(papers).output.map_err(|errors| to_problems(papers, &errors))?;
    let standards = match profile {
        Profile::Pdf => PdfStandards::new(&[PdfStandard::V_1_7]),
        Profile::PdfA2b => PdfStandards::new(&[PdfStandard::A_2b]),
        Profile::PdfA3b => PdfStandards::new(&[PdfStandard::A_3b]),
    };
    let options = PdfOptions {
        ident: Smart::Auto,
        creator: Smart::Custom(Some("Cairn".to_owned())),
        timestamp: to_datetime(at).map(Timestamp::new_utc),
        page_ranges: None,
        standards: standards.map_err(|e| vec![Problem::of(e.message().to_string())])?,
        tagged,
        pretty: false,
    };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| to_problems(papers, &errors))?;
    let pdf = write_fields(pdf, &collect_fields(&document)?, at)?;
    Ok((pdf, u32::try_from(document.pages().len()).unwrap_or(u32::MAX)))
}

fn to_datetime(at: i64) -> Option<Datetime> {
    let at = DateTime::from_timestamp_millis(at)?;
    let (month, day) = (at.month() as u8, at.day() as u8);
    Datetime::from_ymd_hms(at.year(), month, day, at.hour() as u8, at.minute() as u8, at.second() as u8)
}

/// The files that become attachments: path, name and type of each. No two have one name, and none has a path in its name.
fn attachment_list(paper: &Render) -> Array {
    let mut names = HashSet::new();
    let files = paper.sources.iter().filter_map(|source| Some((source, source.attach.as_ref()?)));
    files
        .map(|(source, attached)| {
            let plain = |c: char| if matches!(c, '/' | '\\') || c.is_control() { '_' } else { c };
            let name: String = attached.name.chars().map(plain).collect();
            let name = if name.trim_matches('.').is_empty() { "file".to_owned() } else { name };
            let free = |name: &String| !names.contains(name);
            let numbered = (2..).map(|n| format!("{n}-{name}"));
            let name = std::iter::once(name.clone()).chain(numbered).find(free).unwrap_or(name);
            names.insert(name.clone());
            let mut file = Dict::new();
            file.insert("path".into(), Str::from(source.path.as_str()).into_value());
            file.insert("name".into(), Str::from(name.as_str()).into_value());
            file.insert("type".into(), Str::from(attached.media_type.as_str()).into_value());
            file.into_value()
        })
        .collect()
}
