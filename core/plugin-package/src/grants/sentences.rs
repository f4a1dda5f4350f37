//! What who consents is shown: a stable code with parameters, which the admin translates, and a sentence for the command line.

use super::{Capability, Fields, Granted, Grants, Scope};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Display;

/// One line of a consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// Stable: `data.read`, `data.read.fields`, `http`, `http.plain` …
    pub code: String,
    /// What the sentence names, by the parameter's name.
    pub parameters: BTreeMap<&'static str, Vec<String>>,
    /// In English.
    pub english: String,
    /// The author's reason, or its key (`t:…`).
    pub reason: Option<String>,
    /// It may be left out.
    pub optional: bool,
}

impl Grants {
    /// What these allow, one sentence a grant.
    pub fn sentences(&self) -> Vec<Sentence> {
        self.list.iter().map(sentence).collect()
    }
}

fn sentence(granted: &Granted) -> Sentence {
    let capability = granted.scope.capability();
    let mut parameters = BTreeMap::new();
    let mut variant = "";
    let english = match &granted.scope {
        Scope::DataRead { types, fields } => {
            parameters.insert("types", texts(types));
            let of = fields_of(fields, &mut parameters, &mut variant);
            format!("Reads {of} of {}", and(types))
        }
        Scope::DataWrite { types, fields, actions } => {
            parameters.insert("types", texts(types));
            parameters.insert("actions", texts(actions));
            let of = fields_of(fields, &mut parameters, &mut variant);
            format!("May {} documents of {} ({of})", and(actions), and(types))
        }
        Scope::Http { to, methods, secrets } => {
            parameters.insert("to", texts(to));
            parameters.insert("methods", texts(methods));
            parameters.insert("secrets", texts(secrets));
            if to.iter().any(|address| address.is_plain_text()) {
                variant = ".plain";
            }
            let with = if secrets.is_empty() { String::new() } else { format!(" with the secrets {}", and(secrets)) };
            let plain = if variant.is_empty() { "" } else { ", unencrypted" };
            format!("Sends {} requests to {}{with}{plain}", and(methods), and(to))
        }
        Scope::Secrets { secrets } => {
            parameters.insert("secrets", texts(secrets));
            format!("Signs and verifies with the secrets {}, without seeing them", and(secrets))
        }
        Scope::Mail { max_per_hour } => {
            parameters.insert("max-per-hour", vec![max_per_hour.to_string()]);
            format!("Sends up to {max_per_hour} mails an hour")
        }
        Scope::Notify { max_per_hour } => {
            parameters.insert("max-per-hour", vec![max_per_hour.to_string()]);
            format!("Sends up to {max_per_hour} notices an hour to people in the admin")
        }
        Scope::PdfSeal { profiles } => {
            parameters.insert("profiles", texts(profiles));
            format!("Has PDFs sealed with the profiles {}", and(profiles))
        }
        _ => plain(capability).to_owned(),
    };
    Sentence {
        code: format!("{capability}{variant}"),
        parameters,
        english,
        reason: granted.reason.clone(),
        optional: granted.optional,
    }
}

/// What a capability without a scope allows.
const fn plain(capability: Capability) -> &'static str {
    match capability {
        Capability::DataRead => "Reads documents",
        Capability::DataWrite => "Writes documents",
        Capability::Kv => "Keeps small private state",
        Capability::EventsPublish => "Publishes events that other plugins and webhooks can follow",
        Capability::Policies => "Makes rules on who sees which documents take effect at once",
        Capability::Jobs => "Does work in the background and at set times",
        Capability::Search => "Keeps search indexes and searches them",
        Capability::FilesRead => "Reads files of the media library and makes links to them",
        Capability::FilesWrite => "Stores files and deletes those it stored",
        Capability::Http => "Sends requests to other hosts",
        Capability::Secrets => "Signs with secrets",
        Capability::Mail => "Sends mail",
        Capability::Notify => "Sends notices to people in the admin",
        Capability::Templates => "Renders templates",
        Capability::PdfRender => "Makes PDFs",
        Capability::PdfFill => "Fills, merges and checks PDFs",
        Capability::PdfSeal => "Has PDFs sealed",
        Capability::Audit => "Writes to the audit log and reads what was written about its documents",
        Capability::Calendar => "Reckons with opening hours and holidays",
    }
}

fn fields_of(fields: &Fields, parameters: &mut BTreeMap<&'static str, Vec<String>>, variant: &mut &str) -> String {
    match fields {
        Fields::All => "every field that is not private".into(),
        Fields::Only(fields) => {
            parameters.insert("fields", texts(fields));
            *variant = ".fields";
            format!("the fields {}", and(fields))
        }
    }
}

fn texts<T: Display>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(|one| one.to_string()).collect()
}

/// `a, b and c`
fn and<T: Display>(all: impl IntoIterator<Item = T>) -> String {
    let all = texts(all);
    match all.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
