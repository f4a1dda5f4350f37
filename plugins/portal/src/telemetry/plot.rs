//! Charts of a run for the page in the admin.

use crate::model::{ChannelFigures, TelemetryRun};
use serde_json::{Value, json};

/// Most places of a chart.
const MAX_PLACES: usize = 250;
/// Most channels with a chart.
const MAX_CHARTS: usize = 20;

/// A chart for each channel: the mean over time, between the least and the greatest value.
pub(crate) fn list_charts(run: &TelemetryRun) -> Vec<Value> {
    let times = run.points["times"].as_array().map(Vec::as_slice).unwrap_or_default();
    let step = times.len().div_ceil(MAX_PLACES).max(1);
    let places: Vec<String> = times.iter().step_by(step).map(format_time).collect();
    if places.is_empty() {
        return Vec::new();
    }
    let chart = |(number, channel): (usize, &ChannelFigures)| {
        let figures = run.points["channels"][number].as_array()?;
        let parts: Vec<&[Value]> = figures.chunks(step).collect();
        let series = |label: &str, index: usize, choose: fn(f64, f64) -> f64| {
            let values: Vec<Option<f64>> = parts.iter().map(|part| fold(part, index, choose)).collect();
            json!({ "label": format!("t:telemetry.{label}"), "values": values })
        };
        let unit = channel.unit.as_deref().map(|unit| format!(" [{unit}]")).unwrap_or_default();
        (channel.count > 0).then(|| {
            json!({
                "kind": "chart", "mark": "line", "label": format!("{}{unit}", channel.name), "x": places,
                "series": [series("max", 1, f64::max), series("mean", 2, middle), series("min", 0, f64::min)],
            })
        })
    };
    run.channels.iter().enumerate().take(MAX_CHARTS).filter_map(chart).collect()
}

/// Combines one figure of some points.
fn fold(part: &[Value], index: usize, choose: fn(f64, f64) -> f64) -> Option<f64> {
    part.iter().filter_map(|point| point[index].as_f64()).reduce(choose)
}

/// The mean of two points, which have the same number of rows.
fn middle(first: f64, second: f64) -> f64 {
    first.midpoint(second)
}

/// Minutes and seconds from the beginning, as `1:02.5`.
fn format_time(seconds: &Value) -> String {
    let tenths = seconds.as_f64().map_or(0.0, |seconds| (seconds * 10.0).round());
    let (minutes, rest) = ((tenths / 600.0).floor(), tenths % 600.0 / 10.0);
    format!("{minutes}:{rest:04.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_as_many_places_as_it_can_show() {
        let points: Vec<Value> = (0..500).map(|n| json!([n, n + 2, n + 1])).collect();
        let run: TelemetryRun = serde_json::from_value(json!({
            "channels": [
                { "name": "speed", "unit": "km/h", "min": 0, "max": 501, "mean": 250, "count": 500, "missing": 0 },
                { "name": "empty", "unit": null, "min": null, "max": null, "mean": null, "count": 0, "missing": 500 },
            ],
            "points": { "times": (0..500).collect::<Vec<_>>(), "channels": [points, vec![Value::Null; 500]] },
        }))
        .unwrap();
        let charts = list_charts(&run);
        assert_eq!((charts.len(), &charts[0]["label"]), (1, &json!("speed [km/h]")));
        assert_eq!(charts[0]["x"].as_array().unwrap().len(), 250);
        assert_eq!((&charts[0]["x"][0], &charts[0]["x"][249]), (&json!("0:00.0"), &json!("8:18.0")));
        let first = |series: usize| charts[0]["series"][series]["values"][0].as_f64().unwrap();
        assert_eq!((first(0), first(1), first(2)), (3.0, 1.5, 0.0));
        assert!(list_charts(&serde_json::from_value(json!({})).unwrap()).is_empty());
    }
}
