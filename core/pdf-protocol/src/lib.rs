//! Protocol between Cairn and `cairn-pdf`, the program that makes, joins, fills and reads PDFs.
//!
//! Making a PDF of a template cannot be interrupted from within, and reading one that somebody sent may take all memory. So both are done
//! by a program of its own (`pdf/`), one process a task, which has no network, writes no files and is ended when it takes too long. It is
//! given a file with a [`Task`] and the bytes that belong to it, and writes an [`Answer`] and a PDF to its output. Here is the form of
//! both, and nothing else: the server knows none of the libraries that do it, and the program nothing of the server.

mod answer;
mod frame;
mod task;

pub use answer::{Answer, FieldBox, FormKind, Inspection, Problem, ProblemCode, ReadSeal};
pub use frame::{FrameError, read_answer, read_task, write_answer, write_task};
pub use task::{Attached, Filled, Profile, Render, SealPlace, Source, Task, Value, ValuePlacement};
