//! The program that makes PDFs, and reads those that somebody sent: `cairn-pdf`, one process a task.
//!
//! Setting a page cannot be interrupted from within, and a PDF of a megabyte may unpack to all memory there is. Both end with the process.

use bytes::Bytes;
use cairn_assets::limited::{Limits, Ran, run};
use cairn_pdf::{Answer, Problem, Task, read_answer, write_task};
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Largest PDF that is made, in bytes.
pub(crate) const LARGEST: usize = 32 << 20;

/// What a task may take. Of the address space, stacks and what the allocator sets aside are a good part.
const LIMITS: Limits = Limits { memory: 2 << 30, time: Duration::from_secs(20), output: LARGEST + (1 << 20) };

/// The program that makes PDFs. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct PdfProgram(Arc<Path>);

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failed {
    /// What was sent cannot be used.
    Refused(Vec<Problem>),
    /// It took more time or memory than there is, or what came of it is too large.
    TooMuch,
    /// The program could not be started, or is no such program.
    Fault(io::Error),
}

impl PdfProgram {
    /// `program`: the path of a `cairn-pdf` of this version.
    pub fn new(program: PathBuf) -> Self {
        Self(program.into())
    }

    /// Does a task. It ends with `until`, whatever there is by then. Blocks.
    pub(crate) fn run(&self, task: &Task, blobs: &[Bytes], until: Instant) -> Result<(Answer, Bytes), Failed> {
        let mut file = tempfile::Builder::new().prefix("cairn-pdf-").tempfile().map_err(Failed::Fault)?;
        let mut to = BufWriter::new(file.as_file_mut());
        write_task(&mut to, task, blobs).and_then(|()| to.flush()).map_err(Failed::Fault)?;
        drop(to);
        let time = until.saturating_duration_since(Instant::now()).min(LIMITS.time);
        if time.is_zero() {
            return Err(Failed::TooMuch);
        }
        let arguments: [OsString; 1] = [file.path().into()];
        let ran = run(&self.0, &arguments, Limits { time, ..LIMITS });
        let Ran { output, succeeded } = ran.map_err(|e| Failed::Fault(io::Error::other(e)))?;
        if !succeeded {
            return Err(Failed::TooMuch);
        }
        let output = Bytes::from(output);
        let (answer, pdf) = read_answer(&output).map_err(|e| Failed::Fault(io::Error::other(e)))?;
        match answer {
            Answer::Refused { problems } => Err(Failed::Refused(problems)),
            _ if pdf.len() > LARGEST => Err(Failed::TooMuch),
            answer => Ok((answer, output.slice_ref(pdf))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn a_program_that_is_none_is_a_fault_and_one_that_fails_is_not_believed() {
        let run = |program: &str| PdfProgram::new(program.into()).run(&Task::Merge, &[], soon());
        assert!(matches!(run("/nonexistent/cairn-pdf"), Err(Failed::Fault(_))));
        assert!(matches!(run("/bin/false"), Err(Failed::TooMuch)));
        // It prints its task, which is no answer.
        assert!(matches!(run("/bin/cat"), Err(Failed::Fault(_))));
    }

    #[test]
    fn nothing_is_begun_when_the_time_is_over() {
        let run = PdfProgram::new("/bin/cat".into()).run(&Task::Merge, &[], Instant::now());
        assert!(matches!(run, Err(Failed::TooMuch)));
    }
}
