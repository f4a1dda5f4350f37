//! Where something is on a page: in the page's own space, and as it is shown, from the upper left corner.

use crate::document::{inherited_entry, read_numbers};
use lopdf::{Document, ObjectId};

/// A page that says nothing of its size is of US Letter.
const US_LETTER: [f64; 4] = [0.0, 0.0, 612.0, 792.0];

/// Left, top, width and height in points, as a page is shown.
pub(crate) type ShownRect = (f64, f64, f64, f64);

/// How a page is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PageView {
    /// Left, bottom, right and top of what is shown, in the page's space.
    shown: [f64; 4],
    /// By how many quarters of a turn, clockwise.
    turns: u8,
}

impl PageView {
    /// Returns the view of a page.
    pub(crate) fn for_page(document: &Document, page: ObjectId) -> Self {
        let rectangle = |key| read_numbers::<4>(document, inherited_entry(document, page, key)?).map(order_corners);
        let media = rectangle(b"MediaBox").filter(has_area).unwrap_or(US_LETTER);
        let crop = rectangle(b"CropBox").map(|crop| intersect_boxes(media, crop)).filter(has_area);
        let rotate = inherited_entry(document, page, b"Rotate").and_then(|r| r.as_i64().ok()).unwrap_or(0);
        Self { shown: crop.unwrap_or(media), turns: (rotate.rem_euclid(360) / 90) as u8 }
    }

    fn base_size(&self) -> (f64, f64) {
        let [left, bottom, right, top] = self.shown;
        (right - left, top - bottom)
    }

    /// Width and height as it is shown, in points.
    pub(crate) fn shown_size(&self) -> (f64, f64) {
        let (width, height) = self.base_size();
        if self.turns.is_multiple_of(2) { (width, height) } else { (height, width) }
    }

    /// Where a rectangle of the page's space is shown.
    pub(crate) fn shown_rect(&self, rectangle: [f64; 4]) -> ShownRect {
        let [left, bottom, right, top] = order_corners(rectangle);
        let (a, b) = (self.shown_point(left, bottom), self.shown_point(right, top));
        let [left, bottom, right, top] = order_corners([a.0, a.1, b.0, b.1]);
        (left, self.shown_size().1 - top, right - left, top - bottom)
    }

    /// The rectangle of the page's space that is shown in a place.
    pub(crate) fn page_rect(&self, (left, top, width, height): ShownRect) -> [f64; 4] {
        let [a, b, c, d, e, f] = self.page_matrix();
        let bottom = self.shown_size().1 - top - height;
        let own = |x: f64, y: f64| (a * x + c * y + e, b * x + d * y + f);
        let (one, other) = (own(left, bottom), own(left + width, bottom + height));
        order_corners([one.0, one.1, other.0, other.1])
    }

    /// A point as it is shown, from the lower left corner.
    fn shown_point(&self, x: f64, y: f64) -> (f64, f64) {
        let (width, height) = self.base_size();
        let (x, y) = (x - self.shown[0], y - self.shown[1]);
        match self.turns {
            0 => (x, y),
            1 => (y, width - x),
            2 => (width - x, height - y),
            _ => (height - y, x),
        }
    }

    /// The matrix that takes what is drawn as it is to be shown, from the lower left corner, into the page's space.
    pub(crate) fn page_matrix(&self) -> [f64; 6] {
        let (width, height) = self.base_size();
        let [x, y, ..] = self.shown;
        match self.turns {
            0 => [1.0, 0.0, 0.0, 1.0, x, y],
            1 => [0.0, 1.0, -1.0, 0.0, x + width, y],
            2 => [-1.0, 0.0, 0.0, -1.0, x + width, y + height],
            _ => [0.0, -1.0, 1.0, 0.0, x, y + height],
        }
    }
}

/// With the smaller numbers first, however it was written.
pub(crate) fn order_corners([a, b, c, d]: [f64; 4]) -> [f64; 4] {
    [a.min(c), b.min(d), a.max(c), b.max(d)]
}

fn intersect_boxes(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]
}

fn has_area(rectangle: &[f64; 4]) -> bool {
    rectangle[2] - rectangle[0] > 0.0 && rectangle[3] - rectangle[1] > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_matrix_and_shown_rect_are_inverse() {
        for turns in 0..4 {
            let view = PageView { shown: [10.0, 20.0, 110.0, 220.0], turns };
            let place = (5.0, 7.0, 20.0, 10.0);
            assert_eq!(view.shown_rect(view.page_rect(place)), place, "{turns}");
        }
    }
}
