//! Steps in which a person who was invited chooses a password.

use super::ScenarioStep;
use super::steps::{ScenarioRun, check_outcome};
use crate::TestError;
use serde_json::json;

impl ScenarioRun<'_> {
    /// Accepts an invitation by the link of its mail.
    pub(super) async fn accept_invitation(&mut self, step: &ScenarioStep, word: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let link = self.names.fill_text(word)?;
        let code = find_code(&link).ok_or_else(|| {
            TestError(format!(
                "{link:?} is not the link of an invitation: take it from the mail, by the beginning of its address"
            ))
        })?;
        let accepted = self.world.accept_invitation(code).await?;
        match check_outcome(step, accepted.map(|user| json!(user)))? {
            Some(user) => self.check_answer(step, user),
            None => Ok(()),
        }
    }
}

/// The code in a link.
fn find_code(link: &str) -> Option<&str> {
    let query = link.split_once('?')?.1.split('#').next()?;
    query.split('&').find_map(|pair| pair.strip_prefix("code=")).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_link_is_found() {
        for (link, code) in [
            ("https://site.test/invitation?code=abc-_1", Some("abc-_1")),
            ("https://site.test/welcome?lang=nl&code=abc#top", Some("abc")),
            ("https://site.test/invitation?code=", None),
            ("https://site.test/invitation", None),
            ("abc", None),
        ] {
            assert_eq!(find_code(link), code, "{link}");
        }
    }
}
