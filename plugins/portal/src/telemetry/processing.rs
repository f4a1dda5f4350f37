//! The job that reads the file of a run, in slices: after each it goes on where it stopped, also after a restart.

use super::intake::name_run;
use super::problem::Problem;
use super::run_reader::{Measurements, RunReader};
use crate::messages::notify_staff;
use crate::model::{ChannelFigures, RunStatus, TelemetryRun};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{files, run_transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// The job that reads a file; its key is the run's id.
pub(crate) const TELEMETRY_JOB: &str = "telemetry";
/// The job that deletes the file of a run that is gone; its key is the file's id.
pub(crate) const TELEMETRY_FILE_JOB: &str = "telemetry-file";
/// Bytes that are read at a time, more than the longest row.
const PIECE: u32 = 512 << 10;
/// Bytes after which a slice ends.
const SLICE: u64 = 32 << 20;
/// Most columns that a message names.
const MAX_NAMED: usize = 10;

/// Payload of the job that reads a file.
#[derive(Debug, Serialize, Deserialize)]
struct ReadTask {
    run: String,
}

/// Payload of the job that deletes one.
#[derive(Debug, Serialize, Deserialize)]
struct DeleteTask {
    file: String,
}

/// Where a slice ended.
#[derive(Debug, Default, Serialize, Deserialize)]
struct ReadProgress {
    offset: u64,
    reader: RunReader,
}

/// A run is new: a job reads its file.
///
/// # Errors
/// What the host says.
pub(crate) fn note_run(id: &str) -> Result<()> {
    jobs::job(TELEMETRY_JOB).key(id).set(&ReadTask { run: id.to_owned() }).map(|_| ())
}

/// Reads a slice of a run's file. At its end the run is ready, or refused with a message that says where the file is wrong.
///
/// # Errors
/// What the host says.
pub(crate) fn process_run(task: &Task) -> Result<Outcome> {
    let ReadTask { run: id } = task.payload()?;
    let populate = json!({ "file": { "fields": ["name"] }, "vehicle": { "fields": ["title"] } });
    let run = data::find::<TelemetryRun>().populate(populate).by_ids(&[&id])?.pop().flatten();
    let Some(run) = run.filter(|run| run.status == RunStatus::Processing) else { return Ok(Outcome::DONE) };
    let size = match &run.file {
        Some(file) => files::stat(&file.document_id)?.map(|info| (file.document_id.as_str(), info.size)),
        None => None,
    };
    let Some((file, size)) = size else { return refuse_run(&run, &Problem::of_file("no-file")) };
    let mut progress: ReadProgress = task.checkpoint()?.unwrap_or_default();
    let until = progress.offset.saturating_add(SLICE);
    while progress.offset < size {
        if progress.offset >= until {
            return Outcome::again(&progress, Duration::ZERO);
        }
        let piece = files::read(file, progress.offset, PIECE)?;
        let is_last = progress.offset + piece.len() as u64 >= size;
        match progress.reader.read_piece(&piece, is_last) {
            // A file that is shorter than its size, or that has a piece without an end of a row, would be read for ever.
            Ok(0) => return refuse_run(&run, &Problem::of_file("no-text")),
            Ok(taken) => progress.offset += taken as u64,
            Err(problem) => return refuse_run(&run, &problem),
        }
    }
    match progress.reader.finish() {
        Ok(measured) => finish_run(&run, &measured),
        Err(problem) => refuse_run(&run, &problem),
    }
}

fn refuse_run(run: &Row<TelemetryRun>, problem: &Problem) -> Result<Outcome> {
    let text = |code: &str, arguments: &Value| -> Result<String> {
        Ok(translate(&format!("telemetry.{code}"), &Settings::load()?.language, Some(arguments)))
    };
    let message = text(problem.code, &problem.arguments())?;
    let message = match (problem.row, problem.column.as_str()) {
        (0, _) => message,
        (row, "") => text("in-row", &json!({ "row": row, "message": message }))?,
        (row, column) => text("in-column", &json!({ "row": row, "column": column, "message": message }))?,
    };
    run_transaction(|| {
        let refused = json!({ "status": RunStatus::Refused, "message": message });
        if write_outcome(&run.document_id, &refused)?
            && let Some(vehicle) = &run.vehicle
        {
            let subject = run.title.clone().unwrap_or_default();
            let arguments = json!({ "subject": subject, "message": message });
            notify_staff("telemetry", &run.document_id, &vehicle.document_id, &arguments)?;
        }
        Ok(Outcome::DONE)
    })
}

fn finish_run(run: &Row<TelemetryRun>, measured: &Measurements) -> Result<Outcome> {
    let channels = describe_channels(measured);
    let empty: Vec<&str> =
        channels.iter().filter(|channel| channel.count == 0).map(|channel| channel.name.as_str()).collect();
    let message = if empty.is_empty() {
        None
    } else {
        let more = if empty.len() > MAX_NAMED { ", …" } else { "" };
        let columns = format!("{}{more}", empty[..empty.len().min(MAX_NAMED)].join(", "));
        Some(translate("telemetry.empty-columns", &Settings::load()?.language, Some(&json!({ "columns": columns }))))
    };
    let ran_at = run.ran_at.clone().or_else(|| measured.began_at.map(time::format)).or_else(|| run.created_at.clone());
    let title = match run.title.as_deref().filter(|title| !title.is_empty()) {
        Some(title) => title.to_owned(),
        None => name_run()?,
    };
    let fields = json!({
        "status": RunStatus::Ready, "message": message, "title": title, "ranAt": ran_at, "rows": measured.rows,
        "seconds": (measured.seconds * 1e6).round() / 1e6, "channels": channels, "points": describe_points(measured),
    });
    run_transaction(|| write_outcome(&run.document_id, &fields).map(|_| Outcome::DONE))
}

/// Writes what became of a run in the open transaction, once; false where it is gone or was written already.
fn write_outcome(id: &str, fields: &Value) -> Result<bool> {
    let run = data::find::<TelemetryRun>().fields(&["status"]).lock().by_ids(&[id])?.pop().flatten();
    if run.is_none_or(|run| run.status != RunStatus::Processing) {
        return Ok(false);
    }
    data::update::<TelemetryRun>(id, fields).map(|_| true)
}

fn describe_channels(measured: &Measurements) -> Vec<ChannelFigures> {
    let describe = |(channel, total): (&super::header::Channel, &super::points::Spread)| {
        let figures = total.figures();
        ChannelFigures {
            name: channel.name.clone(),
            unit: channel.unit.clone(),
            min: figures.map(|figures| figures[0]),
            max: figures.map(|figures| figures[1]),
            mean: figures.map(|figures| figures[2]),
            count: total.count,
            missing: measured.rows - total.count,
        }
    };
    measured.header.channels.iter().zip(&measured.totals).map(describe).collect()
}

/// The points as they are stored: the times once, and of each channel a list of `[min, max, mean]`, or null where nothing was measured.
fn describe_points(measured: &Measurements) -> Value {
    let channels = 0..measured.header.channels.len();
    let of_channel = |channel| -> Vec<_> { measured.points.of_channel(channel).map(|spread| spread.figures()).collect() };
    json!({ "times": measured.points.times(), "channels": channels.map(of_channel).collect::<Vec<_>>() })
}

/// Has the file of a run deleted as soon as the open transaction has deleted the run. One that somebody uploaded stays in the media library.
///
/// # Errors
/// What the host says.
pub(crate) fn schedule_deletion(file: &str) -> Result<()> {
    jobs::job(TELEMETRY_FILE_JOB).key(file).set(&DeleteTask { file: file.to_owned() }).map(|_| ())
}

/// Deletes the file of a run that is gone.
///
/// # Errors
/// What the host says.
pub(crate) fn delete_file(task: &Task) -> Result<Outcome> {
    let DeleteTask { file } = task.payload()?;
    let in_use = json!({ "file": { "documentId": { "$eq": file } } });
    if data::find::<TelemetryRun>().filter(in_use).count()? > 0 {
        return Ok(Outcome::DONE);
    }
    match files::delete(&[file]) {
        // Somebody's upload, or gone already.
        Ok(()) | Err(Error::Denied(_) | Error::NotFound(_)) => Ok(Outcome::DONE),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_points_are_those_of_the_file() {
        let mut reader = RunReader::default();
        reader.read_piece(b"time,speed [m/s],empty\n0,10,\n1,NaN,\n2,20,\n", true).unwrap();
        let measured = reader.finish().unwrap();
        let channels = describe_channels(&measured);
        assert_eq!((channels[0].min, channels[0].max, channels[0].mean), (Some(36.0), Some(72.0), Some(54.0)));
        assert_eq!((channels[0].count, channels[0].missing, channels[1].count), (2, 1, 0));
        let points = describe_points(&measured);
        assert_eq!(points["times"], json!([0.0, 1.0, 2.0]));
        assert_eq!(points["channels"][0], json!([[36.0, 36.0, 36.0], null, [72.0, 72.0, 72.0]]));
        assert_eq!(points["channels"][1], json!([null, null, null]));
    }
}
