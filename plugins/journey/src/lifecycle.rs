//! Installation, and what is checked of the settings.

use crate::Journeys;
use crate::seeds::create_seeds;
use cairn_plugin::prelude::*;

impl Lifecycle for Journeys {
    fn install(_call: &Call) -> Result<()> {
        create_seeds()
    }
}
