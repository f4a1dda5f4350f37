//! Choices and the sections that refer to them.

use super::choice::{ChoiceKind, MAX_CHOICES, ManifestChoice};
use super::items::choice_reference;
use super::{Manifest, ManifestHook, Phase, SubscriptionTarget};
use crate::address::AddressPattern;
use crate::grants::Scope;
use crate::problem::{ProblemReport, SourceLocation};
use crate::words::{nearest_word, quote_input};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// One place that refers to a choice.
struct ChoiceUse<'m> {
    name: &'m str,
    kind: ChoiceKind,
    section: &'static str,
    at: SourceLocation,
}

pub(super) fn check_choices(m: &Manifest, report: &ProblemReport<'_>) {
    if let Some(first) = m.choices.get(MAX_CHOICES) {
        report.push_error(first.at, format!("the manifest has more than {MAX_CHOICES} choices"), "");
    }
    let uses = list_uses(m);
    for used in &uses {
        check_use(m, used, report);
    }
    for choice in m.choices.iter().filter(|choice| !uses.iter().any(|used| used.name == choice.name)) {
        let list = match choice.kind {
            ChoiceKind::ContentTypes => "the `types` of a grant",
            ChoiceKind::Origins => "the `origins` of a route",
            ChoiceKind::Addresses => "the `to` of a grant `http`",
        };
        report.push_error(
            choice.at,
            format!("[[choice]] \"{}\" is not used", choice.name),
            format!("write \"choice:{}\" in {list}, or remove it", choice.name),
        );
    }
    for hook in &m.hooks {
        check_hook(m, hook, report);
    }
}

fn list_uses(m: &Manifest) -> Vec<ChoiceUse<'_>> {
    let (mut uses, mut addresses) = (Vec::new(), Vec::new());
    let mut push = |text, kind, section, at| {
        uses.extend(choice_reference(text).map(|name| ChoiceUse { name, kind, section, at }));
    };
    for grant in &m.grants {
        match &grant.scope {
            Scope::DataRead { types, .. } | Scope::DataWrite { types, .. } => {
                types.iter().for_each(|uid| push(uid, ChoiceKind::ContentTypes, "[[grant]]", grant.at));
            }
            Scope::Http { to, .. } => {
                let names = to.iter().filter_map(AddressPattern::choice);
                let kind = ChoiceKind::Addresses;
                addresses.extend(names.map(|name| ChoiceUse { name, kind, section: "[[grant]]", at: grant.at }));
            }
            _ => {}
        }
    }
    for target in m.hooks.iter().flat_map(|hook| &hook.on) {
        push(&target.uid, ChoiceKind::ContentTypes, "[[hook]]", target.at);
    }
    for (target, at) in m.subscriptions.iter().flat_map(|subscription| &subscription.to) {
        if let SubscriptionTarget::Documents { uid, .. } = target {
            push(uid, ChoiceKind::ContentTypes, "[[subscription]]", *at);
        }
    }
    if let Some(policy) = &m.read_policy {
        policy.types.iter().for_each(|uid| push(uid, ChoiceKind::ContentTypes, "[read-policy]", policy.at));
    }
    for route in &m.routes {
        let origins = route.cors.iter().flat_map(|cors| &cors.origins);
        origins.for_each(|origin| push(origin, ChoiceKind::Origins, "[[route]]", route.at));
    }
    uses.extend(addresses);
    uses
}

fn check_use(m: &Manifest, used: &ChoiceUse<'_>, report: &ProblemReport<'_>) {
    let ChoiceUse { name, kind, section, at } = used;
    let Some(choice) = m.choices.iter().find(|choice| choice.name == *name) else {
        let hint = match nearest_word(name, m.choices.iter().map(|choice| choice.name.as_str())) {
            Some(near) => format!("did you mean \"choice:{near}\"?"),
            None => format!("add:\n[[choice]]\nname = \"{name}\"\nkind = \"{kind}\""),
        };
        let message = format!("{section} refers to the choice {}, which is not declared", quote_input(name));
        return report.push_error(*at, message, hint);
    };
    if choice.kind != *kind {
        let message = format!("{section} refers to \"choice:{name}\", which is a choice of {}", choice.kind);
        report.push_error(*at, message, format!("a choice of {kind} is needed here"));
    }
}

/// A hook may only look at what every chosen content type has; else the plugin could not run once another type is chosen.
fn check_hook(m: &Manifest, hook: &ManifestHook, report: &ProblemReport<'_>) {
    let chosen = |name: &str| m.choices.iter().find(|choice| choice.name == name);
    let choices: BTreeSet<&str> = hook.on.iter().filter_map(|target| choice_reference(&target.uid)).collect();
    for choice in choices.into_iter().filter_map(chosen) {
        let mut named: BTreeSet<&str> = hook.when.changed.iter().map(String::as_str).collect();
        hook.when.filter.iter().for_each(|filter| collect_attributes(filter, &mut named));
        named.extend(hook.select.iter().filter(|path| !path.contains('.')).map(String::as_str));
        for name in named.into_iter().filter(|name| choice.needed(name).is_none()) {
            push_missing_need(hook, choice, name, name, report);
        }
        for (name, field) in hook.select.iter().filter_map(|path| path.split_once('.')) {
            let related = choice.needed(name).and_then(|needed| needed.kind.as_deref());
            if !matches!(related, Some("relation" | "media")) {
                push_missing_need(hook, choice, name, &format!("{name}:relation"), report);
            }
            if hook.phase == Phase::Prepare && field != "documentId" {
                let message =
                    format!("[[hook]] \"{}\" selects {name}.{field}, which phase \"prepare\" cannot read", hook.name);
                report.push_error(
                    hook.at,
                    message,
                    format!("select \"{name}.documentId\", or write phase = \"before\""),
                );
            }
        }
    }
}

fn push_missing_need(hook: &ManifestHook, choice: &ManifestChoice, name: &str, need: &str, report: &ProblemReport<'_>) {
    let message = format!(
        "[[hook]] \"{}\" names the attribute {}, which the choice \"{}\" does not need",
        hook.name,
        quote_input(name),
        choice.name
    );
    report.push_error(hook.at, message, format!("add \"{need}\" to its `needs`"));
}

/// The attributes that a filter names.
fn collect_attributes<'f>(filter: &'f Map<String, Json>, names: &mut BTreeSet<&'f str>) {
    for (name, condition) in filter {
        match (name.as_str(), condition) {
            ("$and" | "$or", Json::Array(all)) => {
                all.iter().filter_map(Json::as_object).for_each(|one| collect_attributes(one, names))
            }
            ("$not", Json::Object(one)) => collect_attributes(one, names),
            (operator, _) if operator.starts_with('$') => {}
            (name, _) => {
                names.insert(name);
            }
        }
    }
}
