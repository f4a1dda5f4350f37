//! From the JSON text of the content API to that of the response, in one pass: values are copied as they are, and members are put in the order
//! of the query. What is not as the schema says is an error, and `async-graphql` describes it.

use crate::pages::{PageBounds, read_page_info};
use crate::selection::{
    AttributeSelection, ConnectionMember, ConnectionSource, MemberSource, ObjectSelection, RootValue, SelectedMember,
};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// Text of an object without members, where `async-graphql` has null.
const NULL: &str = "null";
/// Text of an item of a dynamic zone without members.
const EMPTY_OBJECT: &str = "{}";

/// The data of a response, as far as it is written.
#[derive(Default)]
pub(crate) struct DataWriter {
    bytes: Vec<u8>,
    /// Places of the members of the objects that are being written.
    places: Vec<Range<usize>>,
    /// The members of an object while they are put in order.
    unordered: Vec<u8>,
}

impl DataWriter {
    /// A writer with room for that many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Writes a root field from the body of the REST route; `None` for an entry that does not exist.
    pub(crate) fn write_root(&mut self, value: &RootValue<'_>, body: Option<&[u8]>) -> serde_json::Result<()> {
        let Some(body) = body else {
            return match value {
                RootValue::List(_) => Err(serde_json::Error::custom("no list")),
                RootValue::Connection(_) | RootValue::One(_) => {
                    self.push(NULL);
                    Ok(())
                }
            };
        };
        let text = std::str::from_utf8(body).map_err(serde_json::Error::custom)?;
        let mut reader = serde_json::Deserializer::from_str(text);
        match value {
            RootValue::Connection(members) => {
                let ConnectionBody { data, meta } = ConnectionBody::deserialize(&mut reader)?;
                let meta: Json = serde_json::from_str(meta.get())?;
                let page_info = read_page_info(&meta["pagination"]);
                self.write_connection(members, &data, &page_info)?;
            }
            RootValue::List(item) => {
                reader.deserialize_map(EntriesBody { value: BodyValue::List(item), writer: self })?;
            }
            RootValue::One(entry) => {
                reader.deserialize_map(EntriesBody { value: BodyValue::One(entry), writer: self })?;
            }
        }
        reader.end()
    }

    /// Writes the name of a member, after a comma unless it is the first.
    pub(crate) fn write_key(&mut self, key: &str, is_first: bool) {
        write_key(&mut self.bytes, key, is_first);
    }

    /// Writes the name of a type.
    pub(crate) fn write_type_name(&mut self, name: &str) {
        write_type_name(&mut self.bytes, name);
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes an attribute that the JSON does not have.
    fn write_missing(&mut self, value: &AttributeSelection<'_>) -> serde_json::Result<()> {
        match value {
            AttributeSelection::Plain { is_required: true, .. } => Err(serde_json::Error::custom("a value is missing")),
            AttributeSelection::Plain { .. } | AttributeSelection::One(_) => {
                self.push(NULL);
                Ok(())
            }
            AttributeSelection::List { .. } | AttributeSelection::Zone(_) => {
                self.push("[]");
                Ok(())
            }
            AttributeSelection::Connection { bounds, members } => self.write_part(members, *bounds, &[]),
        }
    }

    /// Writes the connection of a populated list.
    fn write_part(
        &mut self,
        members: &[ConnectionMember<'_>],
        bounds: PageBounds,
        items: &[&RawValue],
    ) -> serde_json::Result<()> {
        let window = bounds.of_list(items.len());
        let page_info = window.page_numbers(items.len());
        self.write_connection(members, &items[window.from..window.to], &page_info)
    }

    fn write_connection(
        &mut self,
        members: &[ConnectionMember<'_>],
        items: &[&RawValue],
        page_info: &Json,
    ) -> serde_json::Result<()> {
        if members.is_empty() {
            self.push(NULL);
            return Ok(());
        }
        self.push("{");
        for (index, ConnectionMember { key, source }) in members.iter().enumerate() {
            self.write_key(key, index == 0);
            match source {
                ConnectionSource::TypeName(name) => self.write_type_name(name),
                ConnectionSource::PageInfo(selection) => self.write_raw(selection, &page_info.to_string())?,
                ConnectionSource::Nodes(selection) => {
                    self.push("[");
                    for (index, item) in items.iter().enumerate() {
                        if index > 0 {
                            self.push(",");
                        }
                        self.write_raw(selection, item.get())?;
                    }
                    self.push("]");
                }
            }
        }
        self.push("}");
        Ok(())
    }

    /// Writes an object from its own text.
    fn write_raw(&mut self, selection: &ObjectSelection<'_>, text: &str) -> serde_json::Result<()> {
        let seed = ObjectSeed { selection, null: None, empty: NULL, writer: self };
        seed.deserialize(&mut serde_json::Deserializer::from_str(text))
    }

    /// Begins an object. Returns how many members stand in it: names of its type that come first.
    fn begin_object(&mut self, members: &[SelectedMember<'_>]) -> usize {
        self.push("{");
        self.write_type_names(members, 0)
    }

    /// Writes names of the object's type, as far as they follow the first `count` members. Returns how many members stand there then.
    fn write_type_names(&mut self, members: &[SelectedMember<'_>], count: usize) -> usize {
        let mut count = count;
        while let Some(SelectedMember { key, source: MemberSource::TypeName(name) }) = members.get(count) {
            self.write_key(key, count == 0);
            self.write_type_name(name);
            count += 1;
        }
        count
    }

    /// Puts an object together of members that have been written in any order, from `start` on; their places are those from `base` on.
    fn order_members(&mut self, members: &[SelectedMember<'_>], start: usize, base: usize) -> serde_json::Result<()> {
        let mut unordered = std::mem::take(&mut self.unordered);
        unordered.clear();
        unordered.extend_from_slice(&self.bytes[start..]);
        self.bytes.truncate(start);
        self.push("{");
        for (index, member) in members.iter().enumerate() {
            self.write_key(member.key, index == 0);
            let place = self.places[base + index].clone();
            match &member.source {
                MemberSource::TypeName(name) => self.write_type_name(name),
                MemberSource::Attribute { value, .. } if place.is_empty() => self.write_missing(value)?,
                MemberSource::Attribute { .. } => {
                    self.bytes.extend_from_slice(&unordered[place.start - start..place.end - start]);
                }
            }
        }
        self.push("}");
        self.places.truncate(base);
        self.unordered = unordered;
        Ok(())
    }
}

/// Names of GraphQL need no escapes.
fn write_key(bytes: &mut Vec<u8>, key: &str, is_first: bool) {
    bytes.extend_from_slice(if is_first { b"\"" } else { b",\"" });
    bytes.extend_from_slice(key.as_bytes());
    bytes.extend_from_slice(b"\":");
}

fn write_type_name(bytes: &mut Vec<u8>, name: &str) {
    bytes.push(b'"');
    bytes.extend_from_slice(name.as_bytes());
    bytes.push(b'"');
}

/// The body of a list with its numbers.
#[derive(Deserialize)]
struct ConnectionBody<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    #[serde(borrow)]
    meta: &'a RawValue,
}

/// An item of a dynamic zone, as far as it says what it is.
#[derive(Deserialize)]
struct ZoneItem<'a> {
    #[serde(rename = "__component", borrow)]
    component: Cow<'a, str>,
}

#[derive(Clone, Copy)]
enum BodyValue<'a> {
    List(&'a ObjectSelection<'a>),
    One(&'a ObjectSelection<'a>),
}

/// Writes `data` of a body.
struct EntriesBody<'a> {
    value: BodyValue<'a>,
    writer: &'a mut DataWriter,
}

impl<'de> Visitor<'de> for EntriesBody<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a body of the content API")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut has_data = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key != "data" || has_data {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            has_data = true;
            let writer = &mut *self.writer;
            match self.value {
                BodyValue::List(item) => {
                    map.next_value_seed(ListSeed { items: Items::Objects(item), bounds: None, writer })?;
                }
                BodyValue::One(entry) => {
                    map.next_value_seed(ObjectSeed { selection: entry, null: Some(NULL), empty: NULL, writer })?;
                }
            }
        }
        match self.value {
            BodyValue::One(_) if !has_data => self.writer.push(NULL),
            BodyValue::List(_) if !has_data => return Err(Error::custom("no list")),
            _ => {}
        }
        Ok(())
    }
}

/// Writes an object.
struct ObjectSeed<'a, 's> {
    selection: &'a ObjectSelection<'s>,
    /// Text for null, where it may be null.
    null: Option<&'static str>,
    /// Text for an object of which nothing is selected.
    empty: &'static str,
    writer: &'a mut DataWriter,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry or a component")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.writer.push(self.null.ok_or_else(|| E::custom("null is no entry"))?);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { selection, empty, writer, .. } = self;
        let members = selection.members.as_slice();
        if members.is_empty() {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            writer.push(empty);
            return Ok(());
        }
        let (start, base) = (writer.bytes.len(), writer.places.len());
        writer.places.resize(base + members.len(), 0..0);
        let mut next = 0;
        // Number of members that stand where they belong, under their names.
        let mut in_order = Some(writer.begin_object(members));
        while let Some(found) = map.next_key_seed(MemberKey { members, next })? {
            let Some((index, value)) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            next = index + 1;
            if !selection.has_aliases {
                in_order = in_order.filter(|count| *count == index);
                if in_order.is_some() {
                    writer.write_key(members[index].key, index == 0);
                }
                let from = writer.bytes.len();
                map.next_value_seed(AttributeSeed { value, writer: &mut *writer })?;
                writer.places[base + index] = from..writer.bytes.len();
                in_order = in_order.map(|count| writer.write_type_names(members, count + 1));
                continue;
            }
            in_order = None;
            let raw: &'de RawValue = map.next_value()?;
            let attribute = members[index].source.attribute();
            for (index, member) in members.iter().enumerate() {
                let MemberSource::Attribute { name, value } = &member.source else { continue };
                if Some(*name) == attribute {
                    let from = writer.bytes.len();
                    AttributeSeed { value, writer: &mut *writer }
                        .deserialize(&mut serde_json::Deserializer::from_str(raw.get()))
                        .map_err(A::Error::custom)?;
                    writer.places[base + index] = from..writer.bytes.len();
                }
            }
        }
        if in_order == Some(members.len()) {
            writer.push("}");
            writer.places.truncate(base);
            return Ok(());
        }
        writer.order_members(members, start, base).map_err(Error::custom)
    }
}

/// Finds the member that is read from an attribute; most attributes come in the order of the members.
struct MemberKey<'a, 's> {
    members: &'a [SelectedMember<'s>],
    /// Where to look first.
    next: usize,
}

impl<'de, 'a, 's> DeserializeSeed<'de> for MemberKey<'a, 's> {
    type Value = Option<(usize, &'a AttributeSelection<'s>)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a, 's> Visitor<'_> for MemberKey<'a, 's> {
    type Value = Option<(usize, &'a AttributeSelection<'s>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an attribute")
    }

    fn visit_str<E: Error>(self, wanted: &str) -> Result<Self::Value, E> {
        let count = self.members.len();
        Ok((self.next..self.next + count).map(|at| at % count).find_map(|index| match &self.members[index].source {
            MemberSource::Attribute { name, value } if *name == wanted => Some((index, value)),
            _ => None,
        }))
    }
}

/// Writes an attribute.
struct AttributeSeed<'a, 's> {
    value: &'a AttributeSelection<'s>,
    writer: &'a mut DataWriter,
}

impl<'de> DeserializeSeed<'de> for AttributeSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let writer = self.writer;
        match self.value {
            AttributeSelection::Plain { format, is_required } => {
                let raw = <&'de RawValue>::deserialize(deserializer)?;
                match format.write(raw.get(), &mut writer.bytes) {
                    Some(has_value) if has_value || !is_required => Ok(()),
                    _ => Err(Error::custom("not a value of that type")),
                }
            }
            AttributeSelection::One(selection) => {
                ObjectSeed { selection, null: Some(NULL), empty: NULL, writer }.deserialize(deserializer)
            }
            AttributeSelection::List { bounds, item } => {
                ListSeed { items: Items::Objects(item), bounds: Some(*bounds), writer }.deserialize(deserializer)
            }
            AttributeSelection::Zone(kinds) => {
                ListSeed { items: Items::Zone(kinds), bounds: None, writer }.deserialize(deserializer)
            }
            AttributeSelection::Connection { bounds, members } => {
                let items = Option::<Vec<&'de RawValue>>::deserialize(deserializer)?.unwrap_or_default();
                writer.write_part(members, *bounds, &items).map_err(Error::custom)
            }
        }
    }
}

/// The items of a list.
#[derive(Clone, Copy)]
enum Items<'a, 's> {
    Objects(&'a ObjectSelection<'s>),
    /// By the uid of the component.
    Zone(&'a [(&'s str, ObjectSelection<'s>)]),
}

/// Writes a list.
struct ListSeed<'a, 's> {
    items: Items<'a, 's>,
    /// `None`: all of a root field's, which is never null, or of a dynamic zone's.
    bounds: Option<PageBounds>,
    writer: &'a mut DataWriter,
}

impl<'de> DeserializeSeed<'de> for ListSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        if self.bounds.is_none() && matches!(self.items, Items::Objects(_)) {
            return Err(E::custom("null is no list"));
        }
        self.writer.push("[]");
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { items, bounds, writer } = self;
        writer.push("[");
        let start = writer.bytes.len();
        for position in 0.. {
            let before = writer.bytes.len();
            if before > start {
                writer.push(",");
            }
            let has_more = match items {
                Items::Objects(selection) if bounds.is_none_or(|bounds| bounds.contains(position)) => {
                    let seed = ObjectSeed { selection, null: None, empty: NULL, writer: &mut *writer };
                    let has_item = seq.next_element_seed(seed)?.is_some();
                    if !has_item {
                        writer.bytes.truncate(before);
                    }
                    has_item
                }
                Items::Objects(_) => {
                    writer.bytes.truncate(before);
                    seq.next_element::<IgnoredAny>()?.is_some()
                }
                Items::Zone(kinds) => {
                    let item = seq.next_element::<&'de RawValue>()?;
                    match item.and_then(|item| Some((find_kind(kinds, item)?, item))) {
                        Some((selection, item)) => {
                            ObjectSeed { selection, null: None, empty: EMPTY_OBJECT, writer: &mut *writer }
                                .deserialize(&mut serde_json::Deserializer::from_str(item.get()))
                                .map_err(A::Error::custom)?;
                        }
                        None => writer.bytes.truncate(before),
                    }
                    item.is_some()
                }
            };
            if !has_more {
                break;
            }
        }
        writer.push("]");
        Ok(())
    }
}

/// Selection of an item of a dynamic zone; `None` if the zone does not list its component any more.
fn find_kind<'a, 's>(kinds: &'a [(&'s str, ObjectSelection<'s>)], item: &RawValue) -> Option<&'a ObjectSelection<'s>> {
    let ZoneItem { component } = Some(item.get()).filter(|text| text.starts_with('{')).and_then(read_json)?;
    kinds.iter().find(|(uid, _)| *uid == component).map(|(_, selection)| selection)
}

fn read_json<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok()
}
