//! Which kind can be converted to which: the table behind every change of type.

use super::snapshot::{AttributeShape, KindShape, RelationShape, RelationWord, SideShape};
use crate::registry::FILE_UID;

/// How the content of one attribute fits another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// Stored values are unchanged.
    Same,
    /// Every value can be converted. Stored values are rewritten; numbers at the far end of their range are checked even so.
    Lossless,
    /// Some values may not fit: it is tried on the data.
    Tried,
    /// No rule allows it; says why.
    Impossible(String),
}

/// The kinds whose values are text in a column of text.
fn is_text(kind: &KindShape) -> bool {
    use KindShape::*;
    matches!(kind, String | Text | RichText | Email | Uid)
}

fn is_number(kind: &KindShape) -> bool {
    use KindShape::*;
    matches!(kind, Integer | BigInteger | Float | Decimal)
}

/// Whether the content of `from` can become that of `to`. Names in `from` are already those of the new model.
pub fn fit(from: &AttributeShape, to: &AttributeShape) -> Fit {
    use KindShape::*;
    if from.kind.is_link() && to.kind.is_link() {
        return links(from, to);
    }
    match (&from.kind, &to.kind) {
        (Component { .. } | DynamicZone { .. }, _) | (_, Component { .. } | DynamicZone { .. }) => components(from, to),
        (a, b) if a.is_link() || b.is_link() => impossible(from, to),
        (a, b) => scalars(a, b, from.max_length, to.max_length).unwrap_or_else(|| impossible(from, to)),
    }
}

fn impossible(from: &AttributeShape, to: &AttributeShape) -> Fit {
    Fit::Impossible(format!("a {} cannot become a {}", from.kind.name(), to.kind.name()))
}

/// The table of scalars; `None` if no conversion exists.
fn scalars(from: &KindShape, to: &KindShape, had: Option<usize>, has: Option<usize>) -> Option<Fit> {
    use KindShape::*;
    // A text written as another kind of text may be too long for it. Where the kind stays, the limit is one of the rules
    // that hold from the next time the entry is saved.
    let limited = |fit: Fit| match has {
        Some(limit) if is_text(to) && had.is_none_or(|had| had > limit) => Fit::Tried,
        _ => fit,
    };
    Some(match (from, to) {
        (Enumeration { values: old }, Enumeration { values: new }) => {
            if old.iter().all(|value| new.contains(value)) {
                Fit::Same
            } else {
                Fit::Tried
            }
        }
        (a, b) if a == b => Fit::Same,
        (Password, _) | (_, Password) => return None,
        (a, Blocks) => match a {
            Json => Fit::Tried,
            String | Text => Fit::Lossless,
            _ => return None,
        },
        (Blocks, Json) => Fit::Same,
        (Blocks, _) => return None,
        (_, Json) => Fit::Lossless,
        (Json, b) if is_text(b) => strict(b, limited(Fit::Lossless)),
        (Json, _) => Fit::Tried,
        (a, b) if is_text(a) && is_text(b) => strict(b, limited(Fit::Same)),
        (Enumeration { .. }, b) if is_text(b) => strict(b, limited(Fit::Same)),
        (a, b) if is_text(b) => {
            strict(b, limited(if is_time(a) || is_number(a) || *a == Boolean { Fit::Lossless } else { return None }))
        }
        (a, Enumeration { .. }) if is_text(a) || is_number(a) || *a == Boolean => Fit::Tried,
        (a, _) if is_text(a) => Fit::Tried,
        (Enumeration { .. }, _) => Fit::Tried,
        (Integer, BigInteger | Float | Decimal)
        | (BigInteger, Integer | Decimal)
        | (Boolean, Integer | BigInteger | Float | Decimal) => Fit::Lossless,
        (a, b) if is_number(a) && (is_number(b) || *b == Boolean) => Fit::Tried,
        (Date, DateTime) => Fit::Lossless,
        (DateTime, Date) => Fit::Tried,
        _ => return None,
    })
}

fn is_time(kind: &KindShape) -> bool {
    use KindShape::*;
    matches!(kind, Date | DateTime | Time)
}

/// Restricts conversions to e-mail addresses and uids, whose form other texts may not have.
fn strict(to: &KindShape, fit: Fit) -> Fit {
    if matches!(to, KindShape::Email | KindShape::Uid) { Fit::Tried } else { fit }
}

fn components(from: &AttributeShape, to: &AttributeShape) -> Fit {
    use KindShape::*;
    match (&from.kind, &to.kind) {
        (Component { component: a, repeatable: many }, Component { component: b, repeatable: list }) if a == b => {
            match (many, list) {
                (false, true) => Fit::Lossless,
                (true, false) => Fit::Tried,
                _ => Fit::Same,
            }
        }
        (Component { component, .. }, DynamicZone { components }) if components.contains(component) => Fit::Lossless,
        (DynamicZone { components }, Component { component, .. }) if components.contains(component) => Fit::Tried,
        // What the zone may no longer hold is a step of its own.
        (DynamicZone { .. }, DynamicZone { .. }) => Fit::Same,
        _ => impossible(from, to),
    }
}

/// How links are stored, whatever the relation is called.
pub(super) struct Links<'a> {
    /// Uid of the target; `None`: documents of any type.
    pub(super) target: Option<&'a str>,
    pub(super) many: bool,
    /// Whether a target belongs to one document at most.
    pub(super) exclusive: bool,
    pub(super) side: &'a SideShape,
}

impl<'a> Links<'a> {
    pub(super) fn of(kind: &'a KindShape) -> Option<Self> {
        match kind {
            KindShape::Media { multiple } => {
                Some(Self { target: Some(FILE_UID), many: *multiple, exclusive: false, side: &SideShape::OneWay })
            }
            KindShape::Relation(RelationShape { relation, target, side }) => Some(Self {
                target: target
                    .as_deref()
                    .filter(|_| !matches!(relation, RelationWord::MorphToOne | RelationWord::MorphToMany)),
                many: relation.to_many(),
                exclusive: *relation == RelationWord::OneToOne && matches!(side, SideShape::Owner(_)),
                side,
            }),
            _ => None,
        }
    }
}

fn links(from: &AttributeShape, to: &AttributeShape) -> Fit {
    let (Some(a), Some(b)) = (Links::of(&from.kind), Links::of(&to.kind)) else { return impossible(from, to) };
    match (a.side, b.side) {
        // Nothing is kept on this side, so nothing can be lost on it.
        (SideShape::Inverse(_), SideShape::Inverse(_)) => return Fit::Same,
        (SideShape::Inverse(owner), _) | (_, SideShape::Inverse(owner)) => {
            return Fit::Impossible(format!(
                "the links of this relation would be stored on its other side (`{owner}`); leave `inversedBy` \
                 where it is"
            ));
        }
        _ => {}
    }
    match (a.target, b.target) {
        (Some(old), Some(new)) if old != new => {
            Fit::Impossible(format!("links to `{old}` cannot become links to `{new}`"))
        }
        (None, Some(_)) => Fit::Tried,
        _ if a.many && !b.many || !a.exclusive && b.exclusive => Fit::Tried,
        (Some(_), None) => Fit::Lossless,
        _ if a.many != b.many => Fit::Lossless,
        _ => Fit::Same,
    }
}
