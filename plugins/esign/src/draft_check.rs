//! Checks of a draft: all that an envelope lacks before it can be sent. It knows no host.

use crate::envelope_state::Role;
use cairn_contact_details::email::normalise_email;

/// Most signers and copies of an envelope.
pub(crate) const MAX_RECIPIENTS: usize = 50;
/// Most fields of an envelope.
pub(crate) const MAX_FIELDS: usize = 300;

/// Size of a page in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PageArea {
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A place on a page, in points from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FieldArea {
    pub(crate) page: i64,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A recipient of a draft.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DraftRecipient<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) email: &'a str,
    pub(crate) role: Role,
    pub(crate) group: i64,
}

/// A field of a draft.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DraftField<'a> {
    /// Id of the recipient who fills it in; empty for nobody.
    pub(crate) recipient: &'a str,
    pub(crate) is_signature: bool,
    pub(crate) area: FieldArea,
}

/// Something that is wrong with a draft: the field, and a key of the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftProblem {
    pub(crate) path: String,
    pub(crate) code: &'static str,
}

/// How far a field may reach over the edge of its page, in points: less than anybody sees.
const TOLERANCE: f64 = 0.5;
/// Smallest side of a field, in points.
const SMALLEST: f64 = 4.0;

/// Returns the problem of a place on a page; none where it is within it.
pub(crate) fn check_area(area: FieldArea, pages: &[PageArea]) -> Option<&'static str> {
    let number = usize::try_from(area.page).ok().and_then(|page| page.checked_sub(1));
    let Some(page) = number.and_then(|number| pages.get(number)) else { return Some("page") };
    let sides = [area.x, area.y, area.width, area.height];
    if !sides.iter().all(|side| side.is_finite()) || area.width < SMALLEST || area.height < SMALLEST {
        return Some("size");
    }
    let is_within = area.x >= -TOLERANCE
        && area.y >= -TOLERANCE
        && area.x + area.width <= page.width + TOLERANCE
        && area.y + area.height <= page.height + TOLERANCE;
    if is_within { None } else { Some("outside") }
}

/// All that is wrong with a draft.
pub(crate) fn check_draft(
    recipients: &[DraftRecipient<'_>],
    fields: &[DraftField<'_>],
    pages: &[PageArea],
) -> Vec<DraftProblem> {
    let mut problems = Vec::new();
    let mut add = |path: String, code| problems.push(DraftProblem { path, code });
    if !recipients.iter().any(|recipient| recipient.role == Role::Signer) {
        add("recipients".to_owned(), "noSigner");
    }
    for (n, recipient) in recipients.iter().enumerate() {
        let is_same = |other: &DraftRecipient<'_>| {
            other.group == recipient.group
                && is_same_person((other.name, other.email), (recipient.name, recipient.email))
        };
        if recipients.iter().take(n).any(is_same) {
            add(format!("recipients[{n}].email"), "sameAddress");
        }
        let signs = || fields.iter().any(|field| field.is_signature && field.recipient == recipient.id);
        if recipient.role == Role::Signer && !signs() {
            add(format!("recipients[{n}]"), "noSignature");
        }
    }
    for (n, field) in fields.iter().enumerate() {
        let is_theirs =
            |recipient: &DraftRecipient<'_>| recipient.id == field.recipient && recipient.role == Role::Signer;
        if !recipients.iter().any(is_theirs) {
            add(format!("fields[{n}].recipient"), "fieldRecipient");
        }
        match check_area(field.area, pages) {
            None => {}
            Some("page") => add(format!("fields[{n}].page"), "page"),
            Some(code) => add(format!("fields[{n}]"), code),
        }
    }
    problems
}

/// True if two recipients are one person: name and address are the same. An address alone may be shared.
pub(crate) fn is_same_person(one: (&str, &str), other: (&str, &str)) -> bool {
    let compare = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    normalise_email(one.1) == normalise_email(other.1) && compare(one.0) == compare(other.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A4: PageArea = PageArea { width: 595.28, height: 841.89 };

    fn area(page: i64, x: f64, y: f64, width: f64, height: f64) -> FieldArea {
        FieldArea { page, x, y, width, height }
    }

    fn signer<'a>(id: &'a str, email: &'a str, group: i64) -> DraftRecipient<'a> {
        DraftRecipient { id, name: id, email, role: Role::Signer, group }
    }

    fn signature(recipient: &str) -> DraftField<'_> {
        DraftField { recipient, is_signature: true, area: area(1, 10.0, 10.0, 150.0, 40.0) }
    }

    fn codes(recipients: &[DraftRecipient<'_>], fields: &[DraftField<'_>]) -> Vec<String> {
        check_draft(recipients, fields, &[A4]).into_iter().map(|p| format!("{} {}", p.path, p.code)).collect()
    }

    #[test]
    fn fields_are_within_a_page_that_there_is() {
        assert_eq!(check_area(area(1, 0.0, 0.0, 595.28, 841.89), &[A4]), None);
        for page in [0, 2, -1, i64::MAX] {
            assert_eq!(check_area(area(page, 10.0, 10.0, 50.0, 20.0), &[A4]), Some("page"), "{page}");
        }
        for (x, y, width, height) in
            [(-5.0, 0.0, 50.0, 20.0), (560.0, 0.0, 50.0, 20.0), (0.0, 830.0, 50.0, 20.0), (0.0, 0.0, 600.0, 20.0)]
        {
            assert_eq!(check_area(area(1, x, y, width, height), &[A4]), Some("outside"), "{x} {y}");
        }
        for (width, height) in [(0.0, 20.0), (50.0, 3.0), (f64::NAN, 20.0), (f64::INFINITY, 20.0), (-50.0, 20.0)] {
            assert_eq!(check_area(area(1, 10.0, 10.0, width, height), &[A4]), Some("size"), "{width} {height}");
        }
    }

    #[test]
    fn a_complete_draft_lacks_nothing() {
        let recipients = [signer("a", "a@example.com", 1), signer("b", "b@example.com", 2)];
        assert!(codes(&recipients, &[signature("a"), signature("b")]).is_empty());
    }

    #[test]
    fn every_signer_signs_somewhere_and_somebody_signs() {
        assert_eq!(codes(&[signer("a", "a@example.com", 1)], &[]), ["recipients[0] noSignature"]);
        let copy = DraftRecipient { id: "c", name: "C", email: "c@example.com", role: Role::Cc, group: 1 };
        assert_eq!(codes(std::slice::from_ref(&copy), &[]), ["recipients noSigner"]);
        let fields = [signature("a"), signature("c"), signature("gone")];
        assert_eq!(
            codes(&[signer("a", "a@example.com", 1), copy], &fields),
            ["fields[1].recipient fieldRecipient", "fields[2].recipient fieldRecipient"]
        );
    }

    #[test]
    fn one_person_signs_twice_only_one_after_the_other() {
        let fields = [signature("a"), signature("b")];
        let named = |name, signer: DraftRecipient<'static>| DraftRecipient { name, ..signer };
        let ann = named("Ann  Jansen", signer("a", "Ann@example.com", 1));
        let same = [ann.clone(), named("ann jansen", signer("b", " ann@EXAMPLE.com", 1))];
        assert_eq!(codes(&same, &fields), ["recipients[1].email sameAddress"]);
        let later = [ann.clone(), named("Ann Jansen", signer("b", "ann@example.com", 2))];
        assert!(codes(&later, &fields).is_empty());
        let sharing = [ann, named("Bart Jansen", signer("b", "ann@example.com", 1))];
        assert!(codes(&sharing, &fields).is_empty());
    }
}
