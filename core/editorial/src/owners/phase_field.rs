//! The attribute of a content type that holds the phase of an entry.

use cairn_model::{ContentType, FieldKind, Registry};

/// Checks that a path leads to a value that can be a phase: a scalar attribute, or one of a to-one relation.
pub(crate) fn check_field(registry: &Registry, ct: &ContentType, path: &str) -> Result<(), String> {
    let problem = || {
        format!(
            "{path:?} is not an attribute of {} with a single displayable value; use such an attribute, or one of a \
             to-one relation, as in phase.slug",
            ct.uid
        )
    };
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let (_, attribute) = ct.attributes.get(name).ok_or_else(problem)?;
    if attribute.is_hidden() {
        return Err(problem());
    }
    match (&attribute.kind, rest) {
        (kind, None) if kind.column_type().is_some() => Ok(()),
        (FieldKind::Relation(relation), Some(rest)) if !relation.kind.to_many() => {
            let target = relation.target.map(|t| registry.get(t)).ok_or_else(problem)?;
            let found = target.attributes.get(rest);
            found.filter(|(_, a)| a.is_scalar() && !a.is_hidden()).map(|_| ()).ok_or_else(problem)
        }
        _ => Err(problem()),
    }
}
