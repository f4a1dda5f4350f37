//! Fields in which people type amounts: reading them, and saying what is wrong with one.

use crate::amount::{AmountProblem, MAX_AMOUNT_TEXT, read_amount, write_input};
use crate::money::{MAX_AMOUNT, write_decimal};
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, format_money};
use serde_json::{Value, json};

/// The schema of a field for an amount. It is a text: what a browser makes of the digits in a number's field depends on the browser.
pub(super) fn describe_field(title: &str) -> Value {
    json!({ "type": "string", "title": title, "description": format!("{title}.hint"), "maxLength": MAX_AMOUNT_TEXT })
}

/// Reads what somebody typed into the field at that path.
///
/// # Errors
/// What the host says; what is wrong with the text is the inner error.
pub(super) fn read_field(text: &str, path: &str, currency: &str, locale: &str) -> Result<Result<i64, FieldError>> {
    let problem = match read_amount(text, locale, currency) {
        Ok(amount) => return Ok(Ok(amount)),
        Err(problem) => problem,
    };
    let money = |amount: i64| format_money(&write_decimal(amount), currency, locale);
    let mut arguments = json!({ "currency": currency });
    match problem {
        AmountProblem::TwoReadings(first, second) => {
            arguments["first"] = json!(money(first)?);
            arguments["second"] = json!(money(second)?);
            arguments["firstInput"] = json!(write_input(first, locale));
            arguments["secondInput"] = json!(write_input(second, locale));
        }
        AmountProblem::TooLarge => arguments["most"] = json!(money(MAX_AMOUNT)?),
        _ => {}
    }
    let code = problem.code();
    let message = translate(&format!("refused.amount.{code}"), locale, Some(&arguments));
    Ok(Err(FieldError { path: path.to_owned(), code: code.to_owned(), message }))
}
