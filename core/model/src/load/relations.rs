//! The two sides of relations.
//!
//! As in Strapi the `inversedBy` of the side that stores the links makes the pair; the value of `mappedBy` is never read. A `manyToOne`
//! always stores its links, and the `oneToMany` on its other side never does, whichever of the two words they use. A side that should show
//! another's links, and that none refers to, has no links at all.

use super::attributes::SchemaOwner;
use super::context::LoadContext;
use super::raw_schema::RawSchema;
use super::report::{LoadReport, SchemaSite};
use crate::content_type::{
    Attribute, AttributeId, Attributes, ContentType, FieldKind, RelationKind, RelationSide, TypeId,
};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// A relation of a content type, as in its file.
pub(super) struct DeclaredRelation {
    file: String,
    path: String,
    owner: TypeId,
    name: String,
    kind: RelationKind,
    target: Option<TypeId>,
    /// The word in the file, for messages.
    word: &'static str,
    /// The attribute on the other side, if one is named.
    across: Option<String>,
    /// True if this side stores the links.
    keeps: bool,
}

/// The outcome for a relation; one without an outcome is one-way.
enum RelationOutcome {
    Side(RelationSide),
    /// No links at all.
    Unlinked,
}

/// Outcomes by type and attribute.
pub(super) struct RelationSides(HashMap<(TypeId, String), RelationOutcome>);

/// Collects a relation for [`match_sides`]. Inside components relations are one-way.
pub(super) fn note_relation(
    context: &LoadContext<'_>,
    raw: &RawSchema,
    owner: SchemaOwner,
    attribute: &mut Attribute,
    options: &Map<String, Json>,
    site: &SchemaSite<'_>,
    links: &mut Vec<DeclaredRelation>,
) {
    use RelationKind::*;
    let FieldKind::Relation(relation) = &attribute.kind else { return };
    let (inversed, mapped) = (site.optional_text(options, "inversedBy"), site.optional_text(options, "mappedBy"));
    let morph = site.text_option(options, "morphBy");
    if inversed.is_some() && mapped.is_some() {
        site.at_key("mappedBy").report_tolerated("is ignored because inversedBy is set");
    }
    let is_morph_inverse = matches!(relation.kind, MorphOne | MorphMany);
    let SchemaOwner::Type { id, .. } = owner else {
        if is_morph_inverse {
            site.report_problem("a relation inside a component can only be one-way");
        } else if let Some(kind) = component_relation(context, relation.kind, relation.target, inversed, mapped, site) {
            attribute.kind = kind;
        }
        return;
    };
    if is_morph_inverse && morph.is_none() {
        site.at_key("morphBy").report_problem("is missing");
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
    links.push(DeclaredRelation {
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

/// Handles a relation of a component that names another side; returns its kind if it has no links.
fn component_relation(
    context: &LoadContext<'_>,
    kind: RelationKind,
    target: Option<TypeId>,
    inversed: Option<&str>,
    mapped: Option<&str>,
    site: &SchemaSite<'_>,
) -> Option<FieldKind> {
    let target = target.and_then(|target| context.types.get(usize::from(target.0)))?;
    match (inversed, mapped) {
        (Some(across), _)
            if !target.is_of_plugin() && target.attributes().is_none_or(|all| !all.contains_key(across)) =>
        {
            site.at_key("inversedBy").report_problem(format!("`{}` has no attribute `{across}`", target.uid));
            None
        }
        (Some(_), _) => {
            site.at_key("inversedBy")
                .report_tolerated("a relation inside a component can only be one-way; treating it as one-way");
            None
        }
        (None, Some(_)) if kind != RelationKind::ManyToOne => {
            site.at_key("mappedBy")
                .report_tolerated("a relation inside a component can only be one-way; it is not stored");
            Some(FieldKind::Unlinked { many: kind.to_many(), shown: false })
        }
        _ => None,
    }
}

/// Matches both sides of each relation of the types that were built.
pub(super) fn match_sides(
    context: &LoadContext<'_>,
    built: &[ContentType],
    links: &[DeclaredRelation],
    report: &LoadReport,
) -> RelationSides {
    let by_name = links.iter().map(|l| ((l.owner, l.name.as_str()), l)).collect();
    let mut pairs = SideMatcher { context, built, by_name, report, settled: HashMap::new() };
    let mut claims: HashMap<(TypeId, &str), Vec<&DeclaredRelation>> = HashMap::new();
    for link in links.iter().filter(|link| link.keeps) {
        if let Some(inverse) = pairs.claimed_inverse(link) {
            claims.entry((inverse.owner, inverse.name.as_str())).or_default().push(link);
        }
    }
    for inverse in links {
        match claims.get(&(inverse.owner, inverse.name.as_str())) {
            Some(owners) => pairs.pair_sides(inverse, owners),
            None if !inverse.keeps && inverse.word == "morphBy" => pairs.settle_morph(inverse),
            None if !inverse.keeps => pairs.settle_lone_inverse(inverse),
            None => {}
        }
    }
    RelationSides(pairs.settled)
}

struct SideMatcher<'a> {
    context: &'a LoadContext<'a>,
    built: &'a [ContentType],
    by_name: HashMap<(TypeId, &'a str), &'a DeclaredRelation>,
    report: &'a LoadReport,
    settled: HashMap<(TypeId, String), RelationOutcome>,
}

impl<'a> SideMatcher<'a> {
    /// The attribute that shows the links of `owner` from the other side, if there is one.
    fn claimed_inverse(&self, owner: &'a DeclaredRelation) -> Option<&'a DeclaredRelation> {
        let (across, target) = (owner.across.as_deref()?, owner.target?);
        let site = self.relation_site(owner).at_key(owner.word);
        let uid = self.type_uid(target);
        let inverse = self.by_name.get(&(target, across)).copied();
        let one_way = |why: String| {
            let message = format!("{why}; treating it as one-way");
            if self.is_of_plugin(target) {
                site.report_warning(message)
            } else {
                site.report_tolerated(message)
            }
            None
        };
        let Some(inverse) = inverse else {
            let unlinked = self.built.get(usize::from(target.0)).and_then(|ty| ty.attributes.get(across));
            if self.is_of_plugin(target) || unlinked.is_some_and(|(_, attribute)| attribute.is_unlinked()) {
                return one_way(format!("`{across}` of `{uid}` does not point back"));
            }
            site.report_problem(format!("`{uid}` has no relation `{across}`"));
            return None;
        };
        if !is_mirror_kind(owner.kind, inverse.kind) {
            return one_way(format!("`{across}` of `{uid}` is not the other side of this relation"));
        }
        if inverse.target.is_none_or(|back| back != owner.owner) {
            return one_way(format!("`{across}` of `{uid}` points to another type"));
        }
        if !inverse.keeps {
            return Some(inverse);
        }
        let mutual = inverse.word == "inversedBy" && inverse.across.as_deref() == Some(owner.name.as_str());
        let is_self = owner.owner == inverse.owner && owner.name == inverse.name;
        if !mutual || is_self {
            return one_way(format!("`{across}` of `{uid}` has no mappedBy, so it stores its own links"));
        }
        // Two relations that both store their links: those of the one that is read last count.
        if self.reading_order(inverse) > self.reading_order(owner) {
            return None;
        }
        site.report_tolerated(format!("`{across}` of `{uid}` also has inversedBy; treating it as mappedBy"));
        Some(inverse)
    }

    /// Pairs `inverse` with the owner that is read last; the others are one-way.
    fn pair_sides(&mut self, inverse: &DeclaredRelation, owners: &[&DeclaredRelation]) {
        let Some((owner, others)) = owners.split_last() else { return };
        for other in others {
            let uid = self.type_uid(inverse.owner);
            self.relation_site(other).at_key(other.word).report_tolerated(format!(
                "`{}` of `{uid}` shows the links of `{}`; treating it as one-way",
                inverse.name, owner.name
            ));
        }
        if !inverse.keeps && inverse.across.as_deref() != Some(owner.name.as_str()) {
            let uid = self.type_uid(owner.owner);
            let (declared, text) = (inverse.across.as_deref().unwrap_or_default(), &owner.name);
            self.relation_site(inverse).at_key(inverse.word).report_tolerated(format!(
                "names `{declared}`, but the inversedBy of `{text}` of `{uid}` points here; showing the links of \
                 `{text}`"
            ));
        }
        let (Some((_, of_owner)), Some((_, of_inverse))) = (self.reading_order(owner), self.reading_order(inverse))
        else {
            return;
        };
        self.set_outcome(inverse, RelationOutcome::Side(RelationSide::Inverse { owner: of_owner }));
        self.set_outcome(owner, RelationOutcome::Side(RelationSide::Owner { inverse: of_inverse }));
    }

    /// Handles an inverse that no owner refers to.
    fn settle_lone_inverse(&mut self, inverse: &DeclaredRelation) {
        let (Some(across), Some(target)) = (inverse.across.as_deref(), inverse.target) else { return };
        let (uid, site) = (self.type_uid(target), self.relation_site(inverse).at_key(inverse.word));
        // Public projects extend the user with inverses that were never made; they are served as one-way.
        if self.is_of_plugin(inverse.owner) && !self.by_name.contains_key(&(target, across)) {
            site.report_warning(format!("`{uid}` has no relation `{across}`; treating it as one-way"));
            return;
        }
        let name = &inverse.name;
        site.report_tolerated(format!(
            "no relation of `{uid}` has `inversedBy: {name}`; the relation is not stored and is left out of responses"
        ));
        self.set_outcome(inverse, RelationOutcome::Unlinked);
    }

    fn settle_morph(&mut self, inverse: &DeclaredRelation) {
        let (Some(across), Some(target)) = (inverse.across.as_deref(), inverse.target) else { return };
        let owner = self.by_name.get(&(target, across)).copied();
        let site = self.relation_site(inverse).at_key(inverse.word);
        let uid = self.type_uid(target);
        match owner {
            None => site.report_problem(format!("`{uid}` has no relation `{across}`")),
            Some(owner) if !matches!(owner.kind, RelationKind::MorphToOne | RelationKind::MorphToMany) => {
                site.report_problem(format!("`{across}` of `{uid}` is not the other side of this relation"));
            }
            Some(owner) => {
                if let Some((_, owner)) = self.reading_order(owner) {
                    self.set_outcome(inverse, RelationOutcome::Side(RelationSide::Inverse { owner }));
                }
            }
        }
    }

    fn set_outcome(&mut self, link: &DeclaredRelation, settled: RelationOutcome) {
        self.settled.insert((link.owner, link.name.clone()), settled);
    }

    /// Position in the order in which attributes are read.
    fn reading_order(&self, link: &DeclaredRelation) -> Option<(TypeId, AttributeId)> {
        let (id, _) = self.built.get(usize::from(link.owner.0))?.attributes.get(&link.name)?;
        Some((link.owner, id))
    }

    fn relation_site<'f>(&self, link: &'f DeclaredRelation) -> SchemaSite<'f>
    where
        'a: 'f,
    {
        self.report.file_site(&link.file).at_key(&link.path)
    }

    fn type_uid(&self, type_id: TypeId) -> &'a str {
        self.context.types.get(usize::from(type_id.0)).map_or("", |raw| raw.uid.as_str())
    }

    fn is_of_plugin(&self, type_id: TypeId) -> bool {
        self.context.types.get(usize::from(type_id.0)).is_some_and(RawSchema::is_of_plugin)
    }
}

/// True if a relation of the second kind can show the links of one of the first kind.
fn is_mirror_kind(owner: RelationKind, inverse: RelationKind) -> bool {
    use RelationKind::*;
    matches!((owner, inverse), (OneToOne, OneToOne) | (ManyToOne, OneToMany) | (ManyToMany, ManyToMany))
}

/// Writes the outcomes into the attributes.
pub(super) fn apply_sides(types: &mut [ContentType], sides: &RelationSides) {
    for ty in types {
        let id = ty.id;
        let with_side = |attribute: &Attribute| {
            let mut attribute = attribute.clone();
            if let FieldKind::Relation(relation) = &mut attribute.kind {
                match sides.0.get(&(id, attribute.name.clone())) {
                    Some(RelationOutcome::Side(side)) => relation.side = *side,
                    Some(RelationOutcome::Unlinked) => {
                        attribute.kind = FieldKind::Unlinked { many: relation.kind.to_many(), shown: false };
                    }
                    None => {}
                }
            }
            attribute
        };
        ty.attributes = Attributes::new(ty.attributes.iter().map(|(_, attribute)| with_side(attribute)).collect());
    }
}
