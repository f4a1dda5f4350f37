//! Random models.

use super::kinds::{KINDS, Kind};
use crate::fixture::StoreFixture;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Map, Value as Json, json};

/// Attributes that hold one value.
pub(crate) type Scalars = Vec<(&'static str, Kind)>;

/// How `thing.link` reaches `other`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Relation {
    pub(crate) kind: &'static str,
    pub(crate) many: bool,
    pub(crate) inverse: bool,
}

const RELATIONS: [Relation; 6] = [
    Relation { kind: "oneToOne", many: false, inverse: false },
    Relation { kind: "manyToOne", many: false, inverse: false },
    Relation { kind: "oneToMany", many: true, inverse: false },
    Relation { kind: "manyToMany", many: true, inverse: false },
    Relation { kind: "oneToMany", many: true, inverse: true },
    Relation { kind: "manyToMany", many: true, inverse: true },
];

/// A model: things, which may have drafts and locales, a component, a zone, a file or several, and a relation to others.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) things: Scalars,
    pub(crate) others: Scalars,
    pub(crate) part: Scalars,
    pub(crate) repeatable: bool,
    /// True if a part refers to several others, false if it refers to one.
    pub(crate) refers_to_many: bool,
    pub(crate) files: bool,
    pub(crate) relation: Relation,
    pub(crate) drafts: bool,
    /// Of things and others.
    pub(crate) collation: Option<&'static str>,
    /// Of things; one that is empty where they have none.
    pub(crate) locales: &'static [&'static str],
}

/// Name of a part's relation, in query strings and bodies.
pub(crate) const REFERENCE: &str = "ref";
/// The scalars of the zone's other component.
pub(crate) const QUOTE: [(&str, Kind); 1] = [("words", Kind::Text)];
/// Scalars of files that the tests look at.
pub(crate) const FILE: [(&str, Kind); 1] = [("name", Kind::String)];

impl Shape {
    pub(crate) fn random(seed: u64) -> Self {
        let rng = &mut StdRng::seed_from_u64(seed);
        Self {
            things: random_scalars(rng, &KINDS),
            others: random_scalars(rng, &KINDS),
            part: random_scalars(rng, &KINDS[2..]),
            repeatable: rng.random(),
            refers_to_many: rng.random(),
            files: rng.random(),
            relation: *RELATIONS.choose(rng).unwrap(),
            drafts: rng.random(),
            collation: *[None, Some("sv"), Some("nl-u-kn"), Some("locale")].choose(rng).unwrap(),
            locales: if rng.random_bool(0.4) { &["en", "nl", "fr"] } else { &[""] },
        }
    }

    pub(crate) fn localized(&self) -> bool {
        self.locales != [""]
    }

    /// The model on every database there is.
    pub(crate) fn open_everywhere(&self) -> Vec<StoreFixture> {
        let Relation { kind, inverse, .. } = self.relation;
        let (other_uid, thing_uid) = ("api::other.other", "api::thing.thing");
        let mut thing = attributes(&self.things);
        thing["part"] = json!({"type": "component", "component": "x.part", "repeatable": self.repeatable});
        // Responses are the same with an index and without.
        thing["part"]["index"] = self.refers_to_many.into();
        thing["zone"] = json!({"type": "dynamiczone", "components": ["x.part", "x.quote"]});
        thing["file"] = json!({"type": "media", "multiple": self.files});
        let mut other = attributes(&self.others);
        if inverse {
            thing["link"] = json!({"type": "relation", "relation": kind, "target": other_uid, "mappedBy": "back"});
            let kind = if kind == "oneToMany" { "manyToOne" } else { kind };
            other["back"] = json!({"type": "relation", "relation": kind, "target": thing_uid, "inversedBy": "link"});
        } else {
            thing["link"] = json!({"type": "relation", "relation": kind, "target": other_uid});
        }
        let mut part = attributes(&self.part);
        let kind = if self.refers_to_many { "oneToMany" } else { "oneToOne" };
        part[REFERENCE] = json!({"type": "relation", "relation": kind, "target": other_uid});
        let schema = |attributes: Json, localized: bool| {
            let mut attributes = attributes;
            for attribute in attributes.as_object_mut().unwrap().values_mut().filter(|_| localized) {
                attribute["pluginOptions"] = json!({"i18n": {"localized": true}});
            }
            json!({"kind": "collectionType", "attributes": attributes,
                   "options": {"draftAndPublish": self.drafts, "cairn": {"collation": self.collation}},
                   "pluginOptions": {"i18n": {"localized": localized}}})
        };
        let mut thing = schema(thing, self.localized());
        // Together with an attribute's name more than PostgreSQL takes as the name of an index or link table.
        thing["collectionName"] = json!("things_with_a_table_whose_name_is_as_long_as_may");
        StoreFixture::on_every_database(
            &[("thing", thing), ("other", schema(other, false))],
            &[("x.part", part), ("x.quote", attributes(&QUOTE.to_vec()))],
        )
    }
}

/// Names that SQL or JSON paths could stumble over, and two that differ where a database may have stopped reading.
fn random_scalars(rng: &mut StdRng, kinds: &[Kind]) -> Scalars {
    let names = [
        "order",
        "select",
        "my-field",
        "Upper",
        "value",
        "json",
        "user",
        "a_name_as_long_as_names_of_attributes_ever_become1",
        "a_name_as_long_as_names_of_attributes_ever_become2",
    ];
    let n = rng.random_range(1..=5);
    let chosen: Vec<&'static str> = names.choose_multiple(rng, n).copied().collect();
    chosen.into_iter().map(|name| (name, *kinds.choose(rng).unwrap())).collect()
}

fn attributes(scalars: &Scalars) -> Json {
    Json::Object(scalars.iter().map(|(name, kind)| ((*name).to_owned(), kind.schema())).collect::<Map<_, _>>())
}
