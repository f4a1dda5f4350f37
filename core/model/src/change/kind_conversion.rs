//! Conversions between kinds of attributes: the table behind every change of type.

use super::snapshot::{AttributeShape, KindShape, RelationShape, RelationWord, SideShape};
use crate::registry::FILE_UID;

/// How the content of one attribute fits another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindFit {
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

/// Returns how the content of `from` fits `to`. Names in `from` are already those of the new model.
pub fn kind_fit(from: &AttributeShape, to: &AttributeShape) -> KindFit {
    use KindShape::*;
    if from.kind.is_link() && to.kind.is_link() {
        return link_fit(from, to);
    }
    match (&from.kind, &to.kind) {
        (Component { .. } | DynamicZone { .. }, _) | (_, Component { .. } | DynamicZone { .. }) => {
            component_fit(from, to)
        }
        (a, b) if a.is_link() || b.is_link() => impossible_fit(from, to),
        (a, b) => scalar_fit(a, b, from.max_length, to.max_length).unwrap_or_else(|| impossible_fit(from, to)),
    }
}

fn impossible_fit(from: &AttributeShape, to: &AttributeShape) -> KindFit {
    KindFit::Impossible(format!("a {} cannot become a {}", from.kind.display_name(), to.kind.display_name()))
}

/// The table of scalars; `None` if no conversion exists.
fn scalar_fit(from: &KindShape, to: &KindShape, had: Option<usize>, has: Option<usize>) -> Option<KindFit> {
    use KindShape::*;
    // A text written as another kind of text may be too long for it. Where the kind stays, the limit is one of the rules
    // that hold from the next time the entry is saved.
    let limited = |fit: KindFit| match has {
        Some(limit) if is_text(to) && had.is_none_or(|had| had > limit) => KindFit::Tried,
        _ => fit,
    };
    Some(match (from, to) {
        (Enumeration { values: old }, Enumeration { values: new }) => {
            if old.iter().all(|value| new.contains(value)) {
                KindFit::Same
            } else {
                KindFit::Tried
            }
        }
        (a, b) if a == b => KindFit::Same,
        (Password, _) | (_, Password) => return None,
        (a, Blocks) => match a {
            Json => KindFit::Tried,
            String | Text => KindFit::Lossless,
            _ => return None,
        },
        (Blocks, Json) => KindFit::Same,
        (Blocks, _) => return None,
        (_, Json) => KindFit::Lossless,
        (Json, b) if is_text(b) => strict_fit(b, limited(KindFit::Lossless)),
        (Json, _) => KindFit::Tried,
        (a, b) if is_text(a) && is_text(b) => strict_fit(b, limited(KindFit::Same)),
        (Enumeration { .. }, b) if is_text(b) => strict_fit(b, limited(KindFit::Same)),
        (a, b) if is_text(b) => strict_fit(
            b,
            limited(if is_time(a) || is_number(a) || *a == Boolean { KindFit::Lossless } else { return None }),
        ),
        (a, Enumeration { .. }) if is_text(a) || is_number(a) || *a == Boolean => KindFit::Tried,
        (a, _) if is_text(a) => KindFit::Tried,
        (Enumeration { .. }, _) => KindFit::Tried,
        (Integer, BigInteger | Float | Decimal)
        | (BigInteger, Integer | Decimal)
        | (Boolean, Integer | BigInteger | Float | Decimal) => KindFit::Lossless,
        (a, b) if is_number(a) && (is_number(b) || *b == Boolean) => KindFit::Tried,
        (Date, DateTime) => KindFit::Lossless,
        (DateTime, Date) => KindFit::Tried,
        _ => return None,
    })
}

fn is_time(kind: &KindShape) -> bool {
    use KindShape::*;
    matches!(kind, Date | DateTime | Time)
}

/// Restricts conversions to e-mail addresses and uids, whose form other texts may not have.
fn strict_fit(to: &KindShape, fit: KindFit) -> KindFit {
    if matches!(to, KindShape::Email | KindShape::Uid) { KindFit::Tried } else { fit }
}

fn component_fit(from: &AttributeShape, to: &AttributeShape) -> KindFit {
    use KindShape::*;
    match (&from.kind, &to.kind) {
        (Component { component: a, repeatable: many }, Component { component: b, repeatable: list }) if a == b => {
            match (many, list) {
                (false, true) => KindFit::Lossless,
                (true, false) => KindFit::Tried,
                _ => KindFit::Same,
            }
        }
        (Component { component, .. }, DynamicZone { components }) if components.contains(component) => {
            KindFit::Lossless
        }
        (DynamicZone { components }, Component { component, .. }) if components.contains(component) => KindFit::Tried,
        // Components that the zone may no longer contain are dropped by a step of their own.
        (DynamicZone { .. }, DynamicZone { .. }) => KindFit::Same,
        _ => impossible_fit(from, to),
    }
}

/// How links are stored, whatever the relation is called.
pub(super) struct LinkShape<'a> {
    /// Uid of the target; `None`: documents of any type.
    pub(super) target: Option<&'a str>,
    pub(super) many: bool,
    /// True if a target belongs to one document at most.
    pub(super) exclusive: bool,
    pub(super) side: &'a SideShape,
}

impl<'a> LinkShape<'a> {
    pub(super) fn from_kind(kind: &'a KindShape) -> Option<Self> {
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

fn link_fit(from: &AttributeShape, to: &AttributeShape) -> KindFit {
    let (Some(a), Some(b)) = (LinkShape::from_kind(&from.kind), LinkShape::from_kind(&to.kind)) else {
        return impossible_fit(from, to);
    };
    match (a.side, b.side) {
        // The inverse side stores no links, so none can be lost.
        (SideShape::Inverse(_), SideShape::Inverse(_)) => return KindFit::Same,
        (SideShape::Inverse(owner), _) | (_, SideShape::Inverse(owner)) => {
            return KindFit::Impossible(format!(
                "the links of this relation would be stored on its other side (`{owner}`); leave `inversedBy` \
                 where it is"
            ));
        }
        _ => {}
    }
    match (a.target, b.target) {
        (Some(old), Some(new)) if old != new => {
            KindFit::Impossible(format!("links to `{old}` cannot become links to `{new}`"))
        }
        (None, Some(_)) => KindFit::Tried,
        _ if a.many && !b.many || !a.exclusive && b.exclusive => KindFit::Tried,
        (Some(_), None) => KindFit::Lossless,
        _ if a.many != b.many => KindFit::Lossless,
        _ => KindFit::Same,
    }
}
