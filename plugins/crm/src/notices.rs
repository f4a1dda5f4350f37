//! Notices in the admin, for who looks after a lead or a deal, and for whom an activity mentions.

use crate::subject::Subject;
use cairn_plugin::{Error, mail, translate, warn};
use serde_json::{Value, json};

/// Something that somebody should know about a lead, deal, quote or activity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notice<'a> {
    /// Key of the occurrence: the texts are `notice.<what>.title` and `notice.<what>.text`.
    pub(crate) what: &'a str,
    pub(crate) about: Subject<'a>,
    /// Tells it from other notices of the same kind about the same document; empty where there is only one.
    pub(crate) occasion: &'a str,
    /// Name of the lead or deal, for people; who mentions somebody.
    pub(crate) name: &'a str,
    /// A detail of the text: a time as people write it, a reason, what is said.
    pub(crate) detail: &'a str,
    pub(crate) language: &'a str,
}

impl Notice<'_> {
    /// Tells these people or roles, each of them once. That somebody cannot be told is noted and stops nothing: what happened matters more
    /// than the notice about it.
    pub(crate) fn send(&self, to: &[&str]) {
        let mut to: Vec<&str> = to.iter().copied().filter(|to| !to.is_empty()).collect();
        to.sort_unstable();
        to.dedup();
        if to.is_empty() {
            return;
        }
        let clean = |text: &str, most: usize| text.chars().filter(|c| !c.is_control()).take(most).collect::<String>();
        let arguments: Value = json!({ "name": clean(self.name, 100), "detail": clean(self.detail, 300) });
        let text = |part: &str| translate(&format!("notice.{}.{part}", self.what), self.language, Some(&arguments));
        let (kind, id) = (self.about.kind(), self.about.id());
        let key = match self.occasion {
            "" => format!("{kind}/{id}/{}", self.what),
            occasion => format!("{kind}/{id}/{}/{occasion}", self.what),
        };
        let link = self.about.admin_path();
        match mail::notify(&key, &to, &text("title"), &text("text"), Some(&link)) {
            Ok(()) => {}
            // A missing grant means that the administrator wants no notifications.
            Err(Error::Denied(_)) => {}
            Err(error) => warn!(kind = kind, id = id; "nobody could be told: {}", error.describe()),
        }
    }
}
