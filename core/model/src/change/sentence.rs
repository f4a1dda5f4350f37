//! Describes steps in sentences.

use super::answers::Decision;
use super::kinds::Links;
use super::snapshot::{AttributeShape, KindShape, SideShape};
use super::step::{ASIDE, Change, Class};

/// One or two sentences: what is changed, and what that means for the content.
pub(super) fn sentence(change: &Change, class: Class) -> String {
    match change {
        Change::AddType { content_type: t } => {
            format!("Add the content type `{}` with the table `{}`.", t.uid, t.table)
        }
        Change::AddComponent { component: c } => format!("Add the component `{}`.", c.uid),
        Change::AddAttribute { owner, attribute: a } => {
            let later = if a.required { " Entries that exist have none until they are next saved." } else { "" };
            format!("Add `{}` to `{owner}` ({}).{later}", a.name, a.kind.name())
        }
        Change::RenameType { from, to } => renamed("the content type", from, to),
        Change::RenameTable { uid, from, to } => renamed(&format!("the table of `{uid}`:"), from, to),
        Change::RenameComponent { from, to } => renamed("the component", from, to),
        Change::RenameAttribute { owner, from, to } => renamed(&format!("in `{owner}`"), &from.name, &to.name),
        Change::DropAttribute { owner, attribute, original } => {
            dropped(owner, attribute, original.as_deref().unwrap_or(&attribute.name), class)
        }
        Change::DropZoneComponent { owner, attribute, component } => {
            format!("Drop the `{component}` components from the zone `{attribute}` of `{owner}`. They go to the trash.")
        }
        Change::DropType { content_type: t } => {
            format!(
                "Drop the content type `{}` and all its entries (table `{}`). They go to the trash.",
                t.uid, t.table
            )
        }
        Change::DropComponent { component } => format!("Forget the component `{}`; nothing holds it.", component.uid),
        Change::MoveIn { uid, from, component, to } => {
            format!("Move `{}` of `{uid}` into `{component}.{to}`. Its values stay.", original(&from.name))
        }
        Change::MoveOut { uid, component, from, attribute } => {
            format!("Move `{component}.{from}` of `{uid}` out to `{}`. Its values stay.", attribute.name)
        }
        Change::Convert { owner, attribute, conversion, decision } => {
            let (from, to) = (&conversion.from, &conversion.to);
            let place = format!("`{attribute}` of `{owner}`");
            if let Some(words) = side(&place, from, to) {
                return words;
            }
            let into = if from.name() == to.name() {
                format!("Change what {place} may hold ({})", to.name())
            } else {
                format!("Change {place} from {} to {}", from.name(), to.name())
            };
            match class {
                Class::Add => format!("{into}. What is stored stays as it is."),
                _ => format!("{into}. {}", failing(*decision)),
            }
        }
        Change::Required { owner, attribute, on: true, decision } => match decision {
            Decision::Keep => format!("Require `{attribute}` of `{owner}` from the next time an entry is saved."),
            _ => format!("Require `{attribute}` of `{owner}`. Every entry must have a value."),
        },
        Change::Required { owner, attribute, on: false, .. } => {
            format!("Do not require `{attribute}` of `{owner}` any more.")
        }
        Change::Unique { owner, attribute, on: true } => {
            format!("Make `{attribute}` of `{owner}` unique. No two entries may have the same value.")
        }
        Change::Unique { owner, attribute, on: false } => format!("Let `{attribute}` of `{owner}` have equal values."),
        Change::Localized { owner, attribute, on: true, .. } => {
            format!("Keep `{attribute}` of `{owner}` per locale. Every locale starts with the value it shows now.")
        }
        Change::Localized { owner, attribute, on: false, decision } => match decision {
            Decision::Cut => format!(
                "Keep one `{attribute}` of `{owner}` for all locales: that of the default locale. The others go to the trash."
            ),
            _ => format!(
                "Keep one `{attribute}` of `{owner}` for all locales. The locales of an entry must have the same value."
            ),
        },
        Change::Index { owner, attribute, on: true } => format!("Index `{attribute}` of `{owner}`."),
        Change::Index { owner, attribute, on: false } => format!("Remove the index of `{attribute}` of `{owner}`."),
        Change::Indexes { owner, indexes } if indexes.is_empty() => {
            format!("Remove the compound indexes of `{owner}`.")
        }
        Change::Indexes { owner, indexes } => {
            let lists: Vec<String> = indexes.iter().map(|names| names.join(" + ")).collect();
            format!("Let the compound indexes of `{owner}` be: {}.", lists.join(", "))
        }
        Change::UniqueKeys { owner, keys } if keys.is_empty() => {
            format!("Let entries of `{owner}` share every key.")
        }
        Change::UniqueKeys { owner, keys } => {
            let lists: Vec<String> = keys.iter().map(|names| names.join(" + ")).collect();
            format!("Let the unique keys of `{owner}` be: {}. No two entries may share one.", lists.join(", "))
        }
        Change::DraftPublish { uid, on: true } => {
            format!("Give `{uid}` drafts. Every entry stays published and gets a draft with the same content.")
        }
        Change::DraftPublish { uid, on: false } => format!(
            "Take drafts away from `{uid}`. Published versions stay. Entries that were never published, and changes that \
             were not published, go to the trash."
        ),
        Change::TypeLocalized { uid, on: true, .. } => {
            format!("Give `{uid}` locales. Every entry becomes its version in the default locale.")
        }
        Change::TypeLocalized { uid, on: false, .. } => format!(
            "Take locales away from `{uid}`. Of each entry the version in the default locale stays, or where there is none \
             the first. The others go to the trash."
        ),
    }
}

fn renamed(what: &str, from: &str, to: &str) -> String {
    match (is_aside(from), is_aside(to)) {
        (_, true) => format!("Set aside {what} `{from}`: another one takes its name."),
        (true, _) => format!("Rename {what} what was set aside to `{to}`."),
        _ => format!("Rename {what} `{from}` to `{to}`."),
    }
}

fn is_aside(name: &str) -> bool {
    name.starts_with(ASIDE) || name.starts_with("cairn_aside")
}

fn original(name: &str) -> &str {
    if is_aside(name) { "what was set aside" } else { name }
}

fn dropped(owner: &str, attribute: &AttributeShape, name: &str, class: Class) -> String {
    let place = format!("`{name}` from `{owner}`");
    match (&attribute.kind, class) {
        (_, Class::Move) => format!("Remove {place}: all it held was moved."),
        (_, Class::Add) => format!("Remove {place}: nothing holds it."),
        (kind, _) => match Links::of(kind).map(|links| links.side) {
            Some(SideShape::Inverse(across)) => {
                format!("Drop {place}. The links stay with `{across}`; their order on this side is lost.")
            }
            _ => format!("Drop {place} ({}). Its content goes to the trash.", attribute.kind.name()),
        },
    }
}

/// Describes a relation whose other side changes and nothing else.
fn side(place: &str, from: &KindShape, to: &KindShape) -> Option<String> {
    let (a, b) = (Links::of(from)?, Links::of(to)?);
    if a.many != b.many || a.target != b.target || b.exclusive && !a.exclusive {
        return None;
    }
    match (a.side, b.side) {
        (SideShape::OneWay, SideShape::Owner(across)) => {
            Some(format!("Show {place} on its other side too, as `{across}`."))
        }
        (SideShape::Owner(across), SideShape::OneWay) => Some(format!("Make {place} one-way, without `{across}`.")),
        (SideShape::Inverse(_), SideShape::Inverse(across)) => {
            Some(format!("Let {place} show the links of `{across}`."))
        }
        _ => None,
    }
}

fn failing(decision: Decision) -> &'static str {
    match decision {
        Decision::Null => "What does not fit becomes null, and goes to the trash.",
        Decision::Cut => "What is too much is cut off, and goes to the trash.",
        Decision::Fail | Decision::Keep | Decision::Drop => {
            "It is tried on the data; if anything does not fit, nothing is changed."
        }
    }
}

/// The id of a step in JSON and on the command line: the verb and the place.
pub(super) fn id(change: &Change) -> String {
    let at = |verb: &str, owner: &str, name: &str| format!("{verb}:{owner}.{name}");
    match change {
        Change::AddType { content_type } => format!("add:{}", content_type.uid),
        Change::AddComponent { component } => format!("add:{}", component.uid),
        Change::AddAttribute { owner, attribute } => at("add", owner, &attribute.name),
        Change::RenameType { from, to } | Change::RenameComponent { from, to } => format!("rename:{from}={to}"),
        Change::RenameTable { uid, to, .. } => format!("table:{uid}={to}"),
        Change::RenameAttribute { owner, from, to } => format!("rename:{owner}.{}={}", from.name, to.name),
        Change::DropAttribute { owner, attribute, original } => {
            at("drop", owner, original.as_ref().unwrap_or(&attribute.name))
        }
        Change::DropZoneComponent { owner, attribute, component } => format!("drop:{owner}.{attribute}[{component}]"),
        Change::DropType { content_type } => format!("drop:{}", content_type.uid),
        Change::DropComponent { component } => format!("forget:{}", component.uid),
        Change::MoveIn { uid, from, component, to } => format!("move:{uid}.{}={component}.{to}", from.name),
        Change::MoveOut { uid, component, from, attribute } => {
            format!("move:{uid}.{component}.{from}={}", attribute.name)
        }
        Change::Convert { owner, attribute, .. } => at("convert", owner, attribute),
        Change::Required { owner, attribute, .. } => at("required", owner, attribute),
        Change::Unique { owner, attribute, .. } => at("unique", owner, attribute),
        Change::Localized { owner, attribute, .. } => at("localized", owner, attribute),
        Change::Index { owner, attribute, .. } => at("index", owner, attribute),
        Change::Indexes { owner, .. } => format!("indexes:{owner}"),
        Change::UniqueKeys { owner, .. } => format!("keys:{owner}"),
        Change::DraftPublish { uid, .. } => format!("drafts:{uid}"),
        Change::TypeLocalized { uid, .. } => format!("locales:{uid}"),
    }
}
