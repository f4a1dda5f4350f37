//! Telemetry: what was measured during a drive. A file of rows, however long, becomes some figures and a few hundred points for each channel.

mod cells;
pub(crate) mod changes;
mod customers;
mod header;
mod intake;
mod plot;
mod points;
mod problem;
mod processing;
pub(crate) mod run_reader;
mod units;

pub(crate) use customers::{describe_run, describe_runs};
pub(crate) use intake::{RunForm, add_run, receive_run};
pub(crate) use plot::list_charts;
pub(crate) use processing::{TELEMETRY_FILE_JOB, TELEMETRY_JOB, delete_file, note_run, process_run, schedule_deletion};
