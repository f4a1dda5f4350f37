//! Values of one kind as values of another.

#![allow(clippy::unwrap_used)]

use cairn_model::change::KindShape::*;
use cairn_model::change::{
    AttributeShape, Conversion, KindFit, KindShape, RelationShape, RelationWord, SideShape, convert_value, cut_value,
    kind_fit,
};
use serde_json::{Value as Json, json};

fn conversion(from: &KindShape, to: &KindShape) -> Conversion {
    Conversion { from: from.clone(), to: to.clone(), max_length: None }
}

fn enumeration(values: &[&str]) -> KindShape {
    Enumeration { values: values.iter().map(|v| (*v).to_owned()).collect() }
}

fn attribute(kind: KindShape, max_length: Option<usize>) -> AttributeShape {
    AttributeShape {
        name: "x".into(),
        column: "x".into(),
        kind,
        required: false,
        unique: false,
        localized: false,
        index: false,
        private: false,
        max_length,
        renamed_from: None,
        moved_into: Default::default(),
    }
}

fn fits(from: &KindShape, to: &KindShape) -> KindFit {
    kind_fit(&attribute(from.clone(), None), &attribute(to.clone(), None))
}

fn relation(relation: RelationWord, target: Option<&str>, side: SideShape) -> KindShape {
    Relation(RelationShape { relation, target: target.map(str::to_owned), side })
}

#[test]
fn values_that_fit_are_converted() {
    for (from, to, value, expected) in [
        (Integer, BigInteger, json!(7), json!("7")),
        (BigInteger, Integer, json!("-7"), json!(-7)),
        (Integer, Float, json!(7), json!(7)),
        (Integer, Decimal, json!(7), json!("7")),
        (Integer, String, json!(7), json!("7")),
        (BigInteger, Decimal, json!("9007199254740993"), json!("9007199254740993")),
        (Float, String, json!(0.1), json!("0.1")),
        (Float, Decimal, json!(0.1), json!("0.1")),
        (Float, Integer, json!(2.0), json!(2)),
        (Decimal, Float, json!("0.1"), json!(0.1)),
        (Decimal, Integer, json!("12"), json!(12)),
        (String, Integer, json!(" 42 "), json!(42)),
        (String, Integer, json!("-5"), json!(-5)),
        (String, Integer, json!("0"), json!(0)),
        (String, Decimal, json!("9.50"), json!("9.5")),
        (String, Decimal, json!("0.5"), json!("0.5")),
        (String, Float, json!("1e3"), json!(1000)),
        (String, Boolean, json!("TRUE"), json!(true)),
        (String, Boolean, json!("0"), json!(false)),
        (String, Date, json!("2020-02-29"), json!("2020-02-29")),
        (String, DateTime, json!("2020-01-02T03:04:05+01:00"), json!("2020-01-02T02:04:05.000Z")),
        (String, Time, json!("09:30:00"), json!("09:30:00.000")),
        (String, enumeration(&["a", "b"]), json!("b"), json!("b")),
        (Integer, enumeration(&["1", "2"]), json!(2), json!("2")),
        (String, Email, json!("a@b.co"), json!("a@b.co")),
        (String, Uid, json!("a-b"), json!("a-b")),
        (String, Json, json!("7"), json!("7")),
        (Decimal, Json, json!("0.10000000000000000001"), json!("0.10000000000000000001")),
        (Json, String, json!("text"), json!("text")),
        (Json, String, json!({"a": [1, 2.5]}), json!("{\"a\":[1,2.5]}")),
        (Json, Integer, json!(7), json!(7)),
        (Json, Boolean, json!(true), json!(true)),
        (Boolean, Integer, json!(true), json!(1)),
        (Boolean, String, json!(false), json!("false")),
        (Integer, Boolean, json!(1), json!(true)),
        (Date, DateTime, json!("2020-01-02"), json!("2020-01-02T00:00:00.000Z")),
        (DateTime, Date, json!("2020-01-02T00:00:00.000Z"), json!("2020-01-02")),
        (DateTime, String, json!("2020-01-02T00:00:00.000Z"), json!("2020-01-02T00:00:00.000Z")),
        (
            Text,
            Blocks,
            json!("a\nb"),
            json!([
                {"type": "paragraph", "children": [{"type": "text", "text": "a"}]},
                {"type": "paragraph", "children": [{"type": "text", "text": "b"}]}
            ]),
        ),
        (Blocks, Json, json!([]), json!([])),
    ] {
        assert_eq!(convert_value(&conversion(&from, &to), &value), Ok(expected), "{from:?} {to:?} {value}");
        assert!(!matches!(fits(&from, &to), KindFit::Impossible(_)), "{from:?} {to:?}");
        let nothing = convert_value(&conversion(&from, &to), &Json::Null);
        assert_eq!(nothing, Ok(Json::Null));
    }
}

#[test]
fn values_that_do_not_fit_are_rejected_or_cut() {
    for (from, to, value, short) in [
        (String, Integer, json!("abc"), None),
        (String, Integer, json!(""), None),
        (String, Integer, json!("0612345678"), Some(json!(612345678))),
        (String, Integer, json!("+31"), Some(json!(31))),
        (String, Integer, json!("1 000"), Some(json!(1000))),
        (String, Integer, json!("2.5"), Some(json!(2))),
        (String, Integer, json!("99999999999999999999"), None),
        (Float, Integer, json!(-2.5), Some(json!(-2))),
        (Decimal, Float, json!("0.10000000000000000001"), Some(json!(0.1))),
        (BigInteger, Float, json!("9007199254740993"), Some(json!(9007199254740992.0))),
        (Float, Decimal, json!(1e300), None),
        (Integer, Boolean, json!(2), None),
        (String, Date, json!("soon"), None),
        (String, Date, json!("2020-01-02 and more"), Some(json!("2020-01-02"))),
        (DateTime, Date, json!("2020-01-02T03:04:05.000Z"), Some(json!("2020-01-02"))),
        (String, enumeration(&["a"]), json!("b"), None),
        (enumeration(&["a", "b"]), enumeration(&["a"]), json!("b"), None),
        (String, Email, json!("nobody"), None),
        (String, Uid, json!("a b"), None),
        (Json, Blocks, json!("text"), None),
        (Json, Blocks, json!([{"type": "what"}]), None),
        (Json, Integer, json!([1]), None),
    ] {
        let c = conversion(&from, &to);
        let why = convert_value(&c, &value).unwrap_err();
        assert!(why.0.len() < 300, "{why}");
        assert_eq!(cut_value(&c, &value).ok(), short, "{from:?} {to:?} {value}");
        assert_eq!(fits(&from, &to), KindFit::Tried, "{from:?} {to:?}");
    }
    let long = Conversion { from: Text, to: String, max_length: Some(3) };
    assert_eq!(convert_value(&long, &json!("abc")), Ok(json!("abc")));
    assert!(convert_value(&long, &json!("abcd")).unwrap_err().0.contains("at most 3"));
    // Two units of UTF-16 are one character, which is not cut in two.
    assert_eq!(cut_value(&long, &json!("ab😀")), Ok(json!("ab")));
    let secret = convert_value(&conversion(&Text, &Integer), &json!("x".repeat(10_000))).unwrap_err();
    assert!(secret.0.len() < 200);
}

#[test]
fn kind_changes_are_classified() {
    let one = || Component { component: "c.c".into(), repeatable: false };
    let list = || Component { component: "c.c".into(), repeatable: true };
    let other = || Component { component: "c.d".into(), repeatable: false };
    let zone = || DynamicZone { components: vec!["c.c".into(), "c.d".into()] };
    use RelationWord::*;
    use SideShape::*;
    let to = |word, side| relation(word, Some("api::a.a"), side);
    let media = |multiple| Media { multiple };
    let same = [
        (String, RichText),
        (enumeration(&["a"]), enumeration(&["b", "a"])),
        (Blocks, Json),
        (to(OneToOne, OneWay), to(ManyToOne, OneWay)),
        (to(ManyToOne, OneWay), to(ManyToOne, Owner("x".into()))),
        (to(OneToMany, OneWay), to(ManyToMany, Owner("x".into()))),
        (to(OneToMany, Inverse("x".into())), to(ManyToMany, Inverse("y".into()))),
        (relation(OneToOne, Some("plugin::upload.file"), OneWay), media(false)),
        (zone(), DynamicZone { components: vec!["c.c".into()] }),
    ];
    let lossless = [
        (Integer, String),
        (Boolean, Decimal),
        (Date, DateTime),
        (one(), list()),
        (one(), zone()),
        (media(false), media(true)),
        (to(ManyToOne, OneWay), to(ManyToMany, OneWay)),
        (to(ManyToOne, OneWay), relation(MorphToOne, None, OneWay)),
        (relation(MorphToOne, None, OneWay), relation(MorphToMany, None, OneWay)),
    ];
    let tried = [
        (String, Email),
        (list(), one()),
        (zone(), one()),
        (zone(), list()),
        (media(true), media(false)),
        (to(ManyToMany, OneWay), to(ManyToOne, OneWay)),
        (to(ManyToOne, Owner("x".into())), to(OneToOne, Owner("x".into()))),
        (relation(MorphToOne, None, OneWay), to(ManyToOne, OneWay)),
    ];
    let impossible = [
        (Password, String),
        (String, Password),
        (Blocks, Text),
        (Time, DateTime),
        (Integer, Date),
        (one(), other()),
        (one(), Json),
        (String, one()),
        (to(ManyToOne, OneWay), String),
        (Json, media(false)),
        (to(ManyToOne, OneWay), relation(ManyToOne, Some("api::b.b"), OneWay)),
        (to(OneToOne, Owner("x".into())), to(OneToOne, Inverse("x".into()))),
    ];
    for (from, to) in &same {
        assert_eq!(fits(from, to), KindFit::Same, "{from:?} {to:?}");
    }
    for (from, to) in &lossless {
        assert_eq!(fits(from, to), KindFit::Lossless, "{from:?} {to:?}");
    }
    for (from, to) in &tried {
        assert_eq!(fits(from, to), KindFit::Tried, "{from:?} {to:?}");
    }
    for (from, to) in &impossible {
        assert!(matches!(fits(from, to), KindFit::Impossible(_)), "{from:?} {to:?}");
    }
    let limited = |had, has| kind_fit(&attribute(Text, had), &attribute(String, has));
    assert_eq!((limited(None, Some(5)), limited(Some(4), Some(5))), (KindFit::Tried, KindFit::Same));
}

#[test]
fn components_and_links_convert_between_one_and_many() {
    let one = Component { component: "c.c".into(), repeatable: false };
    let list = Component { component: "c.c".into(), repeatable: true };
    let zone = DynamicZone { components: vec!["c.c".into(), "c.d".into()] };
    let c = |from: &KindShape, to: &KindShape, value: Json| convert_value(&conversion(from, to), &value);
    assert_eq!(c(&one, &list, json!({"id": 1})), Ok(json!([{"id": 1}])));
    assert_eq!(c(&one, &list, Json::Null), Ok(json!([])));
    assert_eq!(c(&list, &one, json!([])), Ok(Json::Null));
    assert!(c(&list, &one, json!([{"id": 1}, {"id": 2}])).is_err());
    assert_eq!(cut_value(&conversion(&list, &one), &json!([{"id": 1}, {"id": 2}])), Ok(json!({"id": 1})));
    assert_eq!(c(&one, &zone, json!({"id": 1})).unwrap().to_string(), r#"[{"__component":"c.c","id":1}]"#);
    let mixed = json!([{"__component": "c.d", "id": 1}, {"__component": "c.c", "id": 2}]);
    assert!(c(&zone, &list, mixed.clone()).is_err());
    assert_eq!(cut_value(&conversion(&zone, &list), &mixed), Ok(json!([{"id": 2}])));
    let (file, files) = (Media { multiple: false }, Media { multiple: true });
    let two = json!([{"documentId": "a"}, {"documentId": "b"}]);
    assert!(c(&files, &file, two.clone()).is_err());
    assert_eq!(cut_value(&conversion(&files, &file), &two), Ok(json!([{"documentId": "a"}])));
    assert_eq!(c(&file, &files, json!([{"documentId": "a"}])), Ok(json!([{"documentId": "a"}])));
    let any = relation(RelationWord::MorphToMany, None, SideShape::OneWay);
    let some = relation(RelationWord::OneToMany, Some("api::a.a"), SideShape::OneWay);
    let links = json!([{"type": "api::a.a", "documentId": "a"}, {"type": "api::b.b", "documentId": "b"}]);
    assert!(c(&any, &some, links.clone()).is_err());
    assert_eq!(cut_value(&conversion(&any, &some), &links), Ok(json!([{"type": "api::a.a", "documentId": "a"}])));
}
