//! Elements of ASN.1, read from and written as DER. What is read stays the bytes it was: certificates and signed attributes are
//! hashed and compared, so they must not be decoded and encoded again. Sets of unknown origin are not sorted, which would take
//! quadratic time.

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader};

/// Most elements that one sequence or set may have.
const MAX_ELEMENTS: usize = 1_000;

/// Tags of the elements that are used here.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    /// `[0]`, constructed.
    pub(crate) const CONTEXT_0: u8 = 0xa0;
    /// `[1]`, constructed.
    pub(crate) const CONTEXT_1: u8 = 0xa1;
    /// `[0]`, primitive.
    pub(crate) const CONTEXT_0_PRIMITIVE: u8 = 0x80;
}

/// Bytes that are not what they should be. Contains the name of what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be read")]
pub struct MalformedError(pub &'static str);

/// One element of a DER encoding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    /// All of it, with tag and length.
    pub(crate) raw: &'a [u8],
}

impl<'a> Element<'a> {
    /// The value, if the element has that tag.
    pub(crate) fn expect(&self, tag: u8, what: &'static str) -> Result<&'a [u8], MalformedError> {
        if self.tag == tag { Ok(self.value) } else { Err(MalformedError(what)) }
    }

    /// The elements in it, if it has that tag.
    pub(crate) fn elements(&self, tag: u8, what: &'static str) -> Result<Elements<'a>, MalformedError> {
        Elements::read(self.expect(tag, what)?, what)
    }
}

/// Reads the first element of some bytes, and returns what follows it.
pub(crate) fn read_first<'a>(bytes: &'a [u8], what: &'static str) -> Result<(Element<'a>, &'a [u8]), MalformedError> {
    let malformed = |_| MalformedError(what);
    let mut reader = SliceReader::new(bytes).map_err(malformed)?;
    let raw = reader.tlv_bytes().map_err(malformed)?;
    let value = AnyRef::from_der(raw).map_err(malformed)?.value();
    // Tags of several bytes occur in nothing that is read here.
    let tag = raw.first().copied().filter(|tag| tag & 0x1f != 0x1f).ok_or(MalformedError(what))?;
    let rest = bytes.get(raw.len()..).ok_or(MalformedError(what))?;
    Ok((Element { tag, value, raw }, rest))
}

/// Reads bytes that are one element.
pub(crate) fn read_only<'a>(bytes: &'a [u8], what: &'static str) -> Result<Element<'a>, MalformedError> {
    match read_first(bytes, what)? {
        (element, []) => Ok(element),
        _ => Err(MalformedError(what)),
    }
}

/// The elements of a sequence or set, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Elements<'a> {
    all: std::vec::IntoIter<Element<'a>>,
    what: &'static str,
}

impl<'a> Elements<'a> {
    fn read(mut bytes: &'a [u8], what: &'static str) -> Result<Self, MalformedError> {
        let mut all = Vec::new();
        while !bytes.is_empty() {
            let (element, rest) = read_first(bytes, what)?;
            all.push(element);
            bytes = rest;
            if all.len() > MAX_ELEMENTS {
                return Err(MalformedError(what));
            }
        }
        Ok(Self { all: all.into_iter(), what })
    }

    /// The next element; an error where there is none.
    pub(crate) fn required(&mut self) -> Result<Element<'a>, MalformedError> {
        self.all.next().ok_or(MalformedError(self.what))
    }

    /// The value of the next element, which has that tag.
    pub(crate) fn required_value(&mut self, tag: u8) -> Result<&'a [u8], MalformedError> {
        self.required()?.expect(tag, self.what)
    }

    /// The next element, if it has that tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        let next = self.all.as_slice().first().filter(|element| element.tag == tag).copied();
        if next.is_some() {
            self.all.next();
        }
        next
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.all.next()
    }
}

/// Writes an element with these parts as its value.
pub(crate) fn write_element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = vec![tag];
    if length < 0x80 {
        bytes.push(length as u8);
    } else {
        let digits = length.to_be_bytes();
        let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
        bytes.push(0x80 | digits.len() as u8);
        bytes.extend_from_slice(digits);
    }
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// Writes a SET OF: its elements in the order that DER has.
pub(crate) fn write_set(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    let parts: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
    write_element(tag, &parts)
}

/// Writes an object identifier from its value.
pub(crate) fn write_oid(value: &[u8]) -> Vec<u8> {
    write_element(tag::OBJECT_IDENTIFIER, &[value])
}

/// Writes a small number.
pub(crate) fn write_small_integer(number: u8) -> Vec<u8> {
    debug_assert!(number < 0x80);
    write_element(tag::INTEGER, &[&[number]])
}

/// Writes a positive number from its bytes, the highest first.
pub(crate) fn write_positive_integer(digits: &[u8]) -> Vec<u8> {
    let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
    match digits.first() {
        None => write_element(tag::INTEGER, &[&[0]]),
        Some(first) if *first >= 0x80 => write_element(tag::INTEGER, &[&[0], digits]),
        Some(_) => write_element(tag::INTEGER, &[digits]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_round_trip_with_short_and_long_lengths() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let value = vec![7; length];
            let written = write_element(tag::OCTET_STRING, &[&value[..length / 2], &value[length / 2..]]);
            let read = read_only(&written, "x").unwrap();
            assert_eq!((read.tag, read.value, read.raw), (tag::OCTET_STRING, &value[..], &written[..]), "{length}");
            assert!(read_only(&[&written[..], &[0]].concat(), "x").is_err());
            assert!(read_first(&written[..written.len() - 1], "x").is_err());
        }
    }

    #[test]
    fn malformed_lengths_and_too_many_elements_are_refused() {
        for bytes in [&[][..], &[4], &[4, 0x80], &[4, 0x81, 1, 0], &[4, 0x85, 1, 1, 1, 1, 1], &[4, 0xff], &[4, 5, 0]] {
            assert!(read_first(bytes, "x").is_err(), "{bytes:?}");
        }
        let many = write_element(tag::SEQUENCE, &[&[5, 0].repeat(MAX_ELEMENTS + 1)]);
        assert!(read_only(&many, "x").unwrap().elements(tag::SEQUENCE, "x").is_err());
    }

    #[test]
    fn integers_are_positive_and_sets_sorted() {
        assert_eq!(write_positive_integer(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(write_positive_integer(&[0]), [2, 1, 0]);
        assert_eq!(write_set(tag::SET, vec![vec![5, 0], vec![2, 1, 0]]), [0x31, 5, 2, 1, 0, 5, 0]);
    }
}
