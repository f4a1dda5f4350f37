//! Texts about personal data for people, in English and Dutch: names of Cairn's own sources, kinds of records, and why something stays.

use super::source::{CoreSource, Source};
use crate::plugins::consent::is_dutch;

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    english: &'static str,
    dutch: &'static str,
}

impl Text {
    pub(super) const fn new(english: &'static str, dutch: &'static str) -> Self {
        Self { english, dutch }
    }

    /// The text for somebody who reads that language.
    pub(super) fn in_language(self, locale: &str) -> String {
        if is_dutch(Some(locale)) { self.dutch.to_owned() } else { self.english.to_owned() }
    }
}

/// The name of a source by its id, for people. Plugins are called by their ids.
pub fn source_name(id: &str, locale: &str) -> String {
    match Source::parse(id) {
        Some(Source::Plugin(plugin)) => plugin,
        Some(Source::Core(core)) => core_name(core).in_language(locale),
        None => id.to_owned(),
    }
}

fn core_name(source: CoreSource) -> Text {
    match source {
        CoreSource::Mails => Text::new("Mails", "Mails"),
        CoreSource::Content => Text::new("Entries", "Items"),
        CoreSource::Account => Text::new("User account", "Gebruikersaccount"),
        CoreSource::AdminAccount => Text::new("Admin account", "Account in het beheer"),
        CoreSource::Jobs => Text::new("Jobs", "Taken"),
        CoreSource::AuditLog => Text::new("Audit log", "Auditlog"),
    }
}

pub(super) const MAIL: Text = Text::new("Mail", "Mail");
pub(super) const SUPPRESSED_ADDRESS: Text = Text::new("Address that gets no mail", "Adres dat geen mail krijgt");
pub(super) const SUPPRESSION_REASON: Text =
    Text::new("So that nothing is mailed to this address", "Zodat er niets naar dit adres wordt gemaild");
pub(super) const ACCOUNT: Text = Text::new("User account", "Gebruikersaccount");
pub(super) const ADMIN_ACCOUNT: Text = Text::new("Admin account", "Account in het beheer");
pub(super) const ADMIN_ACCOUNT_REASON: Text = Text::new(
    "This person works in the admin: remove them under Settings > Users first",
    "Deze persoon werkt in het beheer: verwijder het account eerst onder Instellingen > Gebruikers",
);
pub(super) const ENTRY_REASON: Text = Text::new(
    "Content of the project: an editor decides whether to change or delete it",
    "Inhoud van het project: een redacteur bepaalt of die wordt aangepast of verwijderd",
);
pub(super) const JOB: Text = Text::new("Job", "Taak");
pub(super) const JOB_REASON: Text = Text::new(
    "This job still has to run, and is deleted a week after that. To erase the address sooner, erase this person again once it has run",
    "Deze taak moet nog worden uitgevoerd en wordt een week daarna verwijderd. Wis deze persoon opnieuw zodra de taak is uitgevoerd als \
     het adres eerder weg moet",
);
pub(super) const AUDIT_ENTRY: Text = Text::new("Entry of the audit log", "Regel in de auditlog");
pub(super) const AUDIT_TITLE: Text = Text::new("What this person did", "Wat deze persoon deed");
pub(super) const AUDIT_REASON: Text = Text::new(
    "The audit log is evidence: every entry seals the one before, so none can be removed",
    "De auditlog is bewijs: elke regel verzegelt de vorige, dus er kan er geen uit",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_have_names_in_both_languages() {
        assert_eq!(source_name("plugin:crm", "nl"), "crm");
        assert_eq!(source_name("core:account", "nl-BE"), "Gebruikersaccount");
        assert_eq!(source_name("core:account", "de"), "User account");
        assert_eq!(source_name("something", "nl"), "something");
    }
}
