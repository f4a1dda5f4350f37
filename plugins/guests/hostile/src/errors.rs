//! Saying no by an error, as `?` does, and by a decision: each kind of it that a hook or a route may end with.

use cairn_plugin::{Change, Conflict, Decision, Error, FieldError, Result};

/// The error of the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<Error> {
    Some(match trial.strip_prefix("err-")? {
        "invalid" => Error::field("kind", "refused", "This kind is not accepted."),
        "two" => {
            let one = |path: &str| FieldError { path: path.into(), code: "no".into(), message: format!("No {path}.") };
            Error::Invalid(vec![one("kind"), one("items[2].price")])
        }
        "denied" => Error::Denied("not for you".to_owned()),
        "missing" => Error::NotFound("it".to_owned()),
        "conflict" => Error::Conflict(taken()),
        "exhausted" => Error::Exhausted("mails-per-hour".to_owned()),
        "unavailable" => Error::Unavailable(Some(7_000)),
        "internal" => Error::Internal("TypeError: it is undefined".to_owned()),
        "huge" => Error::Denied("x".repeat(20 << 20)),
        _ => return None,
    })
}

/// The decision of a hook.
pub(crate) fn decide(trial: &str, changes: &[Change]) -> Result<Option<Vec<Decision>>> {
    if let Some(error) = run(trial) {
        return Err(error);
    }
    let each = |decision: Decision| Ok(Some(vec![decision; changes.len()]));
    match trial {
        "decide-conflict" => each(Decision::conflict("state", "The room is taken.")),
        // The title is a text where a number is expected: the sender gets the error.
        "typed" => {
            #[derive(serde::Deserialize)]
            struct Numbered {
                #[expect(dead_code, reason = "it is never one")]
                title: u32,
            }
            changes
                .iter()
                .map(|change| change.after::<Numbered>().map(|_| Decision::Allow))
                .collect::<Result<_>>()
                .map(Some)
        }
        _ => Ok(None),
    }
}

fn taken() -> Conflict {
    Conflict { kind: "state".to_owned(), existing: None, message: "The room is taken.".to_owned() }
}
