//! Stored component JSON → the JSON of a response: only what was requested, nothing private. Works on the text itself, which is what
//! `cairn_model::stored` writes, or PostgreSQL's `jsonb` of it: keys in another order, a blank after each comma and colon.

use super::groups::{GroupKeyRef, RowGroups};
use super::json_writer;
use super::sql::{ComponentShape, ComponentsShape, ShapeFormat};
use memchr::memchr2;

/// The text is not JSON of components.
#[derive(Debug)]
pub(super) struct MalformedJson;

type ScanResult<T = ()> = Result<T, MalformedJson>;

/// Rows that the links of the instances lead to, by slot, and the locale of the row (empty where it has none).
pub(super) struct LinkedRows<'a> {
    pub(super) groups: &'a [RowGroups],
    pub(super) locale: &'a str,
}

/// Writes a component, a list or a zone.
pub(super) fn write_components(
    out: &mut Vec<u8>,
    shape: &ComponentsShape,
    text: Option<&[u8]>,
    links: Option<&LinkedRows<'_>>,
) -> ScanResult {
    let text = text.unwrap_or(b"null");
    let mut scan = ComponentScanner { text, at: 0 };
    scan.write_shape(out, shape, links)
}

struct ComponentScanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> ComponentScanner<'a> {
    fn peek(&self) -> ScanResult<u8> {
        self.text.get(self.at).copied().ok_or(MalformedJson)
    }

    fn expect(&mut self, b: u8) -> ScanResult {
        if self.peek()? == b {
            self.at += 1;
            Ok(())
        } else {
            Err(MalformedJson)
        }
    }

    /// Reads what follows a member or element: true if another follows, false at `end`.
    fn has_more(&mut self, end: u8) -> ScanResult<bool> {
        let b = self.peek()?;
        self.at += 1;
        match b {
            b',' => {
                self.skip_blank();
                Ok(true)
            }
            b if b == end => Ok(false),
            _ => Err(MalformedJson),
        }
    }

    fn skip_blank(&mut self) {
        while self.text.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
    }

    /// Reads a string as it is written, without its quotes.
    fn read_string(&mut self) -> ScanResult<&'a [u8]> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            let rest = self.text.get(self.at..).ok_or(MalformedJson)?;
            let i = memchr2(b'"', b'\\', rest).ok_or(MalformedJson)?;
            if rest[i] == b'"' {
                let text = &self.text[start..self.at + i];
                self.at += i + 1;
                return Ok(text);
            }
            self.at += i + 2;
        }
    }

    /// Reads any value as it is written.
    fn read_value(&mut self) -> ScanResult<&'a [u8]> {
        let start = self.at;
        match self.peek()? {
            b'"' => {
                self.read_string()?;
            }
            b'{' | b'[' => {
                let mut depth = 0usize;
                loop {
                    match self.peek()? {
                        b'"' => {
                            self.read_string()?;
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
        self.text.get(start..self.at).filter(|t| !t.is_empty()).ok_or(MalformedJson)
    }

    fn write_shape(
        &mut self,
        out: &mut Vec<u8>,
        shape: &ComponentsShape,
        links: Option<&LinkedRows<'_>>,
    ) -> ScanResult {
        if shape.count {
            let n = self.count_elements()?;
            out.extend_from_slice(b"{\"count\":");
            json_writer::write_integer(out, n);
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
                        if !self.write_instance(out, shape, links)? {
                            out.truncate(before);
                        }
                        if !self.has_more(b']')? {
                            break;
                        }
                    }
                }
                out.push(b']');
            }
            b'{' => {
                if !self.write_instance(out, shape, links)? {
                    out.extend_from_slice(b"null");
                }
            }
            _ => {
                self.read_value()?;
                out.extend_from_slice(if shape.many { b"[]" } else { b"null" });
            }
        }
        Ok(())
    }

    fn count_elements(&mut self) -> ScanResult<i64> {
        match self.peek()? {
            b'[' => {
                self.at += 1;
                let mut n = 0;
                if self.peek()? == b']' {
                    self.at += 1;
                    return Ok(0);
                }
                loop {
                    self.read_value()?;
                    n += 1;
                    if !self.has_more(b']')? {
                        return Ok(n);
                    }
                }
            }
            b'{' => self.read_value().map(|_| 1),
            _ => self.read_value().map(|_| 0),
        }
    }

    /// Reads the members of an object as they are written.
    fn read_members(&mut self) -> ScanResult<Vec<(&'a [u8], &'a [u8])>> {
        self.expect(b'{')?;
        let mut members = Vec::with_capacity(16);
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(members);
        }
        loop {
            let name = self.read_string()?;
            self.expect(b':')?;
            self.skip_blank();
            members.push((name, self.read_value()?));
            if !self.has_more(b'}')? {
                return Ok(members);
            }
        }
    }

    /// Writes one instance; false (with nothing written) if its component has no shape.
    fn write_instance(
        &mut self,
        out: &mut Vec<u8>,
        shape: &ComponentsShape,
        links: Option<&LinkedRows<'_>>,
    ) -> ScanResult<bool> {
        let members = self.read_members()?;
        let member = |name: &[u8]| members.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        let component: &ComponentShape = if shape.zone {
            let uid = member(b"__component").ok_or(MalformedJson)?;
            let uid = uid.strip_prefix(b"\"").and_then(|u| u.strip_suffix(b"\"")).ok_or(MalformedJson)?;
            match shape.components.iter().find(|c| c.uid.as_bytes() == uid) {
                Some(c) => c,
                None => return Ok(false),
            }
        } else {
            shape.components.first().ok_or(MalformedJson)?
        };
        let id = member(b"id").ok_or(MalformedJson)?;
        out.push(b'{');
        out.extend_from_slice(&component.head);
        out.extend_from_slice(b"\"id\":");
        out.extend_from_slice(id);
        // Stored and requested attributes are mostly in the same order: the next match is mostly the next member.
        let mut next = 0;
        for field in &component.fields {
            out.extend_from_slice(&field.key);
            let n = members.len();
            let found = (0..n).map(|i| (next + i) % n).find(|&i| members[i].0 == field.name.as_bytes());
            // An attribute the schema gained after this row was written.
            let value = found.map_or(&b"null"[..], |i| members[i].1);
            next = found.map_or(next, |i| i + 1);
            match &field.out {
                ShapeFormat::Verbatim => out.extend_from_slice(value),
                ShapeFormat::Number => {
                    let digits = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
                    out.extend_from_slice(digits);
                }
                ShapeFormat::Child(child) => ComponentScanner { text: value, at: 0 }.write_shape(out, child, links)?,
            }
        }
        if let Some(links) = links {
            let instance = std::str::from_utf8(id).ok().and_then(|t| t.parse().ok()).ok_or(MalformedJson)?;
            for (key, slot, many) in &component.links {
                out.extend_from_slice(key);
                if let Some(group) = links.groups.get(*slot) {
                    group.write_group(out, GroupKeyRef::Id(instance), links.locale, *many);
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

    fn field(name: &str, out: ShapeFormat) -> ShapeField {
        ShapeField { name: name.into(), key: format!(",\"{name}\":").into_bytes(), out }
    }

    fn component(uid: &str, zone: bool, fields: Vec<ShapeField>) -> ComponentShape {
        let head = if zone { format!("\"__component\":\"{uid}\",").into_bytes() } else { vec![] };
        ComponentShape { uid: uid.into(), head, fields, links: vec![] }
    }

    fn render(shape: &ComponentsShape, text: Option<&str>) -> Result<String, MalformedJson> {
        let mut out = Vec::new();
        write_components(&mut out, shape, text.map(str::as_bytes), None)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn only_requested_component_fields_are_written() {
        let c = component("a.b", false, vec![field("x", ShapeFormat::Verbatim), field("n", ShapeFormat::Number)]);
        let one = ComponentsShape { many: false, count: false, zone: false, components: vec![c] };
        let text = r#"{"id":7,"x":"a\"b","secret":{"a":["}"]},"n":"9.50"}"#;
        assert_eq!(render(&one, Some(text)).unwrap(), r#"{"id":7,"x":"a\"b","n":9.50}"#);
        assert_eq!(render(&one, Some(r#"{"id":7}"#)).unwrap(), r#"{"id":7,"x":null,"n":null}"#);
        assert_eq!(render(&one, None).unwrap(), "null");
        assert!(render(&one, Some(r#"{"id":7,"x":"#)).is_err());
        assert!(render(&one, Some("{")).is_err());
    }

    #[test]
    fn jsonb_text_is_parsed() {
        let zone = ComponentsShape {
            many: true,
            count: false,
            zone: true,
            components: vec![component(
                "a.b",
                true,
                vec![field("x", ShapeFormat::Verbatim), field("n", ShapeFormat::Number)],
            )],
        };
        let text =
            r#"[{"n": "9.50", "x": {"k": [1, 2]}, "id": 2, "__component": "a.b"}, {"id": 3, "__component": "c.d"}]"#;
        assert_eq!(render(&zone, Some(text)).unwrap(), r#"[{"__component":"a.b","id":2,"x":{"k": [1, 2]},"n":9.50}]"#);
    }

    #[test]
    fn zones_leave_out_components_without_a_shape() {
        let zone = ComponentsShape {
            many: true,
            count: false,
            zone: true,
            components: vec![component("a.b", true, vec![field("x", ShapeFormat::Verbatim)])],
        };
        let text =
            r#"[{"__component":"c.d","id":1,"y":"]"},{"__component":"a.b","id":2,"x":1},{"__component":"c.d","id":3}]"#;
        assert_eq!(render(&zone, Some(text)).unwrap(), r#"[{"__component":"a.b","id":2,"x":1}]"#);
        assert_eq!(render(&zone, None).unwrap(), "[]");
        let counted = ComponentsShape { count: true, ..zone };
        assert_eq!(render(&counted, Some(text)).unwrap(), r#"{"count":3}"#);
    }
}
