//! The documents that a body refers to.

use crate::content_type::{Attributes, ContentType, FieldKind, TypeId};
use crate::links::{self, NamedPosition, NamedTarget, RelationError};
use crate::registry::Registry;
use crate::value::TargetRef;
use serde_json::{Map, Value as Json};

/// A document that a relation or media attribute refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentReference {
    /// The type that it must have.
    pub content_type: TypeId,
    /// The reference that the client sent.
    pub target: TargetRef,
    /// True if it must exist; `false` in `disconnect`, and in `position` (which the order of links refuses itself).
    pub must_exist: bool,
}

/// All documents that `data` refers to, in the order of the schema, also inside components. Returns an error for a value that refers to no
/// document: "Invalid relations".
pub fn find_references(
    reg: &Registry,
    ct: &ContentType,
    data: &Map<String, Json>,
) -> Result<Vec<DocumentReference>, RelationError> {
    let mut references = Vec::new();
    collect_references(reg, &ct.attributes, data, &mut references)?;
    Ok(references)
}

fn collect_references(
    reg: &Registry,
    attributes: &Attributes,
    data: &Map<String, Json>,
    found: &mut Vec<DocumentReference>,
) -> Result<(), RelationError> {
    for (_, attribute) in attributes.iter() {
        let Some(value) = data.get(&attribute.name) else { continue };
        let items = match value {
            Json::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut objects = items.iter().filter_map(Json::as_object);
        match &attribute.kind {
            FieldKind::Component { component, .. } => {
                let attributes = &reg.component(*component).attributes;
                objects.try_for_each(|object| collect_references(reg, attributes, object, found))?;
            }
            FieldKind::DynamicZone { .. } => objects.try_for_each(|object| {
                let uid = object.get("__component").and_then(Json::as_str).unwrap_or_default();
                let component = reg.component_by_uid(uid);
                component.map_or(Ok(()), |component| collect_references(reg, &component.attributes, object, found))
            })?,
            _ => {
                if let Some(link) = reg.attribute_link(attribute) {
                    push_references(links::parse_change(reg, link, value)?, found);
                }
            }
        }
    }
    Ok(())
}

fn push_references(change: links::NamedChange, references: &mut Vec<DocumentReference>) {
    let reference = |named_target: NamedTarget, must_exist| DocumentReference {
        content_type: named_target.content_type,
        target: named_target.target,
        must_exist,
    };
    for (target, position) in change.connect {
        references.push(reference(target, true));
        if let Some(NamedPosition::Before(other) | NamedPosition::After(other)) = position {
            references.push(reference(other, false));
        }
    }
    references.extend(change.disconnect.into_iter().map(|target| reference(target, false)));
}
