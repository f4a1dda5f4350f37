//! Any JSON object as the `data` of a write: checked, merged, stored and read back, without a panic and without a change.
#![no_main]

mod newsroom;

use cairn_model::body::{check_keys, references};
use cairn_model::stored::{read_value, write_value};
use cairn_model::validate::{CastMode, cast, check, merge, unique_error};
use cairn_model::{AttributeId, Instance, Target, TargetRef, Value};
use libfuzzer_sys::fuzz_target;
use newsroom::{REGISTRY, type_id};
use serde_json::Value as Json;
use std::collections::HashMap;

fuzz_target!(|data: &[u8]| {
    let Ok(Json::Object(data)) = serde_json::from_slice(data) else { return };
    let registry = &*REGISTRY;
    for route in ["articles", "authors", "pages"] {
        let ct = registry.get(type_id(route));
        let _ = check_keys(registry, ct, &data, &|_| true, &|_| true);
        let _ = check_keys(registry, ct, &data, &|_| false, &|id| id % 2 == 0);
        let _ = references(registry, ct, &data);
        for (strict, create) in [(true, true), (true, false), (false, true), (false, false)] {
            let result =
                cast(registry, &ct.attributes, &data, CastMode { strict, create }, &|_, target| match target {
                    TargetRef::Document(id) => Some(id.clone()),
                    TargetRef::Row(id) => (id % 2 == 0).then(|| id.to_string()),
                });
            assert_eq!(result.values.len(), ct.attributes.len());
            let _ = check(registry, &ct.attributes, &result.values);
            let mut next = 0;
            for ((_, attribute), value) in ct.attributes.iter().zip(result.values) {
                let _ = unique_error(attribute, &value);
                let Ok(mut stored) = merge(registry, attribute, &Value::Absent, value.clone()) else { continue };
                number(&mut stored, &mut next);
                let _ = merge(registry, attribute, &stored, value);
                // What was refused is never stored.
                if !result.errors.is_empty() || !matches!(stored, Value::Instance(_) | Value::Instances(_)) {
                    continue;
                }
                let mut links = HashMap::new();
                links_of(&stored, &mut links);
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

fn instances(value: &mut Value) -> Vec<&mut Instance> {
    match value {
        Value::Instance(instance) => vec![instance],
        Value::Instances(list) => list.iter_mut().collect(),
        _ => Vec::new(),
    }
}

/// Gives every instance an id, as the store does.
fn number(value: &mut Value, next: &mut i64) {
    for instance in instances(value) {
        *next += 1;
        instance.id = Some(*next);
        instance.values.iter_mut().for_each(|value| number(value, next));
    }
}

/// The links inside components, which the text does not hold.
fn links_of(value: &Value, found: &mut HashMap<(i64, AttributeId), Vec<Target>>) {
    for instance in instances(&mut value.clone()) {
        for (i, value) in instance.values.iter().enumerate() {
            if let (Value::Links(links), Some(id)) = (value, instance.id) {
                found.insert((id, i), links.clone());
            }
            links_of(value, found);
        }
    }
}
