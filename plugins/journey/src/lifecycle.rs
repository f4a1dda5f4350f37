//! Installation, and what is checked of the settings.

use crate::Journeys;
use crate::seeds::create_seeds;
use crate::upgrades::note_delays;
use cairn_plugin::prelude::*;
use cairn_plugin::{Migration, Progress};

impl Lifecycle for Journeys {
    fn install(_call: &Call) -> Result<()> {
        create_seeds()
    }

    fn migrate(_call: &Call, migration: &Migration) -> Result<Progress> {
        note_delays(migration)
    }
}
