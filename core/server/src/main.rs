//! The `cairn` program.

use cairn_server::cli::Cli;
use clap::Parser;
use std::pin::Pin;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The helper comes before everything else: its process may be killed at any moment.
    if let Some(code) = cairn_server::document_helper() {
        return code;
    }
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("cairn: cannot start the runtime: {e}");
            return ExitCode::FAILURE;
        }
    };
    // Boxed, since the runtime compiles the code of what it runs once for each kind of scheduler: all commands three times.
    let run: Pin<Box<dyn Future<Output = _>>> = Box::pin(cli.run());
    match runtime.block_on(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("cairn: {failure}");
            ExitCode::FAILURE
        }
    }
}
