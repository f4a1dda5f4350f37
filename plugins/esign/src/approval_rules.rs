//! The operator's rules on who has to approve an envelope before it is sent. It knows no host.
//!
//! Kind and amount are stated by whoever drafts. What an envelope does not state meets a rule, so that nobody gets around one by leaving it out; a
//! kind or template that no rule names meets the rules on any other one, so that nobody gets around them by stating something else.

use cairn_contact_details::invisible::remove_invisible;
use cairn_plugin::data::or_default;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Kind or template of a rule on all that no rule names.
const ANY_OTHER: &str = "*";

/// A rule: envelopes that meet all that it names are approved by that person or role.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApprovalRule {
    /// Kind of envelopes; empty for every kind, `*` for every kind that no rule names.
    #[serde(default)]
    pub(crate) kind: String,
    /// Template that the document was made of; empty for every one, `*` for every one that no rule names.
    #[serde(default)]
    pub(crate) template: String,
    /// Smallest amount; none for any.
    pub(crate) min_amount: Option<f64>,
    /// The id of an admin user, or `role:` and the code of a role.
    #[serde(deserialize_with = "read_approver")]
    pub(crate) approver: String,
}

/// Facts about an envelope that rules look at, as envelopes and requests have them: what a drafter or a requester states.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub(crate) struct ApprovalFacts {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) kind: String,
    #[serde(default, deserialize_with = "or_amount")]
    pub(crate) amount: Option<f64>,
    /// Template that a request names.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) template: String,
}

/// The values that rules name for one of their parts, in the form in which it is compared.
struct NamedValues(Vec<String>);

impl NamedValues {
    fn of(rules: &[ApprovalRule], part: fn(&ApprovalRule) -> &str) -> Self {
        Self(rules.iter().map(|rule| fold_text(part(rule))).collect())
    }

    /// True if a fact meets what a rule says of it.
    fn is_met(&self, rule: &str, fact: &str) -> bool {
        let (rule, fact) = (fold_text(rule), fold_text(fact));
        match rule.as_str() {
            _ if fact.is_empty() => true,
            "" => true,
            ANY_OTHER => fact == ANY_OTHER || !self.0.contains(&fact),
            rule => rule == fact,
        }
    }
}

/// The form in which kinds and templates are compared.
fn fold_text(text: &str) -> String {
    remove_invisible(text).trim().to_lowercase()
}

/// Finds who has to approve an envelope: the approver of the first rule that it meets.
pub(crate) fn find_rule_approver<'a>(rules: &'a [ApprovalRule], facts: &ApprovalFacts) -> Option<&'a str> {
    let kinds = NamedValues::of(rules, |rule| &rule.kind);
    let templates = NamedValues::of(rules, |rule| &rule.template);
    let is_met = |rule: &&ApprovalRule| {
        kinds.is_met(&rule.kind, &facts.kind)
            && templates.is_met(&rule.template, &facts.template)
            && rule.min_amount.is_none_or(|least| facts.amount.is_none_or(|amount| amount >= least))
    };
    rules.iter().find(is_met).map(|rule| rule.approver.as_str())
}

/// Reads an amount: a number, or its digits as a text, as changes of documents have decimals. None for anything else.
pub(crate) fn read_amount(value: &Value) -> Option<f64> {
    let amount = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    amount.is_finite().then_some(amount)
}

fn or_amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(read_amount(&Value::deserialize(deserializer)?))
}

/// An approver in the form in which approvers are stored and looked for: without spaces, also behind `role:`.
pub(crate) fn normalise_approver(text: &str) -> String {
    match text.trim().strip_prefix("role:") {
        Some(role) => format!("role:{}", role.trim()),
        None => text.trim().to_owned(),
    }
}

/// Reads who approves, or looks after something; empty for `null`.
pub(crate) fn read_approver<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(normalise_approver(&Option::<String>::deserialize(deserializer)?.unwrap_or_default()))
}

/// True if that text means somebody who can approve: the id of an admin user, or `role:` and the code of a role.
pub(crate) fn is_approver(text: &str) -> bool {
    match text.trim().strip_prefix("role:") {
        Some(role) => !role.trim().is_empty(),
        None => !text.trim().is_empty() && text.trim().bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: &str, template: &str, min_amount: Option<f64>, approver: &str) -> ApprovalRule {
        ApprovalRule {
            kind: kind.into(),
            template: template.into(),
            min_amount,
            approver: normalise_approver(approver),
        }
    }

    fn facts(kind: &str, template: &str, amount: Option<f64>) -> ApprovalFacts {
        ApprovalFacts { kind: kind.into(), template: template.into(), amount }
    }

    #[test]
    fn the_first_rule_that_is_met_says_who_approves() {
        let rules = [
            rule("sale", "", Some(50_000.0), "role:board"),
            rule("Sale", "", None, "role:legal"),
            rule("", "lease", None, " 7 "),
        ];
        let find = |kind, template, amount| find_rule_approver(&rules, &facts(kind, template, amount));
        assert_eq!(find("sale", "form", Some(50_000.0)), Some("role:board"));
        assert_eq!(find(" SA\u{200b}LE ", "form", Some(49_999.99)), Some("role:legal"));
        assert_eq!(find("rent", "Lease", Some(10.0)), Some("7"));
        assert_eq!(find("rent", "form", Some(10.0)), None);
        assert_eq!(find_rule_approver(&[], &facts("", "", None)), None);
    }

    #[test]
    fn what_is_not_stated_meets_a_rule() {
        let rules = [rule("sale", "contract", Some(50_000.0), "role:board")];
        for stated in [facts("", "", None), facts("sale", "", None), facts("sale", "contract", Some(90_000.0))] {
            assert_eq!(find_rule_approver(&rules, &stated), Some("role:board"), "{stated:?}");
        }
        assert_eq!(find_rule_approver(&rules, &facts("rent", "", None)), None);
    }

    #[test]
    fn what_no_rule_names_meets_the_rules_on_any_other() {
        let rules = [
            rule("sale", "", Some(1_000.0), "role:legal"),
            rule("*", "", None, "role:board"),
            rule("", " * ", None, "role:office"),
            rule("", "lease", Some(1_000.0), "role:finance"),
        ];
        let find = |kind, template, amount| find_rule_approver(&rules, &facts(kind, template, amount));
        // Named, and small: no rule is for it.
        assert_eq!(find(" Sale ", "", Some(999.0)), Some("role:office"), "no template is stated");
        assert_eq!(find("sale", "LEASE", Some(999.0)), None);
        for kind in ["sael", "sales", "*", "verkoop"] {
            assert_eq!(find(kind, "lease", Some(1.0)), Some("role:board"), "{kind}");
        }
        assert_eq!(find("sale", "other", Some(1.0)), Some("role:office"));
        let last = [rule("sale", "", Some(1_000.0), "role:legal"), rule("", "", None, "role:board")];
        for stated in [facts("sale", "", Some(1.0)), facts("rent", "x", Some(0.0))] {
            assert_eq!(find_rule_approver(&last, &stated), Some("role:board"), "a rule without conditions is for all");
        }
    }

    #[test]
    fn approvers_have_one_form() {
        for (text, form) in [(" 7 ", "7"), ("role: legal ", "role:legal"), ("role:legal", "role:legal"), ("", "")] {
            assert_eq!(normalise_approver(text), form);
        }
        let rule: ApprovalRule = serde_json::from_str(r#"{"approver":"role: legal"}"#).unwrap();
        assert_eq!(rule.approver, "role:legal");
    }

    #[test]
    fn amounts_are_numbers_and_decimals() {
        for (value, amount) in [
            (serde_json::json!(5000), Some(5_000.0)),
            (serde_json::json!(0.5), Some(0.5)),
            (serde_json::json!("4999.99"), Some(4_999.99)),
            (serde_json::json!(""), None),
            (serde_json::json!("NaN"), None),
            (serde_json::json!("a lot"), None),
            (Value::Null, None),
        ] {
            assert_eq!(read_amount(&value), amount, "{value}");
        }
    }

    #[test]
    fn approvers_are_people_or_roles() {
        for text in ["7", " 12 ", "role:legal", "role: legal"] {
            assert!(is_approver(text), "{text}");
        }
        for text in ["", "legal", "role:", "role: ", "lena@example.com", "-7"] {
            assert!(!is_approver(text), "{text}");
        }
    }
}
