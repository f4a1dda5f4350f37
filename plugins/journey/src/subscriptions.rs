//! Consequences of events of other plugins and of accounts.

use crate::Journeys;
use crate::accounts::note_block;
use crate::start_requests::note_account;
use crate::won_deals::note_won_deal;
use cairn_plugin::prelude::*;

impl Events for Journeys {
    fn one(_call: &Call, subscription: &str, event: &Event) -> Result<()> {
        match subscription {
            "won-deals" => note_won_deal(event),
            "accounts" => {
                note_block(&event.document_id())?;
                note_account(&event.document_id())
            }
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}
