//! Notices in the admin, for who looks after a lead.

use cairn_plugin::{Error, mail, translate, warn};
use serde_json::json;

/// Something that somebody should know about a lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeadNotice<'a> {
    /// `new`, `warning` or `breach`: the texts are `notice.<what>.title` and `notice.<what>.text`.
    pub(crate) what: &'a str,
    pub(crate) lead: &'a str,
    pub(crate) name: &'a str,
    /// When somebody has to have answered, as people write it; empty where nobody has to.
    pub(crate) due: &'a str,
    pub(crate) language: &'a str,
}

impl LeadNotice<'_> {
    /// Tells these people or roles, each lead and event once. That somebody cannot be told is noted and stops nothing: the lead and its
    /// clock matter more than the notice about them.
    pub(crate) fn send(&self, to: &[&str]) {
        let mut to: Vec<&str> = to.iter().copied().filter(|to| !to.is_empty()).collect();
        to.sort_unstable();
        to.dedup();
        if to.is_empty() {
            return;
        }
        let name: String = self.name.chars().filter(|c| !c.is_control()).take(100).collect();
        let text = |part: &str| {
            let key = format!("notice.{}.{part}", self.what);
            translate(&key, self.language, Some(&json!({ "name": name, "due": self.due })))
        };
        let key = format!("lead/{}/{}", self.lead, self.what);
        let link = format!("/admin/content/plugin::crm.lead/{}", self.lead);
        match mail::notify(&key, &to, &text("title"), &text("text"), Some(&link)) {
            Ok(()) => {}
            // Nobody has granted it: then nobody wants to be told.
            Err(Error::Denied(_)) => {}
            Err(error) => warn!(lead = self.lead; "nobody could be told: {}", error.describe()),
        }
    }
}
