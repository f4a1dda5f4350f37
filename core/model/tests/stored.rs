//! The canonical text of components in a row.

#![allow(clippy::unwrap_used)]

mod common;

use cairn_model::stored_values::{read_value, write_value};
use cairn_model::*;
use common::registry;
use serde_json::json;

#[test]
fn stored_component_text_is_canonical() {
    let reg = registry(
        &[(
            "thing",
            json!({}),
            json!({"zone": {"type": "dynamiczone", "components": ["x.y"]}, "one": {"type": "component", "component": "x.z"}}),
        )],
        &[
            (
                "x.y",
                json!({
                    "t": {"type": "string"}, "big": {"type": "biginteger"}, "d": {"type": "decimal"}, "f": {"type": "float"},
                    "b": {"type": "boolean"}, "j": {"type": "json"}, "m": {"type": "media"},
                    "z": {"type": "component", "component": "x.z"}, "l": {"type": "component", "component": "x.z", "repeatable": true}
                }),
            ),
            ("x.z", json!({"n": {"type": "integer"}})),
        ],
    );
    let ct = reg.by_route("things").unwrap();
    let (_, zone) = ct.attributes.get("zone").unwrap();
    let text = |s: &str| Value::Text(s.into());
    let nested = Instance {
        component: reg.component_by_uid("x.z").unwrap().id,
        id: Some(2),
        origin: Some(1),
        values: vec![Value::Null],
    };
    let values = vec![
        text("a\"b"),
        Value::Int(7),
        text("9.90"),
        Value::Float(1000.0),
        Value::Bool(true),
        Value::Json(json!({"a": [1, null]})),
        Value::Links(vec![]),
        Value::Instance(Box::new(nested.clone())),
        Value::Instances(vec![nested]),
    ];
    let instance = Instance { component: reg.component_by_uid("x.y").unwrap().id, id: Some(1), origin: None, values };
    let mut out = String::new();
    write_value(&reg, zone, &Value::Instances(vec![instance]), &mut out);
    let expected = concat!(
        r#"[{"__component":"x.y","id":1,"t":"a\"b","big":"7","d":"9.90","f":1000,"b":true,"#,
        r#""j":{"a":[1,null]},"z":{"id":2,"__origin":1,"n":null},"l":[{"id":2,"__origin":1,"n":null}]}]"#
    );
    assert_eq!(out, expected);

    let read = |name: &str, text: &str| {
        let (_, attribute) = ct.attributes.get(name).unwrap();
        read_value(&reg, attribute, text, &mut |_, _| Vec::new()).map_err(|error| error.to_string())
    };
    let old = read("zone", r#"[{"__component":"x.y","id":1,"gone":5}]"#).unwrap();
    let Value::Instances(list) = old else { panic!() };
    assert_eq!(list[0].values[0], Value::Null);
    assert_eq!(list[0].values[8], Value::Instances(vec![]));
    assert_eq!(read("one", "null"), Ok(Value::Null));
    assert_eq!(read("zone", "null"), Ok(Value::Instances(vec![])));
    assert_eq!(read("one", r#"{"id":1,"n":"x"}"#).unwrap_err(), "stored value of n: is not of type Integer");
    assert_eq!(
        read("zone", r#"[{"__component":"no.no"}]"#).unwrap_err(),
        "stored value of zone: unknown component `no.no`"
    );
    assert!(read("one", "{").is_err() && read("one", "5").is_err() && read("one", "[]").is_err());
}
