//! The operator's rules on who has to approve an envelope before it is sent. It knows no host.
//!
//! Kind and amount are stated by whoever drafts: what an envelope does not state meets a rule, so that nobody gets around one by leaving it out.

use cairn_contact_details::invisible::remove_invisible;
use serde::Deserialize;
use serde_json::Value;

/// A rule: envelopes that meet all that it names are approved by that person or role.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApprovalRule {
    /// Kind of envelopes; empty for every kind.
    #[serde(default)]
    pub(crate) kind: String,
    /// Template that the document was made of; empty for every one.
    #[serde(default)]
    pub(crate) template: String,
    /// Smallest amount; none for any.
    pub(crate) min_amount: Option<f64>,
    /// The id of an admin user, or `role:` and the code of a role.
    pub(crate) approver: String,
}

/// Facts about an envelope that rules look at.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct ApprovalFacts<'a> {
    pub(crate) kind: &'a str,
    pub(crate) template: &'a str,
    pub(crate) amount: Option<f64>,
}

impl ApprovalRule {
    fn is_met_by(&self, facts: ApprovalFacts<'_>) -> bool {
        let names = |rule: &str, fact: &str| {
            let [rule, fact] = [rule, fact].map(|text| remove_invisible(text).trim().to_lowercase());
            rule.is_empty() || fact.is_empty() || rule == fact
        };
        let is_large = self.min_amount.is_none_or(|least| facts.amount.is_none_or(|amount| amount >= least));
        names(&self.kind, facts.kind) && names(&self.template, facts.template) && is_large
    }
}

/// Finds who has to approve an envelope: the approver of the first rule that it meets.
pub(crate) fn find_rule_approver<'a>(rules: &'a [ApprovalRule], facts: ApprovalFacts<'_>) -> Option<&'a str> {
    rules.iter().find(|rule| rule.is_met_by(facts)).map(|rule| rule.approver.trim())
}

/// Reads an amount: a number, or its digits as a text, as changes of documents have decimals. None for anything else.
pub(crate) fn read_amount(value: &Value) -> Option<f64> {
    let amount = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    amount.is_finite().then_some(amount)
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
        ApprovalRule { kind: kind.into(), template: template.into(), min_amount, approver: approver.into() }
    }

    fn facts<'a>(kind: &'a str, template: &'a str, amount: Option<f64>) -> ApprovalFacts<'a> {
        ApprovalFacts { kind, template, amount }
    }

    #[test]
    fn the_first_rule_that_is_met_says_who_approves() {
        let rules = [
            rule("sale", "", Some(50_000.0), "role:board"),
            rule("Sale", "", None, "role:legal"),
            rule("", "lease", None, " 7 "),
        ];
        let find = |kind, template, amount| find_rule_approver(&rules, facts(kind, template, amount));
        assert_eq!(find("sale", "form", Some(50_000.0)), Some("role:board"));
        assert_eq!(find(" SA\u{200b}LE ", "form", Some(49_999.99)), Some("role:legal"));
        assert_eq!(find("rent", "Lease", Some(10.0)), Some("7"));
        assert_eq!(find("rent", "form", Some(10.0)), None);
        assert_eq!(find_rule_approver(&[], facts("", "", None)), None);
    }

    #[test]
    fn what_is_not_stated_meets_a_rule() {
        let rules = [rule("sale", "contract", Some(50_000.0), "role:board")];
        for stated in [facts("", "", None), facts("sale", "", None), facts("sale", "contract", Some(90_000.0))] {
            assert_eq!(find_rule_approver(&rules, stated), Some("role:board"), "{stated:?}");
        }
        assert_eq!(find_rule_approver(&rules, facts("rent", "", None)), None);
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
