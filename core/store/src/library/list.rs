//! Pages of the library, in one statement each.
//!
//! A page begins behind (or ends before) a row, never at a number of rows: the last page costs as much as the first.

use crate::connection::{Param, Row, Value};
use crate::events::Actor;
use crate::ident::Ident;
use crate::namespaces;
use crate::schema::LinkLocation;
use crate::{Reader, Result};
use cairn_model::case_fold::fold_case;
use cairn_model::{ColumnType, ContentType};
use serde_json::Value as Json;

/// The order of a page of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AssetSort {
    /// By the time at which files were added.
    #[default]
    Added,
    /// By the time of the last change.
    Updated,
    /// By display name.
    Name,
    /// By the size of the original.
    Bytes,
}

/// Selects files of the library.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssetFilter {
    /// In one of these folders; `None`: in any folder.
    pub folders: Option<Vec<i64>>,
    /// With each of these words in their name, alternative text, caption (of any locale) or tags.
    pub words: Vec<String>,
    /// Of one of these kinds; none: of any kind.
    pub kinds: Vec<String>,
    /// With each of these tags.
    pub tags: Vec<String>,
    /// Only private files, or only public ones.
    pub private: Option<bool>,
    /// Only files that no entry links to.
    pub unused: bool,
    /// Files in the trash, instead of those that are not.
    pub trash: bool,
    /// Pictures without an alternative text: `Some(None)` in the file's own row, else in that locale.
    pub without_alternative: Option<Option<String>>,
    /// Only files with these document ids.
    pub documents: Option<Vec<String>>,
}

/// Page of the selected files to return.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssetPage {
    /// The order of the files.
    pub sort: AssetSort,
    /// From the last to the first.
    pub descending: bool,
    /// The row to begin behind (or before, with `backwards`): its sort value and its document.
    pub from: Option<(Json, String)>,
    /// The rows before `from`, the nearest first.
    pub backwards: bool,
    /// Number of files at most.
    pub limit: i64,
}

/// A file as the library shows it: its row and its asset.
#[derive(Debug, Clone, PartialEq)]
pub struct LibraryFile {
    /// Id of the file's document.
    pub document_id: String,
    /// Numeric id of its row; `None` in the trash, like all values from the row.
    pub id: Option<i64>,
    /// Display name of the file.
    pub name: Option<String>,
    /// Its alternative text.
    pub alternative_text: Option<String>,
    /// Caption in the default locale.
    pub caption: Option<String>,
    /// Address at which it is served.
    pub url: Option<String>,
    /// The extension of its name.
    pub ext: Option<String>,
    /// Its content type.
    pub mime: Option<String>,
    /// The part that the names of its objects share.
    pub hash: Option<String>,
    /// Width of the picture in pixels.
    pub width: Option<i64>,
    /// Height of the picture in pixels.
    pub height: Option<i64>,
    /// Its variants; null if it has none.
    pub formats: Json,
    /// Focal point of the picture; null if nobody set it.
    pub focal_point: Json,
    /// Time of the last change of its row.
    pub updated_at: Option<String>,
    /// Number of its current version.
    pub number: i64,
    /// The SHA-256 of its bytes; empty if it is not known.
    pub sha256: String,
    /// Size of the original in bytes.
    pub bytes: i64,
    /// `image`, `video`, ….
    pub kind: String,
    /// The folder it is in; 0 is the root.
    pub folder: i64,
    /// True if only those may see it who may read an entry that uses it.
    pub private: bool,
    /// A ThumbHash in base64.
    pub placeholder: Option<String>,
    /// The dominant colour, `#rrggbb`.
    pub colour: Option<String>,
    /// True if the picture is animated.
    pub animated: Option<bool>,
    /// True if the picture has transparent parts.
    pub alpha: Option<bool>,
    /// Further facts: duration, pages, codecs.
    pub facts: Json,
    /// Time at which it was added.
    pub added_at: i64,
    /// Actor who added the file.
    pub added_by: Actor,
    /// When it was moved to the trash; `None` if it is not there.
    pub deleted_at: Option<i64>,
}

impl LibraryFile {
    /// The value of this file that a page in that order begins behind.
    pub fn key(&self, sort: AssetSort) -> Json {
        match sort {
            AssetSort::Added => self.added_at.into(),
            AssetSort::Bytes => self.bytes.into(),
            AssetSort::Name => self.name.clone().into(),
            AssetSort::Updated => self.updated_at.clone().into(),
        }
    }
}

/// Number of files above which a tag counts as common.
const COMMON_TAG_FILES: i64 = 2_000;

/// Attributes of files, in the order in which they are read.
const FILE_ATTRIBUTES: [&str; 11] =
    ["name", "alternativeText", "caption", "url", "ext", "mime", "hash", "width", "height", "formats", "focalPoint"];

fn read_file(r: &Row<'_>) -> Result<LibraryFile> {
    let json = |text: Option<String>| text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or(Json::Null);
    let by: String = r.get(12)?;
    Ok(LibraryFile {
        document_id: r.get(0)?,
        number: r.get(1)?,
        sha256: r.get(2)?,
        bytes: r.get(3)?,
        kind: r.get(4)?,
        folder: r.get(5)?,
        private: r.get(6)?,
        placeholder: r.get(7)?,
        colour: r.get(8)?,
        animated: r.get(9)?,
        alpha: r.get(10)?,
        facts: json(r.get(11)?),
        added_by: Actor::from_json(&by),
        added_at: r.get(13)?,
        deleted_at: r.get(14)?,
        id: r.get(15)?,
        updated_at: r.get(16)?,
        name: r.get(17)?,
        alternative_text: r.get(18)?,
        caption: r.get(19)?,
        url: r.get(20)?,
        ext: r.get(21)?,
        mime: r.get(22)?,
        hash: r.get(23)?,
        width: r.get(24)?,
        height: r.get(25)?,
        formats: json(r.get(26)?),
        focal_point: json(r.get(27)?),
    })
}

/// A value of a statement that is being composed.
enum BoundValue {
    One(Value),
    Integers(Vec<i64>),
    Texts(Vec<Value>),
}

/// A statement that is being composed.
struct LibraryQuery<'r, 'a> {
    reader: &'r Reader<'a>,
    conditions: Vec<String>,
    bound: Vec<BoundValue>,
}

impl LibraryQuery<'_, '_> {
    fn bind_value(&mut self, value: BoundValue) -> usize {
        self.bound.push(value);
        self.bound.len()
    }

    fn bind_text(&mut self, text: impl Into<Value>) -> usize {
        self.bind_value(BoundValue::One(text.into()))
    }

    fn filter_among(&mut self, column: &str, texts: &[String]) {
        let n = self.bind_value(BoundValue::Texts(texts.iter().map(|t| t.as_str().into()).collect()));
        self.conditions.push(self.reader.conn.dialect().in_list(column, n));
    }

    fn apply_filter(&mut self, f: &AssetFilter) -> Result<()> {
        let dialect = self.reader.conn.dialect();
        self.conditions.push(format!("a.deleted_at IS {}NULL", if f.trash { "NOT " } else { "" }));
        match f.folders.as_deref() {
            None => {}
            Some([one]) => {
                let n = self.bind_value(BoundValue::One((*one).into()));
                self.conditions.push(format!("a.folder = ?{n}"));
            }
            Some(many) => {
                let n = self.bind_value(BoundValue::Integers(many.to_vec()));
                self.conditions.push(dialect.in_list("a.folder", n));
            }
        }
        match f.kinds.as_slice() {
            [] => {}
            [one] => {
                let n = self.bind_text(one.as_str());
                self.conditions.push(format!("a.kind = ?{n}"));
            }
            many => self.filter_among("a.kind", many),
        }
        for tag in &f.tags {
            let n = self.bind_text(tag.as_str());
            // The files of a rare tag are looked up and put in order; those of a common one are met in the order of the page.
            let test = match self.reader.assets().is_common_tag(tag)? {
                false => format!("a.document_id IN (SELECT document_id FROM cairn_asset_tags WHERE tag = ?{n})"),
                true => format!(
                    "EXISTS (SELECT 1 FROM cairn_asset_tags g WHERE g.document_id = a.document_id AND g.tag = ?{n})"
                ),
            };
            self.conditions.push(test);
        }
        if let Some(documents) = &f.documents {
            self.filter_among("a.document_id", documents);
        }
        match f.private {
            // Private files are few, and have an index.
            Some(true) => self
                .conditions
                .push("a.document_id IN (SELECT p.document_id FROM cairn_assets p WHERE p.private)".into()),
            Some(false) => self.conditions.push("NOT a.private".into()),
            None => {}
        }
        let column = |name: &str| file_column(self.reader.store.registry.file_type(), name);
        let (name, alternative, caption) = (column("name"), column("alternativeText"), column("caption"));
        match &f.without_alternative {
            None => {}
            Some(None) => self.conditions.push(format!("a.kind = 'image' AND coalesce({alternative}, '') = ''")),
            Some(Some(locale)) => {
                let n = self.bind_text(locale.as_str());
                self.conditions.push(format!(
                    "a.kind = 'image' AND NOT EXISTS (SELECT 1 FROM cairn_asset_texts t WHERE t.document_id = a.document_id \
                     AND t.locale = ?{n} AND coalesce(t.alternative_text, '') <> '')"
                ));
            }
        }
        for word in &f.words {
            let word = fold_case(word);
            let letters = dialect.folding_letters(ColumnType::Text, &word);
            let letters = letters.bind(|text| format!("?{}", self.bind_text(text)));
            let n = self.bind_text(super::like_anywhere(&word));
            let like = |expr: &str| {
                let text = dialect.folded_expression(expr, ColumnType::Text, &letters);
                format!("{text} LIKE ?{n} ESCAPE '\\'")
            };
            let trash = if f.trash { format!(" OR {}", like("a.trash")) } else { String::new() };
            self.conditions.push(format!(
                "({} OR {} OR {} OR a.document_id IN (SELECT document_id FROM cairn_asset_texts WHERE {} OR {}) \
                 OR a.document_id IN (SELECT document_id FROM cairn_asset_tags WHERE {}){trash})",
                like(&name),
                like(&alternative),
                like(&caption),
                like("alternative_text"),
                like("caption"),
                like("tag"),
            ));
        }
        if f.unused {
            self.conditions.extend(unused_conditions(self.reader));
        }
        Ok(())
    }

    /// Condition and order of a page.
    fn page_clause(&mut self, p: &AssetPage) -> String {
        let key = match p.sort {
            AssetSort::Added => "a.added_at".to_owned(),
            AssetSort::Bytes => "a.bytes".to_owned(),
            AssetSort::Updated => "f.updated_at".to_owned(),
            AssetSort::Name => file_column(self.reader.store.registry.file_type(), "name"),
        };
        let tie = "a.document_id";
        let descending = p.descending != p.backwards;
        if let Some((value, document)) = &p.from {
            let value: Value = match value {
                Json::Number(n) => n.as_i64().unwrap_or_default().into(),
                Json::String(s) => s.as_str().into(),
                _ => Value::Text(String::new()),
            };
            let (value, document) = (self.bind_text(value), self.bind_text(document.as_str()));
            let than = if descending { "<" } else { ">" };
            self.conditions.push(format!("({key}, {tie}) {than} (?{value}, ?{document})"));
        }
        let way = if descending { "DESC" } else { "ASC" };
        format!("{key} {way}, {tie} {way}")
    }
}

fn file_column(file: &ContentType, name: &str) -> String {
    match file.attributes.get(name) {
        Some((_, a)) => format!("f.{}", Ident::column(a)),
        None => "NULL".to_owned(),
    }
}

/// Conditions that no row links to the file, one for each attribute that could.
fn unused_conditions(reader: &Reader<'_>) -> Vec<String> {
    let store = reader.store;
    let file = store.registry.file_type();
    let places = store.schema.link_sources.get(file.id.0 as usize).into_iter().flatten();
    let condition = |incoming: &crate::schema::LinkSource| {
        let owner = store.registry.get(incoming.owner);
        match incoming.location {
            LinkLocation::Column(a) => {
                let column = Ident::column(&owner.attributes[a]);
                format!("NOT EXISTS (SELECT 1 FROM {} u WHERE u.{column} = a.document_id)", Ident::table(owner))
            }
            LinkLocation::Table(a) => format!(
                "NOT EXISTS (SELECT 1 FROM {} u WHERE u.target = a.document_id)",
                Ident::links(owner, &owner.attributes[a])
            ),
            LinkLocation::References => format!(
                "NOT EXISTS (SELECT 1 FROM {} u WHERE u.target = a.document_id AND u.target_type = '{}')",
                Ident::references(owner),
                file.uid
            ),
        }
    };
    places.map(condition).collect()
}

impl namespaces::Assets<Reader<'_>> {
    /// Returns a page of files.
    pub fn list(&self, filter: &AssetFilter, page: &AssetPage) -> Result<Vec<LibraryFile>> {
        self.with_page(filter, page, |sql, params| self.tx.conn.query_all("listing files", sql, params, read_file))
    }

    /// True if many files have a tag.
    fn is_common_tag(&self, tag: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_asset_tags WHERE tag = ?1 LIMIT 1 OFFSET ?2";
        self.tx.conn.exists("counting the files of a tag", sql, (tag, COMMON_TAG_FILES))
    }

    /// Calls `run` with the statement of a page and its values.
    pub(super) fn with_page<T>(
        &self,
        filter: &AssetFilter,
        page: &AssetPage,
        run: impl FnOnce(&str, &[Param<'_>]) -> Result<T>,
    ) -> Result<T> {
        let file = self.tx.store.registry.file_type();
        let mut select = LibraryQuery { reader: &self.tx, conditions: Vec::new(), bound: Vec::new() };
        select.apply_filter(filter)?;
        let order = select.page_clause(page);
        let limit = select.bind_value(BoundValue::One(page.limit.into()));
        // The library's own rows first, in the order of an index of theirs: left to itself, SQLite begins with all files. A file in the
        // trash has no row.
        let (join, on) = if filter.trash { ("LEFT JOIN", "ON") } else { ("CROSS JOIN", "WHERE") };
        let and = if filter.trash { "WHERE" } else { "AND" };
        let attributes: Vec<String> = FILE_ATTRIBUTES.iter().map(|name| file_column(file, name)).collect();
        let sql = format!(
            "SELECT a.document_id, a.number, a.sha256, a.bytes, a.kind, a.folder, a.private, a.placeholder, a.colour, a.animated, \
             a.alpha, a.facts, a.added_by, a.added_at, a.deleted_at, f.id, f.updated_at, {} \
             FROM cairn_assets a {join} {} f {on} f.document_id = a.document_id AND f.locale = '' AND f._status = 1 \
             {and} {} ORDER BY {order} LIMIT ?{limit}",
            attributes.join(", "),
            Ident::table(file),
            select.conditions.join(" AND "),
        );
        let params: Vec<Param<'_>> = select
            .bound
            .iter()
            .map(|b| match b {
                BoundValue::One(value) => crate::connection::ToParam::param(value),
                BoundValue::Integers(list) => Param::Integers(list),
                BoundValue::Texts(list) => Param::List(list),
            })
            .collect();
        run(&sql, &params)
    }
}
