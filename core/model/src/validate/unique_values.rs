//! The values of unique attributes inside the components of an entry.

use super::error::{FieldError, ValuePath};
use crate::content_type::{AttributeId, Attributes, ColumnType, ComponentId, FieldKind};
use crate::registry::Registry;
use crate::stored_values::scalar_to_json;
use crate::value::Value;
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};

/// A unique attribute of a component, at one place below a content type: values are compared with those at the same place only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UniquePlace {
    /// From the content type down: the attribute, and the component in it.
    pub steps: Vec<(AttributeId, ComponentId)>,
    /// The attribute of the last component.
    pub attribute: AttributeId,
}

/// One value that has to be unique.
#[derive(Debug, Clone, PartialEq)]
pub struct UniqueValue {
    /// Its place, as an index into [`UniqueValues::places`].
    pub place: usize,
    /// The value as components store it.
    pub stored: Json,
    path: Vec<String>,
    /// `None` for hidden attributes.
    shown: Option<Json>,
}

/// All values of an entry's components that have to be unique, in the order of the schema.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UniqueValues {
    /// The places that have values.
    pub places: Vec<UniquePlace>,
    /// Values at these places.
    pub values: Vec<UniqueValue>,
}

/// Collects the values that have to be unique. Null and an empty text are no values; JSON is not compared.
pub fn collect_unique_values(reg: &Registry, attributes: &Attributes, values: &[Value]) -> UniqueValues {
    let mut collector = UniqueCollector { reg, found: UniqueValues::default(), places: HashMap::new() };
    collector.collect_all(attributes, values, &ValuePath::Root, &mut Vec::new(), false);
    collector.found
}

impl UniqueValues {
    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The errors for values that the entry has several times at a place, each time, and for those that others have (`taken`: place and
    /// stored value).
    pub fn errors(&self, taken: &[(usize, Json)]) -> Vec<FieldError> {
        let taken: HashSet<(usize, String)> =
            taken.iter().map(|(place, stored)| (*place, comparison_key(stored))).collect();
        let keys: Vec<(usize, String)> =
            self.values.iter().map(|value| (value.place, comparison_key(&value.stored))).collect();
        let mut counts: HashMap<&(usize, String), usize> = HashMap::new();
        for key in &keys {
            *counts.entry(key).or_default() += 1;
        }
        let refused = self.values.iter().zip(&keys).filter(|(_, key)| counts[key] > 1 || taken.contains(key));
        let error = |value: &UniqueValue| FieldError {
            path: value.path.clone(),
            message: super::check::UNIQUE_MESSAGE.to_owned(),
            value: value.shown.clone(),
        };
        refused.map(|(value, _)| error(value)).collect()
    }
}

/// A text that two stored values share if they are equal: `1.0` and `1` are one number.
fn comparison_key(stored: &Json) -> String {
    match stored.as_f64() {
        Some(float) if stored.is_f64() && float.fract() == 0.0 => format!("{float:.0}"),
        _ => stored.to_string(),
    }
}

struct UniqueCollector<'a> {
    reg: &'a Registry,
    found: UniqueValues,
    places: HashMap<UniquePlace, usize>,
}

impl UniqueCollector<'_> {
    fn collect_all(
        &mut self,
        attributes: &Attributes,
        values: &[Value],
        at: &ValuePath<'_>,
        steps: &mut Vec<(AttributeId, ComponentId)>,
        hidden: bool,
    ) {
        let reg = self.reg;
        for ((i, attribute), value) in attributes.iter().zip(values) {
            let at = at.key(&attribute.name);
            let hidden = hidden || attribute.is_hidden();
            let is_list = !matches!(attribute.kind, FieldKind::Component { repeatable: false, .. });
            for (n, instance) in value.instances().iter().enumerate() {
                let attributes = &reg.component(instance.component).attributes;
                let element = at.index(n);
                steps.push((i, instance.component));
                self.collect_all(attributes, &instance.values, if is_list { &element } else { &at }, steps, hidden);
                steps.pop();
            }
            let is_compared = attribute.unique && attribute.is_scalar() && !steps.is_empty();
            let column = attribute.kind.column_type();
            if !is_compared || column == Some(ColumnType::Json) || value.is_empty() {
                continue;
            }
            let stored = match value {
                Value::Text(text) if text.is_empty() => continue,
                Value::Text(text) => text.as_str().into(),
                other => scalar_to_json(other, column),
            };
            let place = self.number_place(UniquePlace { steps: steps.clone(), attribute: i });
            let shown = (!hidden).then(|| scalar_to_json(value, column));
            self.found.values.push(UniqueValue { place, stored, path: at.to_segments(), shown });
        }
    }

    fn number_place(&mut self, place: UniquePlace) -> usize {
        if let Some(&n) = self.places.get(&place) {
            return n;
        }
        let n = self.found.places.len();
        self.found.places.push(place.clone());
        self.places.insert(place, n);
        n
    }
}
