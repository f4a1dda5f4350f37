//! Content put over the pages of a PDF, set by Typst, so that any letter and any picture can be.

use crate::boxes::ShownRect;
use crate::document::open_document;
use crate::render::write_pdf;
use crate::task_problems::TaskProblems;
use crate::template_world::TemplateWorld;
use cairn_pdf_protocol::{Problem, ProblemCode, Profile};
use lopdf::Document;
use serde_json::{Value as Json, json};
use std::collections::{HashMap, HashSet};
use typst::foundations::{Bytes, Dict};

/// Content shown in a place.
pub(crate) enum OverlayContent<'a> {
    Text(&'a str),
    Tick,
    /// The bytes of a picture.
    Picture(&'a [u8]),
    /// Nothing; what was there is covered, where it is to be.
    Nothing,
}

/// Something over a page.
pub(crate) struct OverlayItem<'a> {
    /// Index of the page, the first being 0.
    pub(crate) page: usize,
    pub(crate) place: ShownRect,
    pub(crate) shown: OverlayContent<'a>,
    /// In place of what is there.
    pub(crate) cover: bool,
    /// Path of its value in the task: `values[3].value`.
    pub(crate) path: String,
}

/// Width and height of the largest page that anything is put on, in points: what PDF has been limited to since version 1.6.
pub(crate) const MAX_PAGE_POINTS: f64 = 14_400.0;

/// As many pages as there are sizes, with these items on them. A page without an item has another size: it is not used.
pub(crate) fn make_overlay(sizes: &[(f64, f64)], items: &[OverlayItem<'_>]) -> Result<Document, TaskProblems> {
    let all: Vec<&OverlayItem<'_>> = items.iter().collect();
    let used: HashSet<usize> = items.iter().map(|item| item.page).collect();
    let is_too_large =
        |page: &usize| sizes.get(*page).is_some_and(|(width, height)| width.max(*height) > MAX_PAGE_POINTS);
    if let Some(page) = used.iter().find(|page| is_too_large(page)) {
        let message = format!("page {} has more than {MAX_PAGE_POINTS} points: nothing can be put on it", page + 1);
        return Err(vec![Problem::of(message)]);
    }
    let size_of = |(page, size): (usize, &(f64, f64))| if used.contains(&page) { *size } else { (1.0, 1.0) };
    let sizes: Vec<(f64, f64)> = sizes.iter().enumerate().map(size_of).collect();
    let pdf = typeset_items(&sizes, &all).map_err(|problems| invalid_picture(items).unwrap_or(problems))?;
    open_document(&pdf, "the new content")
}

fn typeset_items(sizes: &[(f64, f64)], items: &[&OverlayItem<'_>]) -> Result<Vec<u8>, TaskProblems> {
    let mut pages: Vec<Json> =
        sizes.iter().map(|(width, height)| json!({ "width": width, "height": height, "items": [] })).collect();
    let mut files = vec![("/main.typ".to_owned(), Bytes::from_string(include_str!("overlay.typ")))];
    let mut pictures: HashMap<*const u8, String> = HashMap::new();
    for item in items {
        let (left, top, width, height) = item.place;
        let mut one = json!({
            "left": left, "top": top, "width": width.max(1.0), "height": height.max(1.0),
            "cover": item.cover, "tick": false, "text": null, "picture": null,
        });
        match &item.shown {
            OverlayContent::Text(text) => one["text"] = (*text).into(),
            OverlayContent::Tick => one["tick"] = true.into(),
            OverlayContent::Picture(bytes) => {
                // The same picture may be on every page.
                let number = pictures.len();
                let path = pictures.entry(bytes.as_ptr()).or_insert_with(|| {
                    let path = format!("/picture-{number}");
                    files.push((path.clone(), Bytes::new(bytes.to_vec())));
                    path
                });
                one["picture"] = path.clone().into();
            }
            OverlayContent::Nothing => {}
        }
        let page = pages.get_mut(item.page).and_then(|page| page["items"].as_array_mut());
        page.ok_or_else(|| vec![Problem::of("a field is not on any page")])?.push(one);
    }
    files.push(("/data.json".to_owned(), Bytes::from_string(json!({ "pages": pages }).to_string())));
    let papers =
        TemplateWorld::new("/main.typ", files, Dict::new(), 0).ok_or_else(|| vec![Problem::of("/main.typ")])?;
    let (pdf, _) = write_pdf(&papers, Profile::Pdf, 0, false).map_err(|problems| {
        // The template is the program's own, so problems are those of the input and have no file.
        problems.into_iter().map(|problem| Problem { file: None, at: None, ..problem }).collect::<Vec<_>>()
    })?;
    Ok(pdf)
}

/// The problems of the first picture that cannot be drawn, with the path of its value: Typst's do not say which of them it is.
fn invalid_picture(items: &[OverlayItem<'_>]) -> Option<TaskProblems> {
    let mut seen = HashSet::new();
    items.iter().find_map(|item| {
        let OverlayContent::Picture(bytes) = &item.shown else { return None };
        if !seen.insert(bytes.as_ptr()) {
            return None;
        }
        let (left, top, width, height) = item.place;
        let alone = OverlayItem { page: 0, shown: OverlayContent::Picture(bytes), path: String::new(), ..*item };
        let problems = typeset_items(&[(left + width, top + height)], &[&alone]).err()?;
        let at_value = |problem| Problem { code: Some(ProblemCode::Value), path: Some(item.path.clone()), ..problem };
        Some(problems.into_iter().map(at_value).collect())
    })
}
