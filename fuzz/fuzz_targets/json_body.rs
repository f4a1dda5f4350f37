//! Any JSON object as the `data` of a write: validated, merged, stored as text and read back, without a panic or a change.
#![no_main]

mod sample_model;

use cairn_model::body::{check_keys, find_references};
use cairn_model::stored_values::{read_value, write_value};
use cairn_model::validate::{CastMode, cast_attributes, check_values, merge_value, unique_error};
use cairn_model::{AttributeId, Instance, LinkTarget, TargetRef, Value};
use libfuzzer_sys::fuzz_target;
use sample_model::{REGISTRY, type_id};
use serde_json::Value as Json;
use std::collections::HashMap;

fuzz_target!(|data: &[u8]| {
    let Ok(Json::Object(data)) = serde_json::from_slice(data) else { return };
    let registry = &*REGISTRY;
    for route in ["articles", "authors", "pages"] {
        let ct = registry.get(type_id(route));
        let _ = check_keys(registry, ct, &data, &|_| true, &|_| true);
        let _ = check_keys(registry, ct, &data, &|_| false, &|id| id % 2 == 0);
        let _ = find_references(registry, ct, &data);
        for (strict, create) in [(true, true), (true, false), (false, true), (false, false)] {
            let mode = CastMode { strict, create };
            let result = cast_attributes(registry, &ct.attributes, &data, mode, &|_, target| match target {
                TargetRef::Document(id) => Some(id.clone()),
                TargetRef::Row(id) => (id % 2 == 0).then(|| id.to_string()),
            });
            assert_eq!(result.values.len(), ct.attributes.len());
            let _ = check_values(registry, &ct.attributes, &result.values);
            let mut next_id = 0;
            for ((_, attribute), value) in ct.attributes.iter().zip(result.values) {
                let _ = unique_error(attribute, &value);
                let Ok(mut stored) = merge_value(registry, attribute, &Value::Absent, value.clone()) else { continue };
                assign_ids(&mut stored, &mut next_id);
                let _ = merge_value(registry, attribute, &stored, value);
                // A value with errors is never stored.
                if !result.errors.is_empty() || !matches!(stored, Value::Instance(_) | Value::Instances(_)) {
                    continue;
                }
                let mut links = HashMap::new();
                collect_links(&stored, &mut links);
                let mut text = String::new();
                write_value(registry, attribute, &stored, &mut text);
                let mut read_links = |id, attribute| links.remove(&(id, attribute)).unwrap_or_default();
                let read = read_value(registry, attribute, &text, &mut read_links);
                assert_eq!(read.as_ref(), Ok(&stored), "{text}");
                let mut again = String::new();
                write_value(registry, attribute, &stored, &mut again);
                assert_eq!(again, text);
            }
        }
    }
});

fn instances_mut(value: &mut Value) -> Vec<&mut Instance> {
    match value {
        Value::Instance(instance) => vec![instance],
        Value::Instances(list) => list.iter_mut().collect(),
        _ => Vec::new(),
    }
}

/// Assigns an id to every instance, as the store does.
fn assign_ids(value: &mut Value, next_id: &mut i64) {
    for instance in instances_mut(value) {
        *next_id += 1;
        instance.id = Some(*next_id);
        instance.values.iter_mut().for_each(|value| assign_ids(value, next_id));
    }
}

/// Collects the links inside components, which the text does not contain.
fn collect_links(value: &Value, found: &mut HashMap<(i64, AttributeId), Vec<LinkTarget>>) {
    for instance in instances_mut(&mut value.clone()) {
        for (i, value) in instance.values.iter().enumerate() {
            if let (Value::Links(links), Some(id)) = (value, instance.id) {
                found.insert((id, i), links.clone());
            }
            collect_links(value, found);
        }
    }
}
