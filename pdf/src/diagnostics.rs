//! Problems that Typst reports, for the author of a template: file, line, column, and what to do.

use crate::template_world::TemplateWorld;
use cairn_pdf_protocol::Problem;
use typst::diag::SourceDiagnostic;
use typst::syntax::DiagSpan;
use typst::{World, WorldExt};

/// Most that are told.
const MAX_PROBLEMS: usize = 20;

/// Those of a template.
pub(crate) fn to_problems<'a>(
    papers: &TemplateWorld,
    found: impl IntoIterator<Item = &'a SourceDiagnostic>,
) -> Vec<Problem> {
    found.into_iter().take(MAX_PROBLEMS).map(|one| to_problem(papers, one)).collect()
}

fn to_problem(papers: &TemplateWorld, found: &SourceDiagnostic) -> Problem {
    // An error inside a library is reported at the place that called it.
    let trace = found.trace.iter().map(|point| DiagSpan::from(point.span));
    let span = [found.span].into_iter().chain(trace).find(|span| span.id().is_some()).unwrap_or(found.span);
    let file = span.id();
    Problem {
        file: file.map(|id| id.vpath().get_with_slash().to_owned()),
        at: line_and_column(papers, span),
        hints: found.hints.iter().map(|hint| hint.v.to_string()).collect(),
        ..Problem::of(found.message.as_str())
    }
}

/// Line and column, from 1.
fn line_and_column(papers: &TemplateWorld, span: DiagSpan) -> Option<(u32, u32)> {
    let (id, range) = (span.id()?, papers.range(span)?);
    let found = match papers.source(id) {
        Ok(source) => source.lines().byte_to_line_column(range.start),
        Err(_) => papers.file(id).ok()?.lines().ok()?.byte_to_line_column(range.start),
    };
    let (line, column) = found?;
    Some((u32::try_from(line + 1).ok()?, u32::try_from(column + 1).ok()?))
}
