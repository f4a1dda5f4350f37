//! Messages: notifications for the team, and mails to customers.

use crate::model::Vehicle;
use crate::settings::Settings;
use cairn_plugin::mail::notify;
use cairn_plugin::prelude::*;
use cairn_plugin::warn;
use serde_json::Value;

/// Notifies the team about a vehicle: `staff.<kind>.title` and `staff.<kind>.text`. That nobody can be notified is logged and stops nothing.
///
/// # Errors
/// What the host says when the vehicle is read.
pub(crate) fn notify_staff(kind: &str, key: &str, vehicle: &str, arguments: &Value) -> Result<()> {
    let settings = Settings::load()?;
    if settings.staff.is_empty() {
        return Ok(());
    }
    let title = data::get::<Vehicle>(vehicle)?.map(|vehicle| vehicle.fields.title).unwrap_or_default();
    let mut arguments = arguments.clone();
    arguments["title"] = shorten(&title, 80).into();
    if let Some(subject) = arguments["subject"].as_str() {
        arguments["subject"] = shorten(subject, 100).into();
    }
    let text = |part: &str| translate(&format!("staff.{kind}.{part}"), &settings.language, Some(&arguments));
    let link = format!("/admin/content/{}/{vehicle}", Vehicle::TYPE);
    match notify(&format!("{kind}/{key}"), &[&settings.staff], &text("title"), &text("text"), Some(&link)) {
        Ok(()) | Err(Error::Denied(_)) => {}
        Err(error) => warn!(about = key; "nobody could be notified: {}", error.describe()),
    }
    Ok(())
}

/// A text without control characters, and at most so long.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_have_no_line_breaks() {
        assert_eq!(shorten("a\r\nb", 3), "a  ");
        assert_eq!(shorten("één", 9), "één");
    }
}
