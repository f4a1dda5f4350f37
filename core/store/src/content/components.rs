//! Stored component JSON → the JSON of a response: only what was requested, nothing private. Works on the text itself, which is what
//! `cairn_model::stored` writes, or PostgreSQL's `jsonb` of it: keys in another order, a blank after each comma and colon.

use super::groups::{Groups, KeyRef};
use super::json_writer;
use super::sql::{ComponentShape, Shape, ShapeOut};
use memchr::memchr2;

/// The text is not JSON of components.
#[derive(Debug)]
pub(super) struct Malformed;

type Done<T = ()> = Result<T, Malformed>;

/// What the links of the instances lead to, by slot, and the locale of the row (empty where it has none).
pub(super) struct LinkedRows<'a> {
    pub(super) groups: &'a [Groups],
    pub(super) locale: &'a str,
}

/// Writes a component, a list or a zone.
pub(super) fn write(out: &mut Vec<u8>, shape: &Shape, text: Option<&[u8]>, links: Option<&LinkedRows<'_>>) -> Done {
    let text = text.unwrap_or(b"null");
    let mut scan = Scan { text, at: 0 };
    scan.shape(out, shape, links)
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Done<u8> {
        self.text.get(self.at).copied().ok_or(Malformed)
    }

    fn expect(&mut self, b: u8) -> Done {
        if self.peek()? == b {
            self.at += 1;
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    /// Reads what follows a member or element: true if another follows, false at `end`.
    fn more(&mut self, end: u8) -> Done<bool> {
        let b = self.peek()?;
        self.at += 1;
        match b {
            b',' => {
                self.blank();
                Ok(true)
            }
            b if b == end => Ok(false),
            _ => Err(Malformed),
        }
    }

    fn blank(&mut self) {
        while self.text.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
    }

    /// Reads a string as it is written, without its quotes.
    fn string(&mut self) -> Done<&'a [u8]> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            let rest = self.text.get(self.at..).ok_or(Malformed)?;
            let i = memchr2(b'"', b'\\', rest).ok_or(Malformed)?;
            if rest[i] == b'"' {
                let text = &self.text[start..self.at + i];
                self.at += i + 1;
                return Ok(text);
            }
            self.at += i + 2;
        }
    }

    /// Reads any value as it is written.
    fn value(&mut self) -> Done<&'a [u8]> {
        let start = self.at;
        match self.peek()? {
            b'"' => {
                self.string()?;
            }
            b'{' | b'[' => {
                let mut depth = 0usize;
                loop {
                    match self.peek()? {
                        b'"' => {
                            self.string()?;
                            continue;
                        }
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth -= 1,
                        _ => {}
                    }
                    self.at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            }
            _ => {
                while !matches!(self.text.get(self.at), None | Some(b',' | b'}' | b']')) {
                    self.at += 1;
                }
            }
        }
        self.text.get(start..self.at).filter(|t| !t.is_empty()).ok_or(Malformed)
    }

    fn shape(&mut self, out: &mut Vec<u8>, shape: &Shape, links: Option<&LinkedRows<'_>>) -> Done {
        if shape.count {
            let n = self.count()?;
            out.extend_from_slice(b"{\"count\":");
            json_writer::integer(out, n);
            out.push(b'}');
            return Ok(());
        }
        match self.peek()? {
            b'[' => {
                self.at += 1;
                out.push(b'[');
                let start = out.len();
                if self.peek()? == b']' {
                    self.at += 1;
                } else {
                    loop {
                        let before = out.len();
                        if before > start {
                            out.push(b',');
                        }
                        if !self.instance(out, shape, links)? {
                            out.truncate(before);
                        }
                        if !self.more(b']')? {
                            break;
                        }
                    }
                }
                out.push(b']');
            }
            b'{' => {
                if !self.instance(out, shape, links)? {
                    out.extend_from_slice(b"null");
                }
            }
            _ => {
                self.value()?;
                out.extend_from_slice(if shape.many { b"[]" } else { b"null" });
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Done<i64> {
        match self.peek()? {
            b'[' => {
                self.at += 1;
                let mut n = 0;
                if self.peek()? == b']' {
                    self.at += 1;
                    return Ok(0);
                }
                loop {
                    self.value()?;
                    n += 1;
                    if !self.more(b']')? {
                        return Ok(n);
                    }
                }
            }
            b'{' => self.value().map(|_| 1),
            _ => self.value().map(|_| 0),
        }
    }

    /// Reads the members of an object as they are written.
    fn members(&mut self) -> Done<Vec<(&'a [u8], &'a [u8])>> {
        self.expect(b'{')?;
        let mut members = Vec::with_capacity(16);
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(members);
        }
        loop {
            let name = self.string()?;
            self.expect(b':')?;
            self.blank();
            members.push((name, self.value()?));
            if !self.more(b'}')? {
                return Ok(members);
            }
        }
    }

    /// Writes one instance; false (with nothing written) if its component has no shape.
    fn instance(&mut self, out: &mut Vec<u8>, shape: &Shape, links: Option<&LinkedRows<'_>>) -> Done<bool> {
        let members = self.members()?;
        let member = |name: &[u8]| members.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        let component: &ComponentShape = if shape.zone {
            let uid = member(b"__component").ok_or(Malformed)?;
            let uid = uid.strip_prefix(b"\"").and_then(|u| u.strip_suffix(b"\"")).ok_or(Malformed)?;
            match shape.components.iter().find(|c| c.uid.as_bytes() == uid) {
                Some(c) => c,
                None => return Ok(false),
            }
        } else {
            shape.components.first().ok_or(Malformed)?
        };
        let id = member(b"id").ok_or(Malformed)?;
        out.push(b'{');
        out.extend_from_slice(&component.head);
        out.extend_from_slice(b"\"id\":");
        out.extend_from_slice(id);
        // Stored and asked-for attributes are mostly in the same order: the next match is mostly the next member.
        let mut next = 0;
        for field in &component.fields {
            out.extend_from_slice(&field.key);
            let n = members.len();
            let found = (0..n).map(|i| (next + i) % n).find(|&i| members[i].0 == field.name.as_bytes());
            // An attribute the schema gained after this row was written.
            let value = found.map_or(&b"null"[..], |i| members[i].1);
            next = found.map_or(next, |i| i + 1);
            match &field.out {
                ShapeOut::Verbatim => out.extend_from_slice(value),
                ShapeOut::Number => {
                    let digits = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
                    out.extend_from_slice(digits);
                }
                ShapeOut::Child(child) => Scan { text: value, at: 0 }.shape(out, child, links)?,
            }
        }
        if let Some(links) = links {
            let instance = std::str::from_utf8(id).ok().and_then(|t| t.parse().ok()).ok_or(Malformed)?;
            for (key, slot, many) in &component.links {
                out.extend_from_slice(key);
                if let Some(group) = links.groups.get(*slot) {
                    group.write(out, KeyRef::Id(instance), links.locale, *many);
                }
            }
        }
        out.push(b'}');
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sql::ShapeField;
    use super::*;

    fn field(name: &str, out: ShapeOut) -> ShapeField {
        ShapeField { name: name.into(), key: format!(",\"{name}\":").into_bytes(), out }
    }

    fn component(uid: &str, zone: bool, fields: Vec<ShapeField>) -> ComponentShape {
        let head = if zone { format!("\"__component\":\"{uid}\",").into_bytes() } else { vec![] };
        ComponentShape { uid: uid.into(), head, fields, links: vec![] }
    }

    fn render(shape: &Shape, text: Option<&str>) -> Result<String, Malformed> {
        let mut out = Vec::new();
        write(&mut out, shape, text.map(str::as_bytes), None)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn writes_only_what_is_asked_for() {
        let c = component("a.b", false, vec![field("x", ShapeOut::Verbatim), field("n", ShapeOut::Number)]);
        let one = Shape { many: false, count: false, zone: false, components: vec![c] };
        let text = r#"{"id":7,"x":"a\"b","secret":{"a":["}"]},"n":"9.50"}"#;
        assert_eq!(render(&one, Some(text)).unwrap(), r#"{"id":7,"x":"a\"b","n":9.50}"#);
        assert_eq!(render(&one, Some(r#"{"id":7}"#)).unwrap(), r#"{"id":7,"x":null,"n":null}"#);
        assert_eq!(render(&one, None).unwrap(), "null");
        assert!(render(&one, Some(r#"{"id":7,"x":"#)).is_err());
        assert!(render(&one, Some("{")).is_err());
    }

    #[test]
    fn reads_the_form_of_jsonb() {
        let zone = Shape {
            many: true,
            count: false,
            zone: true,
            components: vec![component(
                "a.b",
                true,
                vec![field("x", ShapeOut::Verbatim), field("n", ShapeOut::Number)],
            )],
        };
        let text =
            r#"[{"n": "9.50", "x": {"k": [1, 2]}, "id": 2, "__component": "a.b"}, {"id": 3, "__component": "c.d"}]"#;
        assert_eq!(render(&zone, Some(text)).unwrap(), r#"[{"__component":"a.b","id":2,"x":{"k": [1, 2]},"n":9.50}]"#);
    }

    #[test]
    fn zones_leave_out_components_without_a_shape() {
        let zone = Shape {
            many: true,
            count: false,
            zone: true,
            components: vec![component("a.b", true, vec![field("x", ShapeOut::Verbatim)])],
        };
        let text =
            r#"[{"__component":"c.d","id":1,"y":"]"},{"__component":"a.b","id":2,"x":1},{"__component":"c.d","id":3}]"#;
        assert_eq!(render(&zone, Some(text)).unwrap(), r#"[{"__component":"a.b","id":2,"x":1}]"#);
        assert_eq!(render(&zone, None).unwrap(), "[]");
        let counted = Shape { count: true, ..zone };
        assert_eq!(render(&counted, Some(text)).unwrap(), r#"{"count":3}"#);
    }
}
