//! Kinds of fields, with values that databases could see differently.

use crate::oracle::Scalar;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// A kind of field that holds one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    String,
    /// A string with `unique`.
    Code,
    /// With an index.
    Indexed,
    Text,
    Email,
    Uid,
    Enumeration,
    Integer,
    BigInteger,
    Float,
    Decimal,
    Boolean,
    Date,
    DateTime,
    Time,
    Json,
}

use Kind::*;

/// The kinds of a content type's attributes; all but the first two may be in a component as well.
pub(crate) const KINDS: [Kind; 16] = [
    Code,
    Indexed,
    String,
    Text,
    Email,
    Uid,
    Enumeration,
    Integer,
    BigInteger,
    Float,
    Decimal,
    Boolean,
    Date,
    DateTime,
    Time,
    Json,
];

/// Values of an enumeration that a schema allows.
const ENUMERATION: [&str; 5] = ["low", "High", "high", "été", "Été"];

/// A value as a client writes it, and in its canonical form.
type Sample = (&'static str, &'static str);

const TEXTS: &[Sample] = &[
    ("", ""),
    ("a", "a"),
    ("A", "A"),
    ("ab", "ab"),
    ("aB", "aB"),
    ("b%", "b%"),
    ("_", "_"),
    ("é", "é"),
    ("É", "É"),
    // The same to a reader, another text to a computer.
    ("e\u{301}", "e\u{301}"),
    // Letters whose other case is an ASCII letter, or two of them.
    ("ſ", "ſ"),
    ("\u{212a}", "\u{212a}"),
    ("İ", "İ"),
    ("ı", "ı"),
    ("i", "i"),
    ("I", "I"),
    ("ß", "ß"),
    ("ẞ", "ẞ"),
    // A capital with two small letters.
    ("ΟΔΟΣ", "ΟΔΟΣ"),
    ("Οδός", "Οδός"),
    ("οδοσ", "οδοσ"),
    ("ς", "ς"),
    ("ИВАН Грозный", "ИВАН Грозный"),
    ("иван", "иван"),
    ("Żółć", "Żółć"),
    ("ŻÓŁĆ", "ŻÓŁĆ"),
    ("E\u{301}", "E\u{301}"),
    ("𐐀", "𐐀"),
    ("𐐨", "𐐨"),
    ("s", "s"),
    ("SS", "SS"),
    ("z\\", "z\\"),
    ("0", "0"),
    ("10", "10"),
    ("9", "9"),
    ("'\"", "'\""),
    // Above and below the surrogates: UTF-16 has them the other way round.
    ("𝒳", "𝒳"),
    ("\u{ffee}", "\u{ffee}"),
    (" a", " a"),
    ("a ", "a "),
    ("a-b", "a-b"),
    ("a b", "a b"),
    ("\t\n", "\t\n"),
    ("\u{1}\u{7f}", "\u{1}\u{7f}"),
    ("\u{feff}", "\u{feff}"),
];

/// Longer than what an index of PostgreSQL holds in one entry, and nothing that compresses.
static LONG: LazyLock<[std::string::String; 2]> = LazyLock::new(|| {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'!' + u8::try_from((state >> 24) % 90).unwrap())
    };
    let common: std::string::String = (0..20_000).map(|_| next()).collect();
    // The two texts differ at their end only.
    [format!("{common}a"), format!("{common}B")]
});

impl Kind {
    /// The attribute as a schema file has it.
    pub(crate) fn schema(self) -> Value {
        match self {
            Code => json!({"type": "string", "unique": true}),
            Indexed => json!({"type": "text", "index": true}),
            Enumeration => json!({"type": "enumeration", "enum": ENUMERATION}),
            String => json!({"type": "string"}),
            Text => json!({"type": "text"}),
            Email => json!({"type": "email"}),
            Uid => json!({"type": "uid"}),
            Integer => json!({"type": "integer"}),
            BigInteger => json!({"type": "biginteger"}),
            Float => json!({"type": "float"}),
            Decimal => json!({"type": "decimal"}),
            Boolean => json!({"type": "boolean"}),
            Date => json!({"type": "date"}),
            DateTime => json!({"type": "datetime"}),
            Time => json!({"type": "time"}),
            Json => json!({"type": "json"}),
        }
    }

    /// True if its texts are in the order of the collation of their content type.
    pub(crate) fn has_collation_key(self) -> bool {
        matches!(self, String | Code | Email | Uid)
    }

    /// True if every operator that looks at text is asked of it, and values are texts.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, String | Code | Indexed | Text | Email | Uid | Enumeration)
    }

    /// True if the text of a value that is no text is the same everywhere, so that operators may look at it.
    pub(crate) fn has_text(self) -> bool {
        self.is_text() || matches!(self, Integer | BigInteger | Decimal | Date | DateTime | Time)
    }

    /// True if values can be compared and sorted; JSON is only there or not.
    pub(crate) fn is_ordered(self) -> bool {
        self != Json
    }

    /// True if two documents may not have the same value.
    pub(crate) fn is_unique(self) -> bool {
        matches!(self, Code | Uid)
    }

    /// Values that are stored, and that a query asks for.
    fn pool(self) -> &'static [Sample] {
        match self {
            String | Code | Indexed | Text => TEXTS,
            Email => &[("a@b.co", "a@b.co"), ("A@b.co", "A@b.co"), ("a+b@b.co", "a+b@b.co"), ("z@b.co", "z@b.co")],
            Uid => {
                &[("a", "a"), ("A", "A"), ("a-b", "a-b"), ("a_b", "a_b"), ("a.b", "a.b"), ("a~b", "a~b"), ("ab", "ab")]
            }
            Enumeration => &[("low", "low"), ("High", "High"), ("high", "high"), ("été", "été"), ("Été", "Été")],
            Integer => &[
                ("-2", "-2"),
                ("0", "0"),
                ("1", "1"),
                ("2.0", "2"),
                ("10", "10"),
                ("1e1", "10"),
                ("9007199254740993", "9007199254740993"),
                ("-2147483649", "-2147483649"),
            ],
            BigInteger => &[
                ("0", "0"),
                ("-5", "-5"),
                ("9007199254740993", "9007199254740993"),
                ("9007199254740992", "9007199254740992"),
                ("9223372036854775807", "9223372036854775807"),
                ("9223372036854775806", "9223372036854775806"),
                ("-9223372036854775808", "-9223372036854775808"),
            ],
            Float => &[
                ("-1.5", "-1.5"),
                ("0", "0"),
                ("-0", "0"),
                ("0.1", "0.1"),
                ("1e10", "1e10"),
                ("0.3", "0.3"),
                ("0.30000000000000004", "0.30000000000000004"),
                ("1.7976931348623157e308", "1.7976931348623157e308"),
                ("-1.7976931348623157e308", "-1.7976931348623157e308"),
                ("5e-324", "5e-324"),
            ],
            Decimal => &[
                ("-0.5", "-0.5"),
                ("0", "0"),
                ("0.10", "0.1"),
                ("9.99", "9.99"),
                ("9.990", "9.99"),
                ("10", "10"),
                ("1e20", "100000000000000000000"),
                ("123456789012345678901234567890", "123456789012345678901234567890"),
                ("123456789012345678901234567891", "123456789012345678901234567891"),
                ("-123456789012345678901234567890", "-123456789012345678901234567890"),
                ("0.000000000000000000000000000001", "0.000000000000000000000000000001"),
                ("1.000000000000000000000000000001", "1.000000000000000000000000000001"),
                ("1", "1"),
            ],
            Boolean => &[("true", "true"), ("false", "false"), ("0", "false"), ("maybe", "true")],
            Date => &[
                ("2020-02-29", "2020-02-29"),
                ("2021-01-01T10:00", "2021-01-01"),
                ("1999-12-31", "1999-12-31"),
                ("0000-01-01", "0000-01-01"),
                ("0001-01-01", "0001-01-01"),
                ("9999-12-31", "9999-12-31"),
            ],
            DateTime => &[
                ("2020-01-02T03:04:05.000Z", "2020-01-02T03:04:05.000Z"),
                ("2020-01-02T04:04:05+01:00", "2020-01-02T03:04:05.000Z"),
                ("2020-01-02T03:04:05.001Z", "2020-01-02T03:04:05.001Z"),
                ("2020-01-02", "2020-01-02T00:00:00.000Z"),
                ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
                ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
            ],
            Time => &[("09:30:00", "09:30:00.000"), ("23:59:59.999", "23:59:59.999"), ("00:00:00", "00:00:00.000")],
            // JSON is returned as written: the order of keys, numbers and escapes are the client's.
            Json => &[
                ("{}", "{}"),
                ("[]", "[]"),
                (r#"{"b":1,"a":2,"aa":null}"#, r#"{"b":1,"a":2,"aa":null}"#),
                (
                    r#"[1.5,-0.25,1e300,12345678901234567,true,null]"#,
                    r#"[1.5,-0.25,1e300,12345678901234567,true,null]"#,
                ),
                (r#"{"":{"é":"𝒳\"\\\u0001"}}"#, r#"{"":{"é":"𝒳\"\\\u0001"}}"#),
                (r#""text""#, r#""text""#),
                ("false", "false"),
                ("0", "0"),
            ],
        }
    }

    /// Values to compare with that are no values of the kind.
    fn out_of_range(self) -> &'static [(&'static str, f64)] {
        match self {
            Integer | BigInteger => &[
                ("2.5", 2.5),
                ("-0.5", -0.5),
                ("9223372036854775808", 9_223_372_036_854_775_808.0),
                ("-9223372036854777856", -9_223_372_036_854_777_856.0),
                ("1e300", 1e300),
                ("-1e300", -1e300),
            ],
            _ => &[],
        }
    }

    fn scalar(self, canonical: &str) -> Scalar {
        match self {
            String | Code | Indexed | Text | Email | Uid | Enumeration | Date | DateTime | Time => {
                Scalar::Text(canonical.into())
            }
            Integer | BigInteger => Scalar::Int(canonical.parse().unwrap()),
            Float => Scalar::Float(canonical.parse().unwrap()),
            Decimal => Scalar::Decimal(canonical.into()),
            Boolean => Scalar::Bool(canonical == "true"),
            Json => Scalar::Json(serde_json::from_str::<serde_json::Value>(canonical).unwrap().to_string()),
        }
    }

    /// A value to compare with, as a query says it.
    pub(crate) fn operand(self, rng: &mut StdRng) -> (&'static str, Scalar) {
        if let (0, Some(&(text, float))) = (rng.random_range(0..4), self.out_of_range().choose(rng)) {
            return (text, Scalar::Float(float));
        }
        let (text, canonical) = *self.pool().choose(rng).unwrap();
        (text, self.scalar(canonical))
    }

    /// A value to store: as a client sends it, and what it is.
    pub(crate) fn value(self, rng: &mut StdRng) -> (Value, Scalar) {
        if matches!(self, String | Code | Indexed | Text) && rng.random_bool(0.1) {
            let long = LONG.choose(rng).unwrap();
            // Indexed values have a limit, which is the same on all databases.
            let end = if matches!(self, Indexed | Code) { long.floor_char_boundary(2_500) } else { long.len() };
            return (json!(long[..end]), Scalar::Text(long[..end].to_owned()));
        }
        let (text, canonical) = *self.pool().choose(rng).unwrap();
        let scalar = self.scalar(canonical);
        (if matches!(self, Boolean | Json) { self.client_value(&scalar) } else { json!(text) }, scalar)
    }

    /// A value as a client may send it.
    pub(crate) fn client_value(self, value: &Scalar) -> Value {
        match value {
            Scalar::Null => Value::Null,
            Scalar::Int(i) => json!(i.to_string()),
            Scalar::Float(f) => json!(f),
            Scalar::Bool(b) => json!(b),
            Scalar::Text(t) | Scalar::Decimal(t) => json!(t),
            Scalar::Json(text) => serde_json::from_str(text).unwrap(),
        }
    }

    /// Values that are refused before any database sees them.
    pub(crate) fn invalid_values(self) -> Vec<Value> {
        match self {
            Indexed | Code => vec![json!("a\0b"), json!({}), json!("é".repeat(1_251))],
            String | Text => vec![json!("a\0b"), json!({})],
            Email => vec![json!("nobody"), json!("\0@b.co")],
            Uid => vec![json!("a b"), json!("é"), json!("a\0")],
            Enumeration => vec![json!("LOW"), json!("")],
            Integer => vec![json!("1.5"), json!("9223372036854775808"), json!("x"), json!(1e300)],
            BigInteger => vec![json!("9223372036854775808"), json!("-9223372036854775809"), json!("1.5"), json!("x")],
            Float => vec![json!("1e400"), json!("NaN"), json!("Infinity")],
            Decimal => vec![json!("1e60"), json!("1e-61"), json!("NaN"), json!("1,5")],
            Boolean => vec![json!("maybe"), json!(2)],
            Date => vec![json!("2021-02-29"), json!("10000-01-01"), json!("-0001-01-01"), json!("today")],
            DateTime => vec![json!("10000-01-01T00:00:00Z"), json!("0000-01-01T00:00:00+01:00"), json!("now")],
            Time => vec![json!("24:00:00"), json!("23:59:60"), json!("noon")],
            Json => vec![json!({"a": "\0"}), json!({"\0": 1})],
        }
    }
}
