//! The text of a PDF, for tests of plugins.

use crate::services::pades_sealer::describe_problems;
use crate::services::pdf::{PdfProgram, PdfTaskError};
use bytes::Bytes;
use cairn_pdf_protocol::{Answer, Task};
use std::time::Instant;

/// Why the text of a PDF cannot be read: in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PdfTextError(String);

impl PdfProgram {
    /// Reads the text of each page, line by line. Ends at `until` at the latest. Blocks.
    pub fn read_text(&self, pdf: &Bytes, until: Instant) -> Result<Vec<String>, PdfTextError> {
        match self.run_task(&Task::ReadText, std::slice::from_ref(pdf), until) {
            Ok((Answer::Text { pages }, _)) => Ok(pages),
            Ok(_) => Err(PdfTextError("cairn-pdf is of another version: it did not answer with a text".to_owned())),
            Err(PdfTaskError::Refused(problems)) => Err(PdfTextError(describe_problems(&problems))),
            Err(PdfTaskError::TooMuch | PdfTaskError::Busy) => {
                Err(PdfTextError("the PDF exceeded its limit on time, memory or size".to_owned()))
            }
            Err(PdfTaskError::Fault(error)) => Err(PdfTextError(format!("cairn-pdf failed: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn missing_program_is_named() {
        let program = PdfProgram::new("/nonexistent/cairn-pdf".into());
        let error = program.read_text(&Bytes::new(), Instant::now() + Duration::from_secs(10)).unwrap_err();
        assert_eq!(error.to_string(), "cairn-pdf failed: cairn-pdf not found at /nonexistent/cairn-pdf");
    }
}
