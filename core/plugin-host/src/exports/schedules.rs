//! Schedules of plugins: recurring jobs, as the manifests of those that run say.

use crate::definition::plugin_definition::qualified_name;
use crate::runtime::generation::Generation;
use crate::tenant::plugins::Plugins;
use cairn_events::RecurringSchedule;
use cairn_plugin_package::manifest::{ManifestSchedule as Declared, Missed, Zone};
use cairn_store::events::{MissedRuns as Kept, NewRecurring};
use cairn_store::plugins::name_prefix;
use cairn_store::{StoreError, WriteTx};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::sync::Arc;

/// The zone of a schedule whose setting names none.
const DEFAULT_ZONE: &str = "UTC";

impl Plugins {
    /// Has the recurring jobs be those that the manifests of the plugins that run say, in the zones that their settings say. Those of
    /// plugins that are switched off stay and wait. To be said whenever what runs has changed. Returns an error if the database fails.
    pub async fn declare_schedules(&self) -> Result<(), StoreError> {
        let Some(context) = self.host_context() else { return Ok(()) };
        let running = self.running().clone();
        let now = context.access.now();
        let list_schedules = |g: &Arc<Generation>| (name_prefix(g.id()), declared_schedules(g, now));
        let store = context.content.store();
        let existing = store.read(|r| r.recurring_jobs().list())?;
        // Plugins without schedules, now and before, cause no write.
        let mut all: Vec<(String, Vec<NewRecurring>)> = running.generations.iter().map(list_schedules).collect();
        all.retain(|(names, declared)| {
            !declared.is_empty() || existing.iter().any(|row| row.name.starts_with(names.as_str()))
        });
        if all.is_empty() {
            return Ok(());
        }
        let all = Arc::new(all);
        let declare = move |tx: &mut WriteTx<'_>| {
            all.iter().try_for_each(|(names, declared)| tx.recurring_jobs().declare(names, declared))
        };
        store.write(declare).await
    }
}

fn declared_schedules(generation: &Generation, now: DateTime<Utc>) -> Vec<NewRecurring> {
    let one = |schedule: &Declared| {
        let recurring = RecurringSchedule {
            name: qualified_name(generation.id(), &schedule.name),
            job: qualified_name(generation.id(), &schedule.job),
            payload: json!({}),
            cron: schedule.cron.clone(),
            zone: schedule_zone(generation, schedule),
            missed: match schedule.missed {
                Missed::Once => Kept::Once,
                Missed::Each => Kept::Each,
                Missed::Skip => Kept::Skip,
            },
            spread: schedule.spread,
        };
        match recurring.from_now(now) {
            Ok(recurring) => Some(recurring),
            Err(error) => {
                tracing::error!(plugin = generation.id(), schedule = schedule.name, %error, "a schedule never runs");
                None
            }
        }
    };
    let retention = crate::exports::retention::retention_schedule(generation, now);
    generation.manifest.schedules.iter().filter_map(one).chain(retention).collect()
}

fn schedule_zone(generation: &Generation, schedule: &Declared) -> String {
    let key = match &schedule.zone {
        Zone::Named(zone) => return zone.name().to_owned(),
        Zone::Setting(key) => key,
    };
    match generation.settings[key.as_str()].as_str().filter(|name| cairn_events::zone::parse_zone(name).is_ok()) {
        Some(name) => name.to_owned(),
        None => {
            tracing::warn!(
                plugin = generation.id(),
                schedule = schedule.name,
                setting = key.as_str(),
                "the setting is not a valid time zone; the schedule uses UTC"
            );
            DEFAULT_ZONE.to_owned()
        }
    }
}
