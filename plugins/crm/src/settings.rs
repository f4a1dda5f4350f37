//! Settings that the operator has made.

use crate::origin::Origin;
use cairn_plugin::{Error, Result, site};
use serde::{Deserialize, Serialize};

/// The plugin's settings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// The forms of the website.
    pub(crate) forms: Vec<Form>,
    /// Where the brochure is; empty where there is none.
    pub(crate) brochure_url: String,
    /// Sender of the mails, as their last line.
    pub(crate) sender: String,
    /// Where answers to mails go; empty: to the sender of the server.
    pub(crate) reply_to: String,
    /// Of tasks and notices, and of mails to those who named no language.
    pub(crate) language: String,
    /// Where the company is.
    pub(crate) timezone: String,
    /// Of phone numbers without one.
    pub(crate) country_code: String,
    /// Leads that one network address may send within a minute.
    pub(crate) per_minute: i64,
    /// Name of the company that offers, as quotes have it; empty for the site's name.
    pub(crate) company_name: String,
    /// Lines of its address.
    pub(crate) company_address: String,
    /// Colour of quotes: `#rrggbb`.
    pub(crate) accent_colour: String,
    /// Text at the end of quotes: registration numbers, terms.
    pub(crate) legal_footer: String,
    /// Days for which a quote is valid that says nothing else.
    pub(crate) valid_days: u64,
    /// Deposit of quotes without a package, in percent.
    pub(crate) deposit_percent: i64,
    /// Choice of the contract, if any, that an accepted quote becomes and that is signed.
    pub(crate) contract: ContractChoice,
    /// Person who signs contracts for the company, after the customer; both empty where only the customer signs.
    pub(crate) contract_signer_name: String,
    pub(crate) contract_signer_email: String,
    /// Terms of contracts, beside the quote.
    pub(crate) contract_terms: String,
}

/// Contract that follows an accepted quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ContractChoice {
    /// Nothing is signed.
    #[default]
    None,
    /// The plugin `esign` has its contract signed.
    Esign,
}

/// A form of the website.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Form {
    /// The last part of its address.
    pub(crate) key: String,
    /// The key of the pipeline that its leads are for.
    pub(crate) pipeline: String,
    /// Owner of its leads: the id of an admin user, or `role:` and a role; empty for nobody.
    #[serde(default)]
    pub(crate) owner: String,
    /// Name of the owner, for people.
    #[serde(default)]
    pub(crate) owner_name: String,
    /// How much the answer says.
    #[serde(default)]
    pub(crate) answer: AnswerDetail,
    /// True if a mail confirms the inquiry.
    #[serde(default = "yes")]
    pub(crate) confirmation: bool,
    /// True if the event may have been.
    #[serde(default)]
    pub(crate) allow_past: bool,
    /// Where browsers go afterwards; empty for a page of the plugin's own.
    #[serde(default)]
    pub(crate) thank_you_url: String,
    /// The sites whose pages may send it; empty for all.
    #[serde(default)]
    pub(crate) origins: Vec<String>,
}

/// How much the answer to a form says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AnswerDetail {
    /// Only that it arrived: strangers learn nothing about who is known.
    #[default]
    Plain,
    /// Also what became of it, for forms that a server sends.
    Full,
}

const fn yes() -> bool {
    true
}

impl Settings {
    /// Returns the name of the company, which is the site's where the settings have none.
    pub(crate) fn company(&self) -> String {
        match self.company_name.trim() {
            "" => site().map(|site| site.name).unwrap_or_default(),
            name => name.to_owned(),
        }
    }

    /// The settings now.
    ///
    /// # Errors
    /// Where they do not fit.
    pub(crate) fn load() -> Result<Self> {
        cairn_plugin::settings()
    }

    /// True if somebody signs contracts for the company.
    pub(crate) fn has_contract_signer(&self) -> bool {
        !self.contract_signer_email.trim().is_empty()
    }

    /// The form with that key.
    pub(crate) fn find_form(&self, key: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.key == key)
    }

    /// Checks what the schema cannot say: every form has a key of its own.
    ///
    /// # Errors
    /// `Invalid` with each key that another form has.
    pub(crate) fn check_form_keys(&self, message: impl Fn() -> String) -> Result<()> {
        let is_taken = |n: usize, key: &str| self.forms.iter().take(n).any(|form| form.key == key);
        let repeated = self.forms.iter().enumerate().find(|(n, form)| is_taken(*n, &form.key));
        match repeated {
            Some((n, _)) => Err(Error::field(format!("forms[{n}].key"), "repeated", message())),
            None => Ok(()),
        }
    }
}

impl Form {
    /// True if a page of that site may send it. Requests without an origin come from servers and are judged by what they send. `own`: that of
    /// this server's pages, one of which sends a form once more after a refusal.
    pub(crate) fn allows_origin(&self, origin: Option<&str>, own: Option<&Origin>) -> bool {
        let Some(origin) = origin else { return true };
        if self.origins.is_empty() {
            return true;
        }
        let Some(origin) = Origin::parse(origin) else { return false };
        let is_same = |allowed: &String| Origin::parse(allowed).as_ref() == Some(&origin);
        self.origins.iter().any(is_same) || own == Some(&origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULTS: &str = include_str!("../settings.schema.json");

    fn form(json: &str) -> Form {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_defaults_of_the_schema_are_settings() {
        let schema: serde_json::Value = serde_json::from_str(DEFAULTS).unwrap();
        let defaults: serde_json::Map<_, _> = schema["properties"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, property)| (name.clone(), property["default"].clone()))
            .collect();
        let settings: Settings = serde_json::from_value(defaults.into()).unwrap();
        assert!(settings.find_form("bruiloft").is_some_and(|form| form.confirmation && !form.allow_past));
        assert!(settings.find_form("nobody").is_none());
        assert!(settings.check_form_keys(String::new).is_ok());
        let mut twice = settings;
        twice.forms.push(twice.forms[0].clone());
        let Err(Error::Invalid(fields)) = twice.check_form_keys(|| "taken".into()) else { panic!() };
        assert_eq!(fields[0].path, "forms[3].key");
    }

    #[test]
    fn origins_narrow_who_may_send_a_form() {
        let open = form(r#"{"key":"a","pipeline":"p"}"#);
        assert!(open.allows_origin(Some("https://anywhere.example"), None) && open.allows_origin(None, None));
        let narrow = form(r#"{"key":"a","pipeline":"p","origins":["https://www.mr-dj.nl/"]}"#);
        let server = Origin::parse("https://cms.mr-dj.nl");
        let own = server.as_ref();
        assert!(narrow.allows_origin(Some("https://www.mr-dj.nl"), own) && narrow.allows_origin(None, own));
        assert!(narrow.allows_origin(Some("https://WWW.mr-dj.nl:443"), own));
        assert!(narrow.allows_origin(Some("https://cms.mr-dj.nl"), own), "the page of a refusal");
        assert!(!narrow.allows_origin(Some("https://cms.mr-dj.nl"), None));
        for other in [
            "https://mr-dj.nl",
            "http://www.mr-dj.nl",
            "https://www.mr-dj.nl.evil.example",
            "https://www.mr-dj.nl:8443",
            "http://cms.mr-dj.nl",
            "https://cms.mr-dj.nl:8443",
            "null",
        ] {
            assert!(!narrow.allows_origin(Some(other), own), "{other}");
        }
    }
}
