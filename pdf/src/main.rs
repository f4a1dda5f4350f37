//! `cairn-pdf`: does the one task in the file that it is given, and writes the answer to its output. It is started by Cairn, which limits
//! its memory and time and ends it when these are used up.

use std::io::Write;
use std::process::ExitCode;

/// The parser of templates and that of PDFs call themselves for what is nested.
const STACK_BYTES: usize = 64 << 20;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(path), None) = (arguments.next(), arguments.next()) else {
        let _ = writeln!(std::io::stderr(), "cairn-pdf is started by Cairn, with the path of a task as its argument");
        return ExitCode::from(2);
    };
    let Ok(task) = std::fs::read(path) else { return ExitCode::from(3) };
    // Rayon's threads would each reserve memory, of which there is little.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES).build_global();
    let work = move || cairn_pdf_program::answer_task(&task, &mut std::io::stdout().lock());
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
