//! Decisions before something is stored that people or other programs write. The plugin's own writes do not come by here.

use crate::{Portal, access, choices, documents, payments, ratings, service, shares, telemetry, timeline, vehicles};
use cairn_plugin::prelude::*;

impl Hooks for Portal {
    fn before(call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let decide = match hook {
            "vehicles" => vehicles::changes::decide_change,
            "accesses" => access::changes::decide_change,
            "timeline" => timeline::decide_change,
            "documents" => documents::changes::decide_change,
            "payments" => payments::changes::decide_change,
            "choices" => choices::changes::decide_change,
            "service" => service::decide_change,
            "records" => ratings::decide_record,
            "shares" => shares::changes::decide_change,
            "telemetry" => telemetry::changes::decide_change,
            other => return Err(Error::NotFound(other.to_owned())),
        };
        changes.iter().map(|change| decide(call, change)).collect()
    }
}
