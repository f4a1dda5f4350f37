//! The two sides of relations.
//!
//! `inversedBy` is on the side that keeps the links, `mappedBy` on the other. A `manyToOne` always keeps them, and the
//! `oneToMany` across from it never does, whichever of the two words they use.

use super::attributes::Owner;
use super::report::{Report, Site};
use super::types::{Context, Raw};
use crate::content_type::{Attribute, AttributeId, Attributes, ContentType, FieldKind, RelationKind, Side, TypeId};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// A relation of a content type, as its file says.
pub(super) struct Found {
    file: String,
    path: String,
    owner: TypeId,
    name: String,
    kind: RelationKind,
    target: Option<TypeId>,
    /// The word used, for messages.
    word: &'static str,
    /// The attribute across, where one is named.
    across: Option<String>,
    /// This side keeps the links.
    keeps: bool,
}

/// (type, attribute) to side.
pub(super) type Sides = HashMap<(TypeId, String), Side>;

/// Notes a relation for [`sides`]. Inside components relations are one-way.
pub(super) fn note(
    raw: &Raw,
    owner: Owner,
    attribute: &Attribute,
    options: &Map<String, Json>,
    site: &Site<'_>,
    links: &mut Vec<Found>,
) {
    use RelationKind::*;
    let FieldKind::Relation(relation) = &attribute.kind else { return };
    let (inversed, mapped) = (site.text(options, "inversedBy"), site.text(options, "mappedBy"));
    let morph = site.text(options, "morphBy");
    if inversed.is_some() && mapped.is_some() {
        site.problem("has both inversedBy and mappedBy");
    }
    let is_morph_inverse = matches!(relation.kind, MorphOne | MorphMany);
    let Owner::Type { id, .. } = owner else {
        if inversed.or(mapped).is_some() || is_morph_inverse {
            site.problem("a relation inside a component can only be one-way");
        }
        return;
    };
    if is_morph_inverse && morph.is_none() {
        site.at("morphBy").problem("is missing");
    }
    let (word, across) = match (is_morph_inverse, inversed, mapped) {
        (true, _, _) => ("morphBy", morph),
        (false, Some(name), _) => ("inversedBy", Some(name)),
        (false, None, name) => ("mappedBy", name),
    };
    let keeps = match relation.kind {
        ManyToOne | MorphToOne | MorphToMany => true,
        MorphOne | MorphMany => false,
        OneToMany => across.is_none(),
        OneToOne | ManyToMany => word == "inversedBy" || across.is_none(),
    };
    links.push(Found {
        file: raw.file.clone(),
        path: format!("attributes.{}", attribute.name),
        owner: id,
        name: attribute.name.clone(),
        kind: relation.kind,
        target: relation.target,
        word,
        across: across.filter(|_| relation.target.is_some()).map(str::to_owned),
        keeps,
    });
}

/// Matches both sides of each relation. Positions are those of the files' attributes, which are attribute ids where
/// nothing is wrong.
pub(super) fn sides(context: &Context<'_>, links: &[Found], report: &Report) -> Sides {
    let by_name: HashMap<(TypeId, &str), &Found> = links.iter().map(|l| ((l.owner, l.name.as_str()), l)).collect();
    let mut sides = Sides::new();
    // Inverse sides first: an owner may leave its inverse unnamed.
    for link in links.iter().filter(|link| !link.keeps) {
        let site = report.file(&link.file).at(&link.path);
        let (Some(across), Some(target)) = (link.across.as_deref(), link.target) else { continue };
        match matching(context, &by_name, link, target, across) {
            // Public projects extend the user with inverses that were never made; Strapi serves them as one-way.
            Err(problem) if is_builtin(context, link.owner) && position_of(context, target, across).is_none() => {
                site.at(link.word).warning(format!("{problem}: taken as one-way"));
            }
            Err(problem) => site.at(link.word).problem(problem),
            Ok((owner, position)) => {
                sides.insert((link.owner, link.name.clone()), Side::Inverse { owner: position });
                if link.word == "morphBy" {
                    continue;
                }
                if owner.across.as_deref().is_some_and(|named| named != link.name) {
                    let named = owner.across.as_deref().unwrap_or_default();
                    site.at(link.word).problem(format!("`{across}` belongs to `{named}`, not to `{}`", link.name));
                    continue;
                }
                let side = Side::Owner { inverse: position_of(context, link.owner, &link.name).unwrap_or_default() };
                if sides.insert((owner.owner, owner.name.clone()), side).is_some() {
                    site.at(link.word).problem(format!("another attribute is the inverse of `{across}` already"));
                }
            }
        }
    }
    for link in links.iter().filter(|link| link.keeps) {
        let (Some(across), Some(target)) = (link.across.as_deref(), link.target) else { continue };
        if sides.contains_key(&(link.owner, link.name.clone())) {
            continue;
        }
        let site = report.file(&link.file).at(&link.path).at(link.word);
        if is_builtin(context, target) {
            site.warning(format!("`{across}` of the built-in type does not lead back: taken as one-way"));
        } else {
            let uid = uid(context, target);
            let problem = match by_name.get(&(target, across)) {
                None => format!("`{uid}` has no relation `{across}`"),
                Some(_) => format!("`{across}` of `{uid}` has no mappedBy that leads back to `{}`", link.name),
            };
            site.problem(problem);
        }
    }
    sides
}

/// The side that keeps the links of the inverse side `link`, with its position, or what does not match.
fn matching<'a>(
    context: &Context<'_>,
    by_name: &HashMap<(TypeId, &str), &'a Found>,
    link: &Found,
    target: TypeId,
    across: &str,
) -> Result<(&'a Found, AttributeId), String> {
    use RelationKind::*;
    let uid = uid(context, target);
    let owner = by_name.get(&(target, across)).copied().ok_or_else(|| format!("`{uid}` has no relation `{across}`"))?;
    let fits = match link.kind {
        OneToOne => owner.kind == OneToOne,
        OneToMany => owner.kind == ManyToOne,
        ManyToMany => owner.kind == ManyToMany,
        MorphOne | MorphMany => matches!(owner.kind, MorphToOne | MorphToMany),
        ManyToOne | MorphToOne | MorphToMany => false,
    };
    if !fits {
        return Err(format!("`{across}` of `{uid}` is not the other side of such a relation"));
    }
    if owner.target.is_some_and(|back| back != link.owner) {
        return Err(format!("`{across}` of `{uid}` leads to another type"));
    }
    if !owner.keeps {
        return Err(format!("`{across}` of `{uid}` has mappedBy too: one side must have inversedBy"));
    }
    let position =
        position_of(context, target, across).ok_or_else(|| format!("`{uid}` has no attribute `{across}`"))?;
    Ok((owner, position))
}

fn uid<'a>(context: &Context<'a>, of: TypeId) -> &'a str {
    context.types.get(usize::from(of.0)).map_or("", |raw| raw.uid.as_str())
}

fn is_builtin(context: &Context<'_>, of: TypeId) -> bool {
    context.types.get(usize::from(of.0)).is_some_and(Raw::is_builtin)
}

fn position_of(context: &Context<'_>, of: TypeId, name: &str) -> Option<AttributeId> {
    context.types.get(usize::from(of.0))?.attributes()?.keys().position(|key| key == name)
}

/// Writes the sides into the attributes.
pub(super) fn settle(types: &mut [ContentType], sides: &Sides) {
    for ty in types {
        let id = ty.id;
        let with_side = |attribute: &Attribute| {
            let mut attribute = attribute.clone();
            if let FieldKind::Relation(relation) = &mut attribute.kind
                && let Some(side) = sides.get(&(id, attribute.name.clone()))
            {
                relation.side = *side;
            }
            attribute
        };
        ty.attributes = Attributes::new(ty.attributes.iter().map(|(_, attribute)| with_side(attribute)).collect());
    }
}
