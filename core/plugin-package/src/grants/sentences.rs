//! Sentences for the person who consents: a stable code with parameters, which the admin translates, and a sentence for the command line.

use super::{Capability, Fields, GrantedScope, Grants, InvitedRoles, Scope, WriteAction};
use crate::address::AddressPattern;
use crate::manifest::choice_reference;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// One line of a consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// Stable: `data.read`, `data.read.fields`, `http`, `http.plain` …
    pub code: String,
    /// Values that the sentence names, by the parameter's name.
    pub parameters: BTreeMap<&'static str, Vec<String>>,
    /// The sentence in English.
    pub english: String,
    /// The sentence in Dutch.
    pub dutch: String,
    /// The author's reason, or its key (`t:…`).
    pub reason: Option<String>,
    /// It may be left out.
    pub optional: bool,
}

impl Grants {
    /// Describes these grants, in one sentence each.
    pub fn sentences(&self) -> Vec<Sentence> {
        self.list.iter().map(grant_sentence).collect()
    }
}

fn grant_sentence(granted: &GrantedScope) -> Sentence {
    let capability = granted.scope.capability();
    let mut parameters = BTreeMap::new();
    let mut variant = "";
    let (english, dutch) = match &granted.scope {
        Scope::DataRead { types, fields } => {
            parameters.insert("types", to_strings(types));
            let (english_fields, dutch_fields) = fields_of(fields, &mut parameters, &mut variant);
            (
                format!("Reads {english_fields} of {}", join_english(name_types(types, CHOSEN_ENGLISH))),
                format!("Leest {dutch_fields} van {}", join_dutch(name_types(types, CHOSEN_DUTCH))),
            )
        }
        Scope::DataWrite { types, fields, actions } => {
            parameters.insert("types", to_strings(types));
            parameters.insert("actions", to_strings(actions));
            let (english_fields, dutch_fields) = fields_of(fields, &mut parameters, &mut variant);
            (
                format!(
                    "May {} documents of {} ({english_fields})",
                    join_english(actions),
                    join_english(name_types(types, CHOSEN_ENGLISH))
                ),
                format!(
                    "Mag documenten van {} {} ({dutch_fields})",
                    join_dutch(name_types(types, CHOSEN_DUTCH)),
                    join_dutch(actions.iter().map(|action| dutch_infinitive(*action)))
                ),
            )
        }
        Scope::Http { to, methods, secrets } => {
            parameters.insert("to", to_strings(to));
            parameters.insert("methods", to_strings(methods));
            parameters.insert("secrets", to_strings(secrets));
            if to.iter().any(|address| address.is_plain_text()) {
                variant = ".plain";
            }
            let (with, met) = match secrets.is_empty() {
                true => (String::new(), String::new()),
                false => (
                    format!(" with the secrets {}", join_english(secrets)),
                    format!(" met de geheimen {}", join_dutch(secrets)),
                ),
            };
            let (plain, open) = if variant.is_empty() { ("", "") } else { (", unencrypted", ", onversleuteld") };
            (
                format!(
                    "Sends {} requests to {}{with}{plain}",
                    join_english(methods),
                    join_english(name_addresses(to, ADDRESSES_ENGLISH))
                ),
                format!(
                    "Verstuurt verzoeken ({}) naar {}{met}{open}",
                    join_dutch(methods),
                    join_dutch(name_addresses(to, ADDRESSES_DUTCH))
                ),
            )
        }
        Scope::Secrets { secrets } => {
            parameters.insert("secrets", to_strings(secrets));
            (
                format!("Signs and verifies with the secrets {}, without seeing them", join_english(secrets)),
                format!("Ondertekent en controleert met de geheimen {}, zonder ze te zien", join_dutch(secrets)),
            )
        }
        Scope::Signing { keys } => {
            parameters.insert("keys", to_strings(keys));
            (
                format!("Signs with the private keys {}, without seeing them", join_english(keys)),
                format!("Ondertekent met de privésleutels {}, zonder ze te zien", join_dutch(keys)),
            )
        }
        Scope::Mail { max_per_hour } => {
            parameters.insert("max-per-hour", vec![max_per_hour.to_string()]);
            (
                format!("Sends up to {max_per_hour} mails an hour"),
                format!("Verstuurt tot {max_per_hour} e-mails per uur"),
            )
        }
        Scope::Notify { max_per_hour } => {
            parameters.insert("max-per-hour", vec![max_per_hour.to_string()]);
            (
                format!("Sends up to {max_per_hour} notifications an hour to people in the admin"),
                format!("Stuurt tot {max_per_hour} meldingen per uur aan mensen in het beheer"),
            )
        }
        Scope::UsersInvite { roles, max_per_hour } => {
            parameters.insert("max-per-hour", vec![max_per_hour.to_string()]);
            let (with, met) = match roles {
                InvitedRoles::Default => {
                    ("the role of new users".to_owned(), "de rol van nieuwe gebruikers".to_owned())
                }
                InvitedRoles::Only(roles) => {
                    parameters.insert("roles", to_strings(roles));
                    variant = ".roles";
                    (
                        format!("the role {}", join_words(to_strings(roles), "or")),
                        format!("de rol {}", join_words(to_strings(roles), "of")),
                    )
                }
            };
            (
                format!(
                    "Invites up to {max_per_hour} people an hour to an account on the site, with {with}, and learns whether an address has an account"
                ),
                format!(
                    "Nodigt tot {max_per_hour} mensen per uur uit voor een account op de site, met {met}, en komt te weten of een adres al een account heeft"
                ),
            )
        }
        Scope::PdfSeal { profiles } => {
            parameters.insert("profiles", to_strings(profiles));
            (
                format!("Seals PDFs with the profiles {}", join_english(profiles)),
                format!("Laat pdf's verzegelen met de profielen {}", join_dutch(profiles)),
            )
        }
        _ => {
            let (english, dutch) = capability_sentence(capability);
            (english.to_owned(), dutch.to_owned())
        }
    };
    Sentence {
        code: format!("{capability}{variant}"),
        parameters,
        english,
        dutch,
        reason: granted.reason.clone(),
        optional: granted.optional,
    }
}

/// Returns the English and the Dutch sentence for a capability without a scope.
const fn capability_sentence(capability: Capability) -> (&'static str, &'static str) {
    match capability {
        Capability::DataRead => ("Reads documents", "Leest documenten"),
        Capability::DataWrite => ("Writes documents", "Schrijft documenten"),
        Capability::Kv => ("Stores small private state", "Bewaart kleine gegevens voor zichzelf"),
        Capability::EventsPublish => (
            "Publishes events that other plugins and webhooks can follow",
            "Meldt gebeurtenissen die andere plug-ins en webhooks kunnen volgen",
        ),
        Capability::Policies => (
            "Makes rules about who sees which documents take effect immediately",
            "Laat regels over wie welke documenten ziet meteen ingaan",
        ),
        Capability::Jobs => {
            ("Works in the background and at scheduled times", "Werkt op de achtergrond en op vaste tijden")
        }
        Capability::Search => ("Maintains search indexes and searches them", "Houdt zoekindexen bij en doorzoekt ze"),
        Capability::FilesRead => (
            "Reads files in the media library and creates links to them",
            "Leest bestanden uit de mediabibliotheek en maakt er links naar",
        ),
        Capability::FilesWrite => (
            "Stores files and deletes the files that it stored",
            "Slaat bestanden op en verwijdert die het zelf opsloeg",
        ),
        Capability::Http => ("Sends requests to other hosts", "Verstuurt verzoeken naar andere servers"),
        Capability::Secrets => ("Signs with secrets", "Ondertekent met geheimen"),
        Capability::Signing => ("Signs with private keys", "Ondertekent met privésleutels"),
        Capability::Mail => ("Sends mail", "Verstuurt e-mail"),
        Capability::Notify => {
            ("Sends notifications to people in the admin", "Stuurt meldingen aan mensen in het beheer")
        }
        Capability::Templates => ("Renders templates", "Vult sjablonen in"),
        Capability::PdfRender => ("Creates PDFs", "Maakt pdf's"),
        Capability::PdfFill => {
            ("Reads, fills, merges and checks PDFs", "Leest, vult en controleert pdf's en voegt ze samen")
        }
        Capability::PdfSeal => ("Seals PDFs", "Laat pdf's verzegelen"),
        Capability::Audit => (
            "Writes to the audit log and reads its entries about the plugin's documents",
            "Schrijft in het auditlogboek en leest wat daar over zijn documenten staat",
        ),
        Capability::Calendar => {
            ("Calculates with opening hours and holidays", "Rekent met openingstijden en feestdagen")
        }
        Capability::Groups => (
            "Puts users into groups of its own, which other plugins, roles and searches may show content to",
            "Deelt gebruikers in eigen groepen in, waaraan andere plug-ins, rollen en zoekopdrachten inhoud mogen tonen",
        ),
        Capability::People => (
            "Finds people who work in the admin, and sees their names and roles (not their e-mail addresses)",
            "Zoekt mensen die in het beheer werken en ziet hun namen en rollen (niet hun e-mailadressen)",
        ),
        Capability::UsersInvite => {
            ("Invites people to an account on the site", "Nodigt mensen uit voor een account op de site")
        }
    }
}

fn fields_of(
    fields: &Fields,
    parameters: &mut BTreeMap<&'static str, Vec<String>>,
    variant: &mut &str,
) -> (String, String) {
    match fields {
        Fields::All => ("every field that is not private".into(), "elk veld dat niet privé is".into()),
        Fields::Only(fields) => {
            parameters.insert("fields", to_strings(fields));
            *variant = ".fields";
            (format!("the fields {}", join_english(fields)), format!("de velden {}", join_dutch(fields)))
        }
    }
}

/// Content types in a sentence: where nothing is chosen yet, the choice.
fn name_types(types: &BTreeSet<String>, chosen: &str) -> Vec<String> {
    let name = |uid: &String| match choice_reference(uid) {
        Some(choice) => format!("{chosen} \u{201c}{choice}\u{201d}"),
        None => uid.clone(),
    };
    types.iter().map(name).collect()
}

/// Addresses, likewise; and those that are secrets.
fn name_addresses(to: &BTreeSet<AddressPattern>, words: AddressWords) -> Vec<String> {
    let AddressWords { chosen, in_secret, hidden } = words;
    let name = |address: &AddressPattern| match (address.choice(), address.secret()) {
        (Some(choice), _) => format!("{chosen} \u{201c}{choice}\u{201d}"),
        (None, Some(secret)) => format!("{in_secret} \u{201c}{secret}\u{201d} ({hidden})"),
        (None, None) => address.to_string(),
    };
    to.iter().map(name).collect()
}

/// Words for addresses that a sentence cannot show.
struct AddressWords {
    /// Before the name of a choice.
    chosen: &'static str,
    /// Before the name of a secret.
    in_secret: &'static str,
    /// Says that the plugin does not see it.
    hidden: &'static str,
}

const ADDRESSES_ENGLISH: AddressWords = AddressWords {
    chosen: "the addresses chosen for",
    in_secret: "the address in the secret",
    hidden: "hidden from the plugin",
};
const ADDRESSES_DUTCH: AddressWords = AddressWords {
    chosen: "de gekozen adressen bij",
    in_secret: "het adres in het geheim",
    hidden: "onzichtbaar voor de plug-in",
};

/// Words before the name of a choice of content types, in English.
pub(crate) const CHOSEN_ENGLISH: &str = "the content types chosen for";
/// The same in Dutch.
pub(crate) const CHOSEN_DUTCH: &str = "de gekozen inhoudstypen bij";

fn to_strings<T: Display>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(|one| one.to_string()).collect()
}

const fn dutch_infinitive(action: WriteAction) -> &'static str {
    match action {
        WriteAction::Create => "aanmaken",
        WriteAction::Update => "wijzigen",
        WriteAction::Delete => "verwijderen",
        WriteAction::Publish => "publiceren",
    }
}

/// Joins texts: `a, b and c`.
fn join_english<T: Display>(all: impl IntoIterator<Item = T>) -> String {
    join_words(to_strings(all), "and")
}

/// Joins texts: `a, b en c`.
fn join_dutch<T: Display>(all: impl IntoIterator<Item = T>) -> String {
    join_words(to_strings(all), "en")
}

fn join_words(all: Vec<String>, word: &str) -> String {
    match all.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last_item, others)) => format!("{} {word} {last_item}", others.join(", ")),
    }
}
