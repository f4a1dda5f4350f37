//! Runs as customers see them: those that are ready, of vehicles whose timeline they see.

use crate::access::audience::{filter_for, find_seen, require_seen};
use crate::dashboard::pages::Page;
use crate::model::{ChannelFigures, TelemetryRun};
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Parts of each run that a list needs: not its points, which are many.
const FIELDS: [&str; 5] = ["title", "ranAt", "rows", "seconds", "channels"];

/// A page of the runs of a vehicle, newest first.
///
/// # Errors
/// `NotFound` for a vehicle that does not exist, is somebody else's, or whose timeline is not in the caller's scope.
pub(crate) fn describe_runs(account: &str, vehicle: &str, page: Page) -> Result<Value> {
    let seen = require_seen(account, vehicle)?;
    if !seen.scope.sees_timeline {
        return Err(Error::NotFound(vehicle.to_owned()));
    }
    let runs = data::find::<TelemetryRun>().filter(filter_for(TelemetryRun::TYPE, &[seen], account)).fields(&FIELDS);
    let found = runs.sort("ranAt:desc").sort("createdAt:desc").page(page.number, page.size)?;
    let describe = |run: &Row<TelemetryRun>| {
        let channels = run.channels.iter().map(describe_figures).collect();
        describe(run, channels)
    };
    Ok(page.describe(found.rows.iter().map(describe).collect(), found.total))
}

/// A run with its points.
///
/// # Errors
/// `NotFound` for one that does not exist, is not ready, or is of a vehicle whose timeline the caller does not see.
pub(crate) fn describe_run(account: &str, id: &str) -> Result<Value> {
    let seen = find_seen(account)?.vehicles;
    let own = json!({ "$and": [{ "documentId": { "$eq": id } }, filter_for(TelemetryRun::TYPE, &seen, account)] });
    let run = data::find::<TelemetryRun>().filter(own).first()?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let times = &run.points["times"];
    let describe_channel = |(number, channel): (usize, &ChannelFigures)| {
        let mut described = describe_figures(channel);
        described["count"] = json!(channel.count);
        described["missing"] = json!(channel.missing);
        described["points"] = list_points(times, &run.points["channels"][number]);
        described
    };
    let channels = run.channels.iter().enumerate().map(describe_channel).collect();
    Ok(json!({ "data": describe(&run, channels) }))
}

fn describe(run: &Row<TelemetryRun>, channels: Vec<Value>) -> Value {
    json!({
        "id": run.document_id, "title": run.title, "ranAt": run.ran_at, "rows": run.rows, "seconds": run.seconds, "channels": channels,
    })
}

fn describe_figures(channel: &ChannelFigures) -> Value {
    json!({ "name": channel.name, "unit": channel.unit, "min": channel.min, "max": channel.max, "mean": channel.mean })
}

/// The points of a channel, from the times and figures as they are stored.
fn list_points(times: &Value, figures: &Value) -> Value {
    let (times, figures) = (times.as_array().into_iter().flatten(), figures.as_array().into_iter().flatten());
    let point = |(t, point): (&Value, &Value)| json!({ "t": t, "min": point[0], "max": point[1], "mean": point[2] });
    times.zip(figures).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_their_times_and_gaps_are_null() {
        let points = list_points(&json!([0.0, 1.5]), &json!([[1.0, 2.0, 1.5], null]));
        assert_eq!(points[0], json!({ "t": 0.0, "min": 1.0, "max": 2.0, "mean": 1.5 }));
        assert_eq!(points[1], json!({ "t": 1.5, "min": null, "max": null, "mean": null }));
        assert_eq!(list_points(&Value::Null, &Value::Null), json!([]));
    }
}
