//! Checks of an envelope before anybody is asked to sign it.

use crate::draft_check::{DraftField, DraftProblem, DraftRecipient, MAX_FIELDS, MAX_RECIPIENTS, check_draft};
use crate::draft_document::{InspectedDocument, inspect_document};
use crate::model::{Envelope, FieldKind};
use cairn_plugin::FieldError;
use cairn_plugin::prelude::*;
use serde_json::json;

/// Checks all that an envelope needs before anybody is asked to sign.
///
/// # Errors
/// `Invalid` with all that is missing.
pub(crate) fn check_before_sending(envelope: &Row<Envelope>, locale: &str) -> Result<InspectedDocument> {
    let document = inspect_document(envelope, locale)?;
    let recipients: Vec<DraftRecipient<'_>> = envelope
        .recipients
        .iter()
        .map(|to| DraftRecipient {
            id: &to.document_id,
            name: &to.name,
            email: &to.email,
            role: to.role,
            group: to.group,
        })
        .collect();
    let fields: Vec<DraftField<'_>> = envelope
        .form_fields
        .iter()
        .map(|field| DraftField {
            recipient: field.recipient_id(),
            is_signature: field.kind == FieldKind::Signature,
            area: field.area(),
        })
        .collect();
    let mut problems = check_draft(&recipients, &fields, &document.pages);
    if recipients.len() > MAX_RECIPIENTS {
        problems.push(DraftProblem { path: "recipients".to_owned(), code: "tooManyRecipients" });
    }
    if fields.len() > MAX_FIELDS {
        problems.push(DraftProblem { path: "fields".to_owned(), code: "tooManyFields" });
    }
    if problems.is_empty() { Ok(document) } else { Err(Error::Invalid(describe_problems(envelope, &problems, locale))) }
}

/// Describes the problems of a draft for people: with the name of who it is about.
fn describe_problems(envelope: &Envelope, problems: &[DraftProblem], locale: &str) -> Vec<FieldError> {
    let name_of = |path: &str| {
        let number = path.strip_prefix("recipients[")?.split(']').next()?.parse::<usize>().ok()?;
        Some(envelope.recipients.get(number)?.name.clone())
    };
    let number_of = |path: &str| path.strip_prefix("fields[")?.split(']').next()?.parse::<usize>().ok();
    let one = |problem: &DraftProblem| {
        let number = number_of(&problem.path);
        let page = number.and_then(|number| envelope.form_fields.get(number)).map_or(0, |field| field.page);
        let arguments = json!({
            "name": name_of(&problem.path).unwrap_or_default(), "number": number.map_or(0, |number| number + 1), "page": page,
            "recipients": MAX_RECIPIENTS, "fields": MAX_FIELDS,
        });
        let message = translate(&format!("refused.draft.{}", problem.code), locale, Some(&arguments));
        FieldError { path: problem.path.clone(), code: problem.code.to_owned(), message }
    };
    problems.iter().map(one).collect()
}
