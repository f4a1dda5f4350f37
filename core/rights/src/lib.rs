//! Licensing of files: licences, releases, consents and embargoes, and their effect on whether a file may be delivered and whether
//! entries that use it may be published.
//!
//! [`Standing`] is the licensing state of one file over time, and all that delivery needs ([`standing`]); [`Rights`] has the use cases.
//! What is stored about files' states ([`refresh`]) only serves to report each change once: a file's state is computed from the records.

mod bulk;
mod check;
mod consents;
mod desk;
mod files;
mod gate;
mod input;
mod instants;
mod notices;
mod policy;
mod records;
mod reports;
mod settle;
mod standing;
mod sweep;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use bulk::LinkInput;
pub use consents::{ConsentInput, WithdrawInput};
pub use desk::Rights;
pub use files::FileInput;
pub use gate::RightsGate;
pub use input::read;
pub use policy::{Policy, PolicyInput};
pub use records::RightInput;
pub use reports::Report;
pub use settle::{CONSENT_WITHDRAWN, EXPIRED, EXPIRING, PURGE, RESTORED, refresh};
pub use standing::{Reason, Standing, State, Unlinked, Why};
pub use sweep::{SWEEP, Sweep};

use cairn_store::rights::RightsFact;
use cairn_store::{Reader, Result};
use std::collections::HashMap;

/// The licensing state of a file over time. One statement, whatever is linked to it and to what it is derived from; a second one where the
/// tenant's policy names folders. A file that does not exist is treated like one that nothing is linked to.
///
/// # Errors
/// Returned when the store fails.
pub fn standing(reader: &Reader<'_>, document_id: &str) -> Result<Standing> {
    Ok(standings(reader, &[document_id])?.remove(document_id).unwrap_or_default())
}

/// The licensing state of files over time, by document, with as many statements as for one. Files that do not exist are left out.
///
/// # Errors
/// Returned when the store fails.
pub fn standings(reader: &Reader<'_>, documents: &[&str]) -> Result<HashMap<String, Standing>> {
    if documents.is_empty() {
        return Ok(HashMap::new());
    }
    let (found, policy) = reader.rights_facts(documents)?;
    let policy = Policy::stored(policy.as_deref())?;
    let parents = if policy.folders.is_empty() { HashMap::new() } else { reader.folder_parents()? };
    let standing = |(document, facts): (String, Vec<RightsFact>)| {
        let unlinked = policy.of(&facts, &parents);
        let standing = Standing::of(&document, facts, unlinked, policy.window());
        (document, standing)
    };
    Ok(found.into_iter().map(standing).collect())
}
