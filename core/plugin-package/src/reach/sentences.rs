//! The sentences about a plugin's reach for the person who consents, in the languages of the admin.

use super::{ReachClaim, ReachLine};
use crate::grants::{CHOSEN_DUTCH, CHOSEN_ENGLISH, Fields, Grants, WriteAction};
use crate::manifest::{AdminView, choice_reference};
use crate::manifest::{
    Auth, Cors, HookAction, ManifestLimits, ManifestRoute, ManifestSchedule, Subscription, SubscriptionTarget,
    ViewKind, ViewSource, Zone,
};
use std::collections::BTreeSet;

/// Without a claim: it shows its own documents, to people who may read them anyway.
pub(super) fn calendar_sentence(uid: &str) -> ReachLine {
    new_line(
        "calendar",
        format!("Shows its own {uid} in the content calendar, to people who may read them"),
        format!("Toont zijn eigen {uid} in de contentkalender, aan wie ze mag lezen"),
        Vec::new(),
    )
}

/// A content type in a sentence: where nothing is chosen yet, the choice.
fn name_type(uid: &str, chosen: &str) -> String {
    match choice_reference(uid) {
        Some(choice) => format!("{chosen} \u{201c}{choice}\u{201d}"),
        None => uid.to_owned(),
    }
}

fn new_line(kind: &'static str, english: String, dutch: String, claims: Vec<ReachClaim>) -> ReachLine {
    ReachLine { kind, english, dutch, claims }
}

pub(super) fn own_hook_sentence(uid: &str) -> ReachLine {
    new_line(
        "hook",
        format!("Checks its own {uid} before it is stored, and may change it"),
        format!("Controleert zijn eigen {uid} voordat het wordt opgeslagen, en mag het veranderen"),
        Vec::new(),
    )
}

pub(super) fn hook_sentence(
    grants: &Grants,
    uid: &str,
    actions: &BTreeSet<HookAction>,
    select: &[String],
    claims: Vec<ReachClaim>,
) -> ReachLine {
    let (english_actions, dutch_actions): (Vec<_>, Vec<_>) = actions.iter().map(|a| action_participle(*a)).unzip();
    let amends = amendable_fields(grants, uid, actions);
    let (reads_english, reads_dutch) = match select {
        [] => ("the fields that it may read".to_owned(), "wat het ervan mag lezen".to_owned()),
        fields => (join_words(fields, "and"), join_words(fields, "en")),
    };
    let (changes_english, changes_dutch) = match &amends {
        None => (" and may refuse the change".to_owned(), " en mag dat weigeren".to_owned()),
        Some(Fields::All) => (
            ", may refuse the change and may change every field that is not private before it is saved".to_owned(),
            ", mag dat weigeren en mag elk veld ervan dat niet privé is veranderen voordat het wordt opgeslagen"
                .to_owned(),
        ),
        Some(Fields::Only(fields)) => (
            format!(", may refuse the change and may change {} before it is saved", join_words(fields, "and")),
            format!(", mag dat weigeren en mag {} veranderen voordat het wordt opgeslagen", join_words(fields, "en")),
        ),
    };
    let (uid, dutch_uid) = (name_type(uid, CHOSEN_ENGLISH), name_type(uid, CHOSEN_DUTCH));
    new_line(
        "hook",
        format!("When {uid} is {}: sees {reads_english}{changes_english}", join_words(&english_actions, "or")),
        format!("Wanneer {dutch_uid} wordt {}: ziet {reads_dutch}{changes_dutch}", join_words(&dutch_actions, "of")),
        claims,
    )
}

/// The fields of others' documents that a hook on these actions may change; `None`: none.
fn amendable_fields(grants: &Grants, uid: &str, actions: &BTreeSet<HookAction>) -> Option<Fields> {
    let updates = grants.may_write(uid, WriteAction::Update);
    // A created document could be updated at once, so the permission to update counts on creation too.
    let creates = grants.may_write(uid, WriteAction::Create).filter(|_| actions.contains(&HookAction::Create));
    let has_values = actions.contains(&HookAction::Create) || actions.contains(&HookAction::Update);
    match (updates.filter(|_| has_values), creates) {
        (Some(a), Some(b)) => Some(a.union(b)),
        (Some(fields), None) | (None, Some(fields)) => Some(fields.clone()),
        (None, None) => None,
    }
}

fn action_participle(action: HookAction) -> (&'static str, &'static str) {
    match action {
        HookAction::Create => ("created", "aangemaakt"),
        HookAction::Update => ("updated", "gewijzigd"),
        HookAction::Delete => ("deleted", "verwijderd"),
        HookAction::Publish => ("published", "gepubliceerd"),
        HookAction::Unpublish => ("unpublished", "van publicatie gehaald"),
        HookAction::DiscardDraft => ("reset to the published version", "teruggezet naar wat gepubliceerd is"),
    }
}

pub(super) fn policy_sentence(types: &[&String], claims: Vec<ReachClaim>) -> ReachLine {
    let named = |chosen| types.iter().map(move |uid| name_type(uid, chosen));
    new_line(
        "read-policy",
        format!("Decides who sees which documents of {}", join_words(named(CHOSEN_ENGLISH), "and")),
        format!("Bepaalt wie welke documenten van {} ziet", join_words(named(CHOSEN_DUTCH), "en")),
        claims,
    )
}

pub(super) fn route_sentence(id: &str, route: &ManifestRoute, claims: Vec<ReachClaim>) -> ReachLine {
    let named = |cors: &Cors, chosen| cors.origins.iter().map(|origin| name_type(origin, chosen)).collect::<Vec<_>>();
    let (who_english, who_dutch) = permitted_callers(route);
    let (scripts_english, scripts_dutch) = match route.cors.as_ref().filter(|cors| !cors.origins.is_empty()) {
        None => (String::new(), String::new()),
        Some(cors) => (
            format!(", also scripts from {}", join_words(named(cors, "the origins chosen for"), "and")),
            format!(", ook scripts van {}", join_words(named(cors, "de gekozen herkomsten bij"), "en")),
        ),
    };
    let address = format!("{} /api/{id}{}", route.method, route.path);
    new_line(
        "route",
        format!("Handles {address}: {who_english}{scripts_english}"),
        format!("Beantwoordt {address}: {who_dutch}{scripts_dutch}"),
        claims,
    )
}

/// Names who may call a route.
fn permitted_callers(route: &ManifestRoute) -> (String, String) {
    if route.admits(Auth::None) {
        return ("anyone may call this".to_owned(), "iedereen mag dit aanroepen".to_owned());
    }
    let callers = route.auth.iter().filter_map(|caller| match caller {
        Auth::None => None,
        Auth::User => Some(("signed-in users", "ingelogde gebruikers")),
        Auth::Token => Some(("API tokens", "API-tokens")),
        Auth::Admin => Some(("people in the admin", "mensen in het beheer")),
    });
    let (english, dutch): (Vec<_>, Vec<_>) = callers.unzip();
    let (needed_english, needed_dutch) = match &route.permission {
        None => (String::new(), String::new()),
        Some(permission) => (format!(" with the permission {permission}"), format!(" met het recht {permission}")),
    };
    (
        format!("{}{needed_english} may call this", join_words(english, "and")),
        format!("{}{needed_dutch} mogen dit aanroepen", join_words(dutch, "en")),
    )
}

pub(super) fn pages_sentence(outside_images: bool, claims: Vec<ReachClaim>) -> ReachLine {
    let (images_english, images_dutch) = match outside_images {
        true => (", also with pictures of other sites", ", ook met afbeeldingen van andere sites"),
        false => ("", ""),
    };
    new_line(
        "pages",
        format!(
            "Shows pages to visitors, with scripts and styles of its own, sealed off from the rest of the site{images_english}"
        ),
        format!(
            "Toont pagina\u{2019}s aan bezoekers, met eigen scripts en stijlen, afgesloten van de rest van de site{images_dutch}"
        ),
        claims,
    )
}

pub(super) fn translation_sentence(claims: Vec<ReachClaim>) -> ReachLine {
    new_line(
        "service",
        "Translates texts: gets what editors have translated, of every content type that they may update".to_owned(),
        "Vertaalt teksten: krijgt wat redacteuren laten vertalen, van elk contenttype dat ze mogen wijzigen".to_owned(),
        claims,
    )
}

pub(super) fn subscription_sentence(subscription: &Subscription, claims: Vec<ReachClaim>) -> ReachLine {
    let (english, dutch): (Vec<String>, Vec<String>) = subscription
        .to
        .iter()
        .map(|(target, _)| match target {
            SubscriptionTarget::Documents { uid, action: None } => {
                let (english, dutch) = (name_type(uid, CHOSEN_ENGLISH), name_type(uid, CHOSEN_DUTCH));
                (format!("every change to {english}"), format!("alles wat er met {dutch} gebeurt"))
            }
            SubscriptionTarget::Documents { uid, action: Some(action) } => {
                let (english, dutch) = action_participle(*action);
                let (uid, dutch_uid) = (name_type(uid, CHOSEN_ENGLISH), name_type(uid, CHOSEN_DUTCH));
                (format!("{uid} being {english}"), format!("dat {dutch_uid} wordt {dutch}"))
            }
            SubscriptionTarget::Event(event) if event.name.starts_with("cairn.document") => (
                format!("the event {event} for documents that it may read"),
                format!("de gebeurtenis {event} van documenten die het mag lezen"),
            ),
            SubscriptionTarget::Event(event) => (format!("the event {event}"), format!("de gebeurtenis {event}")),
        })
        .unzip();
    new_line(
        "subscription",
        format!("Is notified afterwards of {}", join_words(&english, "and")),
        format!("Hoort achteraf van {}", join_words(&dutch, "en")),
        claims,
    )
}

pub(super) fn schedule_sentence(schedule: &ManifestSchedule, claims: Vec<ReachClaim>) -> ReachLine {
    let zone = match &schedule.zone {
        Zone::Named(zone) => zone.to_string(),
        Zone::Setting(setting) => format!("settings:{setting}"),
    };
    let (job, cron) = (&schedule.job, &schedule.cron);
    new_line(
        "schedule",
        format!("Starts {job} on a schedule ({cron}, {zone})"),
        format!("Begint vanzelf met {job} ({cron}, {zone})"),
        claims,
    )
}

pub(super) fn view_sentence(view: &AdminView, claims: Vec<ReachClaim>) -> ReachLine {
    let name = &view.name;
    let (mut english, mut dutch) = match view.kind {
        ViewKind::Page => {
            (format!("Adds the page {name} to the admin"), format!("Voegt de pagina {name} toe aan het beheer"))
        }
        ViewKind::Panel => (
            format!("Adds the panel {name} next to the form of entries"),
            format!("Voegt het paneel {name} toe naast het formulier van items"),
        ),
        ViewKind::Document => (
            format!("Shows entries on its page {name}, with the form one click away"),
            format!("Toont items op zijn pagina {name}, met het formulier één klik verder"),
        ),
        ViewKind::Widget => (
            format!("Adds the tile {name} to the home page of the admin"),
            format!("Voegt de tegel {name} toe aan de startpagina van het beheer"),
        ),
        ViewKind::List => {
            (format!("Adds {name} to lists of entries"), format!("Voegt {name} toe aan lijsten van items"))
        }
        ViewKind::Field => (format!("Renders fields that are {name}"), format!("Tekent velden die {name} zijn")),
    };
    if !view.types.is_empty() {
        english.push_str(&format!(" ({})", join_words(&view.types, "and")));
        dutch.push_str(&format!(" ({})", join_words(&view.types, "en")));
    }
    if matches!(view.source, ViewSource::Frame(_)) {
        english.push_str(", rendered by its own scripts in an isolated frame");
        dutch.push_str(", getekend door eigen scripts in een afgesloten kader");
    }
    new_line("view", english, dutch, claims)
}

pub(super) fn lifecycle_sentence(claims: Vec<ReachClaim>) -> ReachLine {
    new_line(
        "lifecycle",
        "Runs its own code when it is installed, upgraded, switched on or off, or uninstalled".to_owned(),
        "Doet eigen werk wanneer het wordt geïnstalleerd, bijgewerkt, aan- of uitgezet of verwijderd".to_owned(),
        claims,
    )
}

pub(super) fn privacy_sentence(claims: Vec<ReachClaim>) -> ReachLine {
    new_line(
        "privacy",
        "Is told the e-mail address of people whose data are exported or erased, and reports or erases what it has about them"
            .to_owned(),
        "Krijgt het e-mailadres van mensen van wie de gegevens worden geëxporteerd of gewist, en geeft of wist wat het over hen heeft"
            .to_owned(),
        claims,
    )
}

pub(super) fn limits_sentence(limits: &ManifestLimits, claims: Vec<ReachClaim>) -> ReachLine {
    let (memory, calls) = (limits.memory >> 20, limits.concurrency);
    let mut en = format!("Uses up to {memory} MiB of memory in each call, and runs up to {calls} calls at a time");
    let mut nl = format!("Gebruikt tot {memory} MiB geheugen per aanroep, en tot {calls} aanroepen tegelijk");
    let raised = limits.raised_limits();
    // The sentence already begins with memory and concurrency.
    let raised = raised.iter().filter(|limit| !matches!(limit.key, "memory" | "concurrency"));
    let raised: Vec<String> =
        raised.map(|limit| format!("{} {} ({})", limit.key, limit.asked, limit.default)).collect();
    if !raised.is_empty() {
        let raised = raised.join(", ");
        en.push_str(&format!("; raises these limits (defaults in brackets): {raised}"));
        nl.push_str(&format!("; mag meer hebben dan gebruikelijk (tussen haakjes) van: {raised}"));
    }
    new_line("limits", en, nl, claims)
}

/// Joins words to `a, b and c`.
fn join_words<T: AsRef<str>>(all: impl IntoIterator<Item = T>, and: &str) -> String {
    let all: Vec<T> = all.into_iter().collect();
    let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    match all.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last_item, others)) => format!("{} {and} {last_item}", others.join(", ")),
    }
}
