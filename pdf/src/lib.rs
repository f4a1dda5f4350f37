//! Library of `cairn-pdf`: see `docs/decisions/0027-plugin-pdf.md`.
//!
//! [`answer_task`] reads a task (the crate `cairn-pdf-protocol` says in which form) and answers it. PDFs are made by Typst ([`render_template`]), and read and
//! changed by `lopdf` and `hayro`. Nothing here opens a file or a connection.

mod boxes;
mod diagnostics;
mod document;
mod draw_page;
mod field_values;
mod fill;
mod forms;
mod incremental;
mod inspect;
mod letters;
mod locate;
mod marks;
mod merge;
mod overlay;
mod place_values;
mod read_seals;
mod reading_cost;
mod render;
mod reserve_seal;
mod revisions;
mod signature_fields;
mod task_problems;
mod template_fields;
mod template_world;
mod text;
mod text_strings;

use cairn_pdf_protocol::{Answer, Problem, Task, read_task, write_answer};
use std::io::{self, Write};

/// Does a task and writes the answer.
///
/// # Errors
/// What is no task, and where the answer cannot be written.
pub fn answer_task(task: &[u8], to: &mut dyn Write) -> io::Result<()> {
    let (task, blobs) = read_task(task).map_err(io::Error::other)?;
    let made = match &task {
        Task::Render(paper) => render::render_template(paper, &blobs),
        Task::Merge => merge::merge_documents(&blobs),
        Task::Fill { fields } => match blobs.split_first() {
            Some((pdf, _)) => fill::fill_fields(pdf, fields, &blobs),
            None => Err(vec![Problem::of("a PDF is required")]),
        },
        Task::PlaceValues { values } => match blobs.split_first() {
            Some((pdf, _)) => place_values::place_values(pdf, values, &blobs),
            None => Err(vec![Problem::of("a PDF is required")]),
        },
        Task::DrawPage { page, width } => match blobs.first().map(|pdf| draw_page::draw_page(pdf, *page, *width)) {
            Some(Ok(png)) => return write_answer(to, &Answer::Picture, &png),
            Some(Err(problems)) => Err(problems),
            None => Err(vec![Problem::of("a PDF is required")]),
        },
        Task::Inspect => match blobs.first().map(|pdf| inspect::inspect_document(pdf)) {
            Some(Ok(found)) => return write_answer(to, &Answer::Inspection(found), &[]),
            Some(Err(problems)) => Err(problems),
            None => Err(vec![Problem::of("a PDF is required")]),
        },
        Task::ReadText => match blobs.first().map(|pdf| text::read_text(pdf)) {
            Some(Ok(pages)) => return write_answer(to, &Answer::Text { pages }, &[]),
            Some(Err(problems)) => Err(problems),
            None => Err(vec![Problem::of("a PDF is required")]),
        },
        Task::Locate => match blobs.first().map(|pdf| locate::locate_fields(pdf)) {
            Some(Ok(fields)) => return write_answer(to, &Answer::Fields { fields }, &[]),
            Some(Err(problems)) => Err(problems),
            None => Err(vec![Problem::of("a PDF is required")]),
        },
        Task::ReserveSeal(place) => match blobs.first().map(|pdf| reserve_seal::reserve_seal(pdf, place)) {
            Some(Ok((pdf, hole))) => return write_answer(to, &Answer::Reserved { hole }, &pdf),
            Some(Err(problems)) => Err(problems),
            None => Err(vec![Problem::of("a PDF is required")]),
        },
        Task::ReadSeals => match blobs.first().map(|pdf| read_seals::read_seals(pdf)) {
            Some(Ok(seals)) => return write_answer(to, &Answer::Seals { seals }, &[]),
            Some(Err(problems)) => Err(problems),
            None => Err(vec![Problem::of("a PDF is required")]),
        },
    };
    match made {
        Ok((pdf, pages)) => write_answer(to, &Answer::Pdf { pages }, &pdf),
        Err(problems) => write_answer(to, &Answer::Refused { problems }, &[]),
    }
}
