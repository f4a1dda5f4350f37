//! A node of a plan → the columns to select and how to write them. What a populate adds is in `populate` and `components`.

use super::populate::{KeyFrom, PopulatePart};
use super::{Scope, Sql};
use crate::ChangeCounters;
use crate::dialect::Dialect;
use cairn_model::*;
use cairn_query::{EntryNode, Field, PublicationState};

/// How to write one level of entries.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Level {
    /// Written right after `{`, with a trailing comma: `"__type":"api::x.x",` under morph relations, else empty.
    pub(crate) head: Vec<u8>,
    /// The first columns of the statement, in order.
    pub(crate) columns: Vec<OutColumn>,
    /// Columns that are selected for Cairn's use and not written.
    pub(crate) extra: ExtraColumns,
    /// Populated attributes that need more statements, or those statements' results.
    pub(crate) parts: Vec<PopulatePart>,
}

/// Positions in the select list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ExtraColumns {
    pub(crate) id: Option<usize>,
    pub(crate) document: Option<usize>,
    pub(crate) locale: Option<usize>,
    /// The key by which the level above finds this row.
    pub(crate) key: Option<usize>,
    /// Its position among rows of other types under a morph relation.
    pub(crate) position: Option<usize>,
}

/// One member of the JSON object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutColumn {
    /// `"title":`, with a leading comma but for the first.
    pub(crate) key: Vec<u8>,
    pub(crate) out: ColumnFormat,
}

/// How a column is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ColumnFormat {
    Integer,
    /// An integer as a JSON string.
    IntegerText,
    Float,
    /// Digits as they are.
    Decimal,
    Boolean,
    /// Text that is escaped as a JSON string.
    Text,
    /// Text that needs no escaping: ids, dates.
    Plain,
    /// JSON as it is.
    Json,
    /// Components that need no other statement.
    Shape(super::components::ComponentsShape),
    /// The address of a file, or JSON with such addresses: those of private files are signed.
    Address(UrlFormat),
}

/// Format of a value that contains an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UrlFormat {
    /// A text that is an address.
    Text,
    /// JSON with members `url`.
    Json,
}

/// Values that a plan fixes for all its levels.
#[derive(Clone)]
pub(crate) struct SqlContext<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) counters: &'a ChangeCounters,
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) status: PublicationState,
    /// The request's one locale, or the default if it names several.
    pub(crate) request_locale: &'a str,
    /// True if rows of several locales may come: children are then matched by their parent's.
    pub(crate) many_locales: bool,
    /// The locale whose texts of files are shown; `None` for the default one, whose texts are in the file's row.
    pub(crate) file_texts: Option<&'a str>,
}

/// A level and the select list of its statement. Columns that the level does not write can be added behind those that it writes.
pub(crate) struct SelectedLevel {
    pub(crate) level: Level,
    pub(crate) select: Vec<String>,
}

impl SelectedLevel {
    /// Adds a column that is not written, and returns its position.
    pub(super) fn add_hidden(&mut self, expr: String) -> usize {
        self.select.push(expr);
        self.select.len() - 1
    }

    /// Adds a column that is written, behind the last such column.
    pub(super) fn add_written(&mut self, name: &str, out: ColumnFormat, expr: String) {
        let at = self.level.columns.len();
        self.level.columns.push(OutColumn { key: member_key(name, at == 0), out });
        self.select.insert(at, expr);
        let ExtraColumns { id, document, locale, key, position } = &mut self.level.extra;
        let extra = [id, document, locale, key, position].into_iter().flatten();
        let parts = self.level.parts.iter_mut().filter_map(|part| match part {
            PopulatePart::Related { from: KeyFrom::Column(column), .. } | PopulatePart::Components { column, .. } => {
                Some(column)
            }
            _ => None,
        });
        extra.chain(parts).filter(|column| **column >= at).for_each(|column| *column += 1);
    }

    pub(super) fn require_id(&mut self, alias: &str) {
        if self.level.extra.id.is_none() {
            self.level.extra.id = Some(self.add_hidden(format!("{alias}.id")));
        }
    }

    pub(super) fn require_document(&mut self, alias: &str) {
        if self.level.extra.document.is_none() {
            self.level.extra.document = Some(self.add_hidden(format!("{alias}.document_id")));
        }
    }

    pub(super) fn require_locale(&mut self, alias: &str) {
        if self.level.extra.locale.is_none() {
            self.level.extra.locale = Some(self.add_hidden(format!("{alias}.locale")));
        }
    }

    /// Adds the key by which the level above finds a row.
    pub(super) fn add_key(&mut self, expr: String) {
        self.level.extra.key = Some(self.add_hidden(expr));
    }

    /// The select list as SQL.
    pub(crate) fn select_list(&self) -> String {
        self.select.join(", ")
    }
}

/// A level under construction.
pub(super) struct LevelBuilder<'b, 's> {
    pub(super) context: &'b SqlContext<'b>,
    pub(super) sql: &'b mut Sql<'s>,
    /// The alias of the level's rows in the statement.
    pub(super) alias: &'b str,
    pub(super) ct: &'b ContentType,
    pub(super) selected: SelectedLevel,
}

impl LevelBuilder<'_, '_> {
    fn add_field(&mut self, field: Field) {
        let Self { context, sql, alias, ct, selected } = self;
        let scope = Scope::Row { alias: (*alias).to_owned(), ct };
        let (mut expr, t) = sql.field_expression(field, &scope);
        let (name, out) = match field {
            Field::Id => ("id", ColumnFormat::Integer),
            Field::DocumentId => ("documentId", ColumnFormat::Plain),
            Field::CreatedAt => ("createdAt", ColumnFormat::Plain),
            Field::UpdatedAt => ("updatedAt", ColumnFormat::Plain),
            Field::PublishedAt => ("publishedAt", ColumnFormat::Plain),
            Field::Locale => ("locale", ColumnFormat::Text),
            Field::Version => ("version", ColumnFormat::Integer),
            Field::Attribute(a) => {
                let name = ct.attributes[a].name.as_str();
                let of_file = ct.id == context.registry.file_type().id;
                if let (true, Some(locale), Some(column)) = (of_file, context.file_texts, file_text_column(name)) {
                    let (x, l) = (sql.new_alias("x"), sql.bind_text(locale));
                    expr = format!(
                        "COALESCE((SELECT {x}.{column} FROM cairn_asset_texts {x} WHERE {x}.document_id = {alias}.document_id \
                         AND {x}.locale = {l}), {expr})"
                    );
                }
                (name, if of_file { file_column_format(name, t) } else { column_format(t) })
            }
        };
        selected.add_written(name, out, expr);
    }
}

impl SqlContext<'_> {
    pub(crate) fn new_sql(&self) -> Sql<'_> {
        Sql::new(self.registry, self.counters, self.dialect, self.request_locale)
    }

    /// Builds the level of a node, over the rows `alias` of a statement.
    pub(crate) fn build_level(&self, sql: &mut Sql<'_>, node: &EntryNode, alias: &str) -> SelectedLevel {
        // The pattern has no `..`, so a new part of a node does not compile until it is used.
        let EntryNode { content_type, fields, populate } = node;
        let level = Level {
            head: Vec::new(),
            columns: Vec::with_capacity(fields.len()),
            extra: ExtraColumns::default(),
            parts: Vec::new(),
        };
        let selected = SelectedLevel { level, select: Vec::with_capacity(fields.len() + 4) };
        let ct = self.registry.get(*content_type);
        let mut builder = LevelBuilder { context: self, sql, alias, ct, selected };
        fields.iter().for_each(|field| builder.add_field(*field));
        populate.iter().for_each(|populate| builder.add_populate(populate));
        builder.selected
    }
}

/// The column of a file's text in each locale.
fn file_text_column(attribute: &str) -> Option<&'static str> {
    match attribute {
        "alternativeText" => Some("alternative_text"),
        "caption" => Some("caption"),
        _ => None,
    }
}

fn file_column_format(name: &str, t: ColumnType) -> ColumnFormat {
    match name {
        "url" | "previewUrl" => ColumnFormat::Address(UrlFormat::Text),
        "formats" | "srcset" => ColumnFormat::Address(UrlFormat::Json),
        _ => column_format(t),
    }
}

/// How a column of a row is written.
pub(crate) fn column_format(t: ColumnType) -> ColumnFormat {
    match t {
        ColumnType::Text => ColumnFormat::Text,
        ColumnType::Integer => ColumnFormat::Integer,
        ColumnType::BigInteger => ColumnFormat::IntegerText,
        ColumnType::Float => ColumnFormat::Float,
        ColumnType::Decimal => ColumnFormat::Decimal,
        ColumnType::Boolean => ColumnFormat::Boolean,
        ColumnType::Date | ColumnType::DateTime | ColumnType::Time => ColumnFormat::Plain,
        ColumnType::Json => ColumnFormat::Json,
    }
}

/// `,"name":` (names of the model need no escaping).
pub(super) fn member_key(name: &str, first: bool) -> Vec<u8> {
    format!("{}\"{name}\":", if first { "" } else { "," }).into_bytes()
}
