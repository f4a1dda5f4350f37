//! Installation, and what is checked of the settings.

use crate::Portal;
use crate::access::accounts::schedule_search;
use cairn_plugin::prelude::*;

impl Lifecycle for Portal {
    /// While the plugin was off, somebody may have got an account.
    fn enable(_call: &Call) -> Result<()> {
        schedule_search()
    }
}
