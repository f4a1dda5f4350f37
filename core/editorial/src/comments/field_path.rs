//! Paths of attributes in a document: `title`, `seo.metaTitle`, `blocks.2.caption`.

use cairn_model::{Attribute, Attributes, ContentType, FieldKind, Registry};

/// Longest path, in bytes.
const MAX_PATH_BYTES: usize = 300;
/// Largest number of parts of a path.
const MAX_PATH_PARTS: usize = 20;

/// Checks that a path leads to an attribute of a type. A component is named by its position in its list, or left out. The error describes
/// the problem for people.
pub(super) fn check_path(registry: &Registry, ct: &ContentType, path: &str) -> Result<(), String> {
    let parts: Vec<&str> = path.split('.').collect();
    if path.len() > MAX_PATH_BYTES || parts.len() > MAX_PATH_PARTS {
        return Err(format!("A path can have at most {MAX_PATH_BYTES} bytes and {MAX_PATH_PARTS} parts"));
    }
    walk_path(registry, &ct.attributes, &parts).map_err(|part| {
        let part: String = part.chars().take(60).collect();
        format!("{path:?} is not an attribute of {}: {part:?} does not exist", ct.uid)
    })
}

fn walk_path<'p>(registry: &Registry, attributes: &Attributes, parts: &[&'p str]) -> Result<(), &'p str> {
    let [name, rest @ ..] = parts else { return Ok(()) };
    let (_, attribute) = attributes.get(name).ok_or(*name)?;
    // The place of a component in its list.
    let rest = match rest {
        [n, after @ ..] if n.parse::<u32>().is_ok() && has_places(attribute) => after,
        rest => rest,
    };
    let Some(first) = rest.first() else { return Ok(()) };
    match &attribute.kind {
        FieldKind::Component { component, .. } => walk_path(registry, &registry.component(*component).attributes, rest),
        FieldKind::DynamicZone { components, .. } => {
            let any = components.iter().any(|c| walk_path(registry, &registry.component(*c).attributes, rest).is_ok());
            if any { Ok(()) } else { Err(first) }
        }
        _ => Err(first),
    }
}

fn has_places(a: &Attribute) -> bool {
    matches!(a.kind, FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. })
}
