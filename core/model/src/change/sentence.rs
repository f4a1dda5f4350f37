//! Describes steps in sentences.

use super::answers::Decision;
use super::kind_conversion::LinkShape;
use super::snapshot::{AttributeShape, CollationShape, KindShape, SideShape};
use super::step::{ASIDE_PREFIX, ChangeClass, SchemaChange};

/// One or two sentences: what is changed, and what that means for the content.
pub(super) fn describe_change(change: &SchemaChange, class: ChangeClass) -> String {
    match change {
        SchemaChange::AddType { content_type: t } => {
            format!("Add the content type `{}` with the table `{}`.", t.uid, t.table)
        }
        SchemaChange::AddComponent { component: c } => format!("Add the component `{}`.", c.uid),
        SchemaChange::AddAttribute { owner, attribute: a } => {
            let later = if a.required { " Existing entries have none until they are next saved." } else { "" };
            format!("Add `{}` to `{owner}` ({}).{later}", a.name, a.kind.display_name())
        }
        SchemaChange::RenameType { from, to } => describe_rename("the content type", from, to),
        SchemaChange::RenameTable { uid, from, to } => describe_rename(&format!("the table of `{uid}`:"), from, to),
        SchemaChange::RenameComponent { from, to } => describe_rename("the component", from, to),
        SchemaChange::RenameAttribute { owner, from, to } => {
            describe_rename(&format!("in `{owner}`"), &from.name, &to.name)
        }
        SchemaChange::DropAttribute { owner, attribute, original } => {
            describe_drop(owner, attribute, original.as_deref().unwrap_or(&attribute.name), class)
        }
        SchemaChange::DropZoneComponent { owner, attribute, component } => {
            format!("Drop the `{component}` components from the zone `{attribute}` of `{owner}`. They go to the trash.")
        }
        SchemaChange::DropType { content_type: t } => {
            format!(
                "Drop the content type `{}` and all its entries (table `{}`). They go to the trash.",
                t.uid, t.table
            )
        }
        SchemaChange::DropComponent { component } => {
            format!("Remove the component `{}`; nothing uses it.", component.uid)
        }
        SchemaChange::MoveIn { uid, from, component, to } => {
            format!("Move `{}` of `{uid}` into `{component}.{to}`. Its values stay.", original_name(&from.name))
        }
        SchemaChange::MoveOut { uid, component, from, attribute } => {
            format!("Move `{component}.{from}` of `{uid}` out to `{}`. Its values stay.", attribute.name)
        }
        SchemaChange::Convert { owner, attribute, conversion, decision } => {
            let (from, to) = (&conversion.from, &conversion.to);
            let place = format!("`{attribute}` of `{owner}`");
            if let Some(words) = describe_side(&place, from, to) {
                return words;
            }
            let into = if from.display_name() == to.display_name() {
                format!("Change the values that {place} allows ({})", to.display_name())
            } else {
                format!("Change {place} from {} to {}", from.display_name(), to.display_name())
            };
            match class {
                ChangeClass::Add => format!("{into}. Stored values do not change."),
                _ => format!("{into}. {}", describe_decision(*decision)),
            }
        }
        SchemaChange::Required { owner, attribute, on: true, decision } => match decision {
            Decision::Keep => format!("Require `{attribute}` of `{owner}` from the next time an entry is saved."),
            _ => format!("Require `{attribute}` of `{owner}`. Every entry must have a value."),
        },
        SchemaChange::Required { owner, attribute, on: false, .. } => {
            format!("Make `{attribute}` of `{owner}` optional.")
        }
        SchemaChange::Unique { owner, attribute, on: true } => {
            format!("Make `{attribute}` of `{owner}` unique. No two entries may have the same value.")
        }
        SchemaChange::Unique { owner, attribute, on: false } => {
            format!("Allow duplicate values of `{attribute}` in `{owner}`.")
        }
        SchemaChange::Localized { owner, attribute, on: true, .. } => {
            format!("Store `{attribute}` of `{owner}` per locale. Every locale starts with its current value.")
        }
        SchemaChange::Localized { owner, attribute, on: false, decision } => match decision {
            Decision::Cut => format!(
                "Store one `{attribute}` of `{owner}` for all locales: that of the default locale. The others go \
                 to the trash."
            ),
            _ => format!(
                "Store one `{attribute}` of `{owner}` for all locales. The locales of an entry must have the same \
                 value."
            ),
        },
        SchemaChange::Index { owner, attribute, on: true } => format!("Index `{attribute}` of `{owner}`."),
        SchemaChange::Index { owner, attribute, on: false } => {
            format!("Remove the index of `{attribute}` of `{owner}`.")
        }
        SchemaChange::Indexes { owner, indexes } if indexes.is_empty() => {
            format!("Remove the compound indexes of `{owner}`.")
        }
        SchemaChange::Indexes { owner, indexes } => {
            let lists: Vec<String> = indexes.iter().map(|names| names.join(" + ")).collect();
            format!("Set the compound indexes of `{owner}` to: {}.", lists.join(", "))
        }
        SchemaChange::UniqueKeys { owner, keys } if keys.is_empty() => {
            format!("Remove the unique keys of `{owner}`.")
        }
        SchemaChange::UniqueKeys { owner, keys } => {
            let lists: Vec<String> = keys.iter().map(|names| names.join(" + ")).collect();
            format!("Set the unique keys of `{owner}` to: {}. No two entries may share a key.", lists.join(", "))
        }
        SchemaChange::Collation { owner, collation: None } => {
            format!("Sort the texts of `{owner}` by code point. Their collation keys are removed.")
        }
        SchemaChange::Collation { owner, collation: Some(CollationShape { order, version }) } => {
            format!(
                "Sort the texts of `{owner}` by the collation `{order}`. Their collation keys are computed ({version})."
            )
        }
        SchemaChange::DraftPublish { uid, on: true } => {
            format!("Enable drafts for `{uid}`. Every entry stays published and gets a draft with the same content.")
        }
        SchemaChange::DraftPublish { uid, on: false } => format!(
            "Disable drafts for `{uid}`. Published versions stay. Entries that were never published and \
             unpublished changes go to the trash."
        ),
        SchemaChange::TypeLocalized { uid, on: true, .. } => {
            format!("Enable locales for `{uid}`. Every entry becomes the version in the default locale.")
        }
        SchemaChange::TypeLocalized { uid, on: false, .. } => format!(
            "Disable locales for `{uid}`. Each entry keeps its version in the default locale, or the first one if \
             it has none. The others go to the trash."
        ),
    }
}

fn describe_rename(subject: &str, from: &str, to: &str) -> String {
    match (is_aside(from), is_aside(to)) {
        (_, true) => format!("Set aside {subject} `{from}`: another one takes its name."),
        (true, _) => format!("Rename {subject} (set aside earlier) to `{to}`."),
        _ => format!("Rename {subject} `{from}` to `{to}`."),
    }
}

fn is_aside(name: &str) -> bool {
    name.starts_with(ASIDE_PREFIX) || name.starts_with("cairn_aside")
}

fn original_name(name: &str) -> &str {
    if is_aside(name) { "what was set aside" } else { name }
}

fn describe_drop(owner: &str, attribute: &AttributeShape, name: &str, class: ChangeClass) -> String {
    let place = format!("`{name}` from `{owner}`");
    match (&attribute.kind, class) {
        (_, ChangeClass::Move) => format!("Remove {place}: all of its content was moved."),
        (_, ChangeClass::Add) => format!("Remove {place}: it has no content."),
        (kind, _) => match LinkShape::from_kind(kind).map(|links| links.side) {
            Some(SideShape::Inverse(across)) => {
                format!("Drop {place}. The links remain with `{across}`; their order on this side is lost.")
            }
            _ => format!("Drop {place} ({}). Its content goes to the trash.", attribute.kind.display_name()),
        },
    }
}

/// Describes a relation whose other side changes and nothing else.
fn describe_side(place: &str, from: &KindShape, to: &KindShape) -> Option<String> {
    let (a, b) = (LinkShape::from_kind(from)?, LinkShape::from_kind(to)?);
    if a.many != b.many || a.target != b.target || b.exclusive && !a.exclusive {
        return None;
    }
    match (a.side, b.side) {
        (SideShape::OneWay, SideShape::Owner(across)) => {
            Some(format!("Make {place} two-way, with `{across}` on the other side."))
        }
        (SideShape::Owner(across), SideShape::OneWay) => Some(format!("Make {place} one-way, without `{across}`.")),
        (SideShape::Inverse(_), SideShape::Inverse(across)) => {
            Some(format!("Make {place} show the links of `{across}`."))
        }
        _ => None,
    }
}

fn describe_decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Null => "Values that do not fit become null and go to the trash.",
        Decision::Cut => "Values that are too long are cut, and the rest goes to the trash.",
        Decision::Fail | Decision::Keep | Decision::Drop => {
            "The change is tried on the data; if anything does not fit, nothing is changed."
        }
    }
}

/// The id of a step in JSON and on the command line: the verb and the place.
pub(super) fn change_id(change: &SchemaChange) -> String {
    let at = |verb: &str, owner: &str, name: &str| format!("{verb}:{owner}.{name}");
    match change {
        SchemaChange::AddType { content_type } => format!("add:{}", content_type.uid),
        SchemaChange::AddComponent { component } => format!("add:{}", component.uid),
        SchemaChange::AddAttribute { owner, attribute } => at("add", owner, &attribute.name),
        SchemaChange::RenameType { from, to } | SchemaChange::RenameComponent { from, to } => {
            format!("rename:{from}={to}")
        }
        SchemaChange::RenameTable { uid, to, .. } => format!("table:{uid}={to}"),
        SchemaChange::RenameAttribute { owner, from, to } => format!("rename:{owner}.{}={}", from.name, to.name),
        SchemaChange::DropAttribute { owner, attribute, original } => {
            at("drop", owner, original.as_ref().unwrap_or(&attribute.name))
        }
        SchemaChange::DropZoneComponent { owner, attribute, component } => {
            format!("drop:{owner}.{attribute}[{component}]")
        }
        SchemaChange::DropType { content_type } => format!("drop:{}", content_type.uid),
        SchemaChange::DropComponent { component } => format!("forget:{}", component.uid),
        SchemaChange::MoveIn { uid, from, component, to } => format!("move:{uid}.{}={component}.{to}", from.name),
        SchemaChange::MoveOut { uid, component, from, attribute } => {
            format!("move:{uid}.{component}.{from}={}", attribute.name)
        }
        SchemaChange::Convert { owner, attribute, .. } => at("convert", owner, attribute),
        SchemaChange::Required { owner, attribute, .. } => at("required", owner, attribute),
        SchemaChange::Unique { owner, attribute, .. } => at("unique", owner, attribute),
        SchemaChange::Localized { owner, attribute, .. } => at("localized", owner, attribute),
        SchemaChange::Index { owner, attribute, .. } => at("index", owner, attribute),
        SchemaChange::Indexes { owner, .. } => format!("indexes:{owner}"),
        SchemaChange::UniqueKeys { owner, .. } => format!("keys:{owner}"),
        SchemaChange::Collation { owner, .. } => format!("collation:{owner}"),
        SchemaChange::DraftPublish { uid, .. } => format!("drafts:{uid}"),
        SchemaChange::TypeLocalized { uid, .. } => format!("locales:{uid}"),
    }
}
