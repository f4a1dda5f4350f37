//! The channel for notifications in the admin.

use super::{Channel, Level};
use crate::kind::Kind;
use crate::notification::Telling;
use cairn_store::notify::Person;
use cairn_store::{StoreError, WriteTx};

/// Notifies in the admin: adds a row that the bell shows.
pub struct InApp;

impl Channel for InApp {
    fn name(&self) -> &'static str {
        "inApp"
    }

    fn levels(&self) -> &'static [Level] {
        &[Level::Off, Level::Now]
    }

    fn default_level(&self, _: Kind) -> Level {
        Level::Now
    }

    fn tell(&self, tx: &mut WriteTx<'_>, whom: &Person, what: &Telling<'_>, _: Level) -> Result<(), StoreError> {
        tx.insert_notification(&what.to(whom), what.now).map(drop)
    }
}
