//! The program that makes and reads PDFs: `cairn-pdf`, one process for each task.
//!
//! Typesetting cannot be interrupted from within, and a PDF of a megabyte may unpack to more memory than there
//! is. Both end with the process.

use bytes::Bytes;
use cairn_assets::limited_program::{ProgramLimits, ProgramOutput, run_program};
use cairn_pdf_protocol::{Answer, Problem, ProblemCode, Task, read_answer, write_task};
use parking_lot::{Condvar, Mutex};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Largest PDF that is made, in bytes.
pub(crate) const MAX_PDF_BYTES: usize = 32 << 20;

/// Prefix of the names of unpacked programs.
const UNPACKED_PREFIX: &str = "cairn-pdf-";

/// Longest time of a task.
pub(crate) const MAX_TASK_TIME: Duration = Duration::from_secs(20);

/// Why a file is refused of which the program died.
const TOO_COMPLEX: &str = "the PDF takes more time or memory than permitted to be read";

/// Limits of a task. Stacks and the allocator's reserve take a good part of the address space.
const TASK_LIMITS: ProgramLimits =
    ProgramLimits { memory: 2 << 30, time: MAX_TASK_TIME, output: MAX_PDF_BYTES + (1 << 20) };

/// How many tasks run at once, in all of the server: as many as programs with limits do.
static FREE_SLOTS: Mutex<usize> = Mutex::new(2);
static SLOT_RETURNED: Condvar = Condvar::new();
/// Held while a program is unpacked. A process that was started meanwhile would have the unfinished file open for writing, and while it has, the
/// system runs no program from that file.
static UNPACKING: Mutex<()> = Mutex::new(());

/// The place of a task among those that run at once.
struct TaskSlot;

impl TaskSlot {
    /// Waits for one; `None` where none is free in time.
    fn wait_for_one(until: Instant) -> Option<Self> {
        let mut free = FREE_SLOTS.lock();
        let waited = SLOT_RETURNED.wait_while_until(&mut free, |free| *free == 0, until);
        if waited.timed_out() && *free == 0 {
            return None;
        }
        *free -= 1;
        Some(Self)
    }
}

impl Drop for TaskSlot {
    fn drop(&mut self) {
        *FREE_SLOTS.lock() += 1;
        SLOT_RETURNED.notify_one();
    }
}

/// The program that makes PDFs. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct PdfProgram(Arc<Program>);

#[derive(Debug)]
enum Program {
    At(PathBuf),
    Packed {
        /// The program, compressed with zstd.
        bytes: &'static [u8],
        folder: PathBuf,
        /// Path of the unpacked program, named after a hash of its content; set when it is first needed.
        place: OnceLock<PathBuf>,
    },
}

/// Why a task has no result.
#[derive(Debug)]
pub(crate) enum PdfTaskError {
    /// The input cannot be used.
    Refused(Vec<Problem>),
    /// It took more time than the call has, or its result is too large; a template that took more time or memory than permitted.
    TooMuch,
    /// Others ran until its time was over.
    Busy,
    /// The program could not be started, or is not a `cairn-pdf`.
    Fault(io::Error),
}

impl PdfProgram {
    /// `program`: the path of a `cairn-pdf` of this version.
    pub fn new(program: PathBuf) -> Self {
        Self(Arc::new(Program::At(program)))
    }

    /// A program that is embedded, compressed with zstd: it is unpacked into the folder when it is first needed, and those
    /// of other versions are deleted.
    pub fn packed(bytes: &'static [u8], folder: &Path) -> Self {
        Self(Arc::new(Program::Packed { bytes, folder: folder.to_owned(), place: OnceLock::new() }))
    }

    /// The path of the program, unpacked if need be.
    fn unpacked_path(&self) -> io::Result<&Path> {
        let (bytes, folder, place) = match &*self.0 {
            Program::At(place) if place.is_file() => return Ok(place),
            Program::At(place) => {
                let missing = format!("cairn-pdf not found at {}", place.display());
                return Err(io::Error::new(io::ErrorKind::NotFound, missing));
            }
            Program::Packed { bytes, folder, place } => (*bytes, folder, place),
        };
        let place = place.get_or_init(|| {
            let digest: String = Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            folder.join(format!("{UNPACKED_PREFIX}{digest}"))
        });
        let _alone = UNPACKING.lock();
        if place.is_file() {
            return Ok(place);
        }
        fs::create_dir_all(folder)?;
        // Written under another name and renamed: the file is complete for every reader, also after a power failure.
        let mut half = tempfile::Builder::new()
            .prefix(".cairn-pdf-")
            .permissions(fs::Permissions::from_mode(0o755))
            .tempfile_in(folder)?;
        zstd::stream::copy_decode(bytes, half.as_file_mut())?;
        half.as_file().sync_all()?;
        half.persist(place).map_err(|e| e.error)?;
        for entry in fs::read_dir(folder)?.flatten() {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(UNPACKED_PREFIX) && place.file_name() != Some(&name) {
                // An old version that cannot be removed does no harm.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(place)
    }

    /// Runs a task, which is ended at `until` at the latest. Blocks.
    pub(crate) fn run_task(
        &self,
        task: &Task,
        blobs: &[Bytes],
        until: Instant,
    ) -> Result<(Answer, Bytes), PdfTaskError> {
        let mut file = tempfile::Builder::new().prefix("cairn-pdf-").tempfile().map_err(PdfTaskError::Fault)?;
        let mut to = BufWriter::new(file.as_file_mut());
        write_task(&mut to, task, blobs).and_then(|()| to.flush()).map_err(PdfTaskError::Fault)?;
        drop(to);
        let _one_of_few = TaskSlot::wait_for_one(until).ok_or(PdfTaskError::Busy)?;
        let time = until.saturating_duration_since(Instant::now()).min(TASK_LIMITS.time);
        if time.is_zero() {
            return Err(PdfTaskError::TooMuch);
        }
        let arguments: [OsString; 1] = [file.path().into()];
        let program = self.unpacked_path().map_err(PdfTaskError::Fault)?;
        let started = Instant::now();
        let ran = run_program(program, &arguments, ProgramLimits { time, ..TASK_LIMITS });
        let ProgramOutput { output, succeeded } = ran.map_err(|e| PdfTaskError::Fault(io::Error::other(e)))?;
        if !succeeded {
            // Processor time is limited to whole seconds.
            let had_less_time = time < TASK_LIMITS.time && started.elapsed().as_secs() >= time.as_secs().max(1);
            let is_made = matches!(task, Task::Render(_));
            return Err(if is_made || had_less_time || output.len() > MAX_PDF_BYTES {
                PdfTaskError::TooMuch
            } else {
                PdfTaskError::Refused(vec![Problem::of_pdf(ProblemCode::TooComplex, TOO_COMPLEX)])
            });
        }
        let output = Bytes::from(output);
        let (answer, pdf) = read_answer(&output).map_err(|e| PdfTaskError::Fault(io::Error::other(e)))?;
        match answer {
            Answer::Refused { problems } => Err(PdfTaskError::Refused(problems)),
            _ if pdf.len() > MAX_PDF_BYTES => Err(PdfTaskError::TooMuch),
            answer => Ok((answer, output.slice_ref(pdf))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near_deadline() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    fn is_too_complex(problems: &[Problem]) -> bool {
        problems.iter().any(|problem| problem.code == Some(ProblemCode::TooComplex))
    }

    /// A program that is a script of the shell, in that folder.
    fn script_program(folder: &Path, text: &str) -> PdfProgram {
        let packed: &'static [u8] = zstd::encode_all(format!("#!/bin/sh\n{text}\n").as_bytes(), 3).unwrap().leak();
        PdfProgram::packed(packed, folder)
    }

    #[test]
    fn files_that_the_program_dies_of_are_refused_and_templates_exceed_their_limits() {
        let dir = tempfile::tempdir().unwrap();
        let dying = script_program(dir.path(), "kill -6 $$");
        for task in [Task::Inspect, Task::Locate, Task::Merge, Task::DrawPage { page: 1, width: 100 }] {
            let ran = dying.run_task(&task, &[], near_deadline());
            assert!(matches!(ran, Err(PdfTaskError::Refused(problems)) if is_too_complex(&problems)), "{task:?}");
        }
        let render = Task::Render(cairn_pdf_protocol::Render {
            main: "/main.typ".into(),
            sources: vec![],
            profile: cairn_pdf_protocol::Profile::Pdf,
            locale: "en".into(),
            at: 0,
        });
        assert!(matches!(dying.run_task(&render, &[], near_deadline()), Err(PdfTaskError::TooMuch)));
        // A call without much time left learns nothing about the file.
        let slow = script_program(dir.path(), "exec sleep 5");
        let soon = Instant::now() + Duration::from_millis(1_200);
        assert!(matches!(slow.run_task(&Task::Inspect, &[], soon), Err(PdfTaskError::TooMuch)));
    }

    #[test]
    fn tasks_wait_for_others_no_longer_than_they_have_time() {
        let dir = tempfile::tempdir().unwrap();
        let slow = script_program(dir.path(), "exec sleep 2");
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| slow.run_task(&Task::Merge, &[], near_deadline()));
            }
            while *FREE_SLOTS.lock() > 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
            let soon = Instant::now() + Duration::from_millis(50);
            assert!(matches!(slow.run_task(&Task::Merge, &[], soon), Err(PdfTaskError::Busy)));
        });
        assert_eq!(*FREE_SLOTS.lock(), 2);
    }

    #[test]
    fn missing_failing_and_invalid_programs_return_errors() {
        let run = |program: &str| PdfProgram::new(program.into()).run_task(&Task::Merge, &[], near_deadline());
        assert!(matches!(run("/nonexistent/cairn-pdf"), Err(PdfTaskError::Fault(_))));
        assert!(matches!(run("/bin/false"), Err(PdfTaskError::Refused(problems)) if is_too_complex(&problems)));
        // `cat` prints the task, which is not a valid answer.
        assert!(matches!(run("/bin/cat"), Err(PdfTaskError::Fault(_))));
    }

    #[test]
    fn packed_program_is_unpacked_once_and_again_if_missing() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("tools");
        let pack = |text: &str| -> &'static [u8] { zstd::encode_all(text.as_bytes(), 3).unwrap().leak() };
        let older = PdfProgram::packed(pack("#!/bin/sh\nexit 1\n"), &folder);
        assert!(!folder.exists());
        assert!(matches!(older.run_task(&Task::Merge, &[], near_deadline()), Err(PdfTaskError::Refused(_))));
        // The newer program prints its task, which is not a valid answer.
        let newer = PdfProgram::packed(pack("#!/bin/sh\nexec cat \"$1\"\n"), &folder);
        for _ in 0..2 {
            assert!(matches!(newer.run_task(&Task::Merge, &[], near_deadline()), Err(PdfTaskError::Fault(_))));
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        }
        // A process of the old version continues to work.
        assert!(matches!(older.run_task(&Task::Merge, &[], near_deadline()), Err(PdfTaskError::Refused(_))));
        let broken = PdfProgram::packed(b"no zstd", &folder);
        assert!(matches!(broken.run_task(&Task::Merge, &[], near_deadline()), Err(PdfTaskError::Fault(_))));
        assert!(older.unpacked_path().unwrap().is_file());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn expired_deadline_starts_no_program() {
        let run = PdfProgram::new("/bin/cat".into()).run_task(&Task::Merge, &[], Instant::now());
        assert!(matches!(run, Err(PdfTaskError::TooMuch | PdfTaskError::Busy)));
    }
}
