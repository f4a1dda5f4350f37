//! The definition of an index: its fields, and how the engine stores them.

use crate::analysis::{PLAIN_ANALYSER, StemLanguage};
use std::collections::{BTreeMap, BTreeSet};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use xxhash_rust::xxh3::xxh3_64;

/// Version of what this crate stores of an entry: an index made by another version is rebuilt.
const LAYOUT_VERSION: u32 = 3;

/// How the values of a field are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchFieldKind {
    /// Text that is searched by its words.
    Text,
    /// Value that is compared as a whole.
    Keyword,
    /// Value that is compared as a whole, and counted per value.
    Facet,
    /// Number that is compared by its amount.
    Number,
    /// Time that is compared as an instant.
    Date,
    /// Value that is true or false.
    Boolean,
}

impl SearchFieldKind {
    /// The name in manifests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Keyword => "keyword",
            Self::Facet => "facet",
            Self::Number => "number",
            Self::Date => "date",
            Self::Boolean => "boolean",
        }
    }
}

/// The fields of an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IndexDefinition {
    pub(crate) fields: BTreeMap<String, SearchFieldKind>,
    pub(crate) important: BTreeSet<String>,
}

impl IndexDefinition {
    /// `important`: the `text` fields whose words count more; other names are ignored.
    pub fn new(fields: BTreeMap<String, SearchFieldKind>, important: BTreeSet<String>) -> Self {
        Self { fields, important }
    }

    /// A text that differs where an index of one definition cannot serve the other: a name for its folder.
    pub fn fingerprint(&self) -> String {
        let fields: Vec<String> = self.fields.iter().map(|(name, kind)| format!("{name}={}", kind.as_str())).collect();
        let important: Vec<&str> = self.important.iter().map(String::as_str).collect();
        let text = format!("{LAYOUT_VERSION};{};{}", fields.join(","), important.join(","));
        format!("{:016x}", xxh3_64(text.as_bytes()))
    }

    /// The kind of a field; `None` where it does not exist.
    pub(crate) fn field_kind(&self, field: &str) -> Option<SearchFieldKind> {
        self.fields.get(field).copied()
    }

    /// The names of the fields of some kinds, as `title, topic`.
    pub(crate) fn field_names(&self, fits: impl Fn(SearchFieldKind) -> bool) -> String {
        let names: Vec<&str> =
            self.fields.iter().filter(|(_, kind)| fits(**kind)).map(|(name, _)| name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

/// Words of some of the fields: as written, by their stems, and by the other forms that they are looked for in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WordFields {
    pub(crate) plain: Field,
    pub(crate) stems: [Field; 2],
    /// Forms of [`crate::analysis::WordForms`], words that are joined by hyphens, as one, and
    /// words with signs; without words that say little.
    pub(crate) forms: Field,
    /// Factor by which they count more.
    pub(crate) weight: f32,
    /// Typical number of words of such a text: in longer ones each counts less.
    pub(crate) length: u64,
}

/// The engine's fields.
pub(crate) struct Layout {
    pub(crate) schema: Schema,
    pub(crate) id: Field,
    /// Locale of the entry, or [`Layout::NO_LOCALE`].
    pub(crate) locale: Field,
    /// Names of those who may find the entry, or [`Layout::EVERYONE`].
    pub(crate) audience: Field,
    /// Names of the fields that have a value.
    pub(crate) present: Field,
    /// Document as JSON.
    pub(crate) source: Field,
    pub(crate) words: [WordFields; 2],
    /// Fields that are not texts.
    pub(crate) values: BTreeMap<String, (SearchFieldKind, Field)>,
}

impl Layout {
    /// Begins with a character that no locale and no name in an audience begins with.
    pub(crate) const NO_LOCALE: &'static str = "\u{1}none";
    pub(crate) const EVERYONE: &'static str = "\u{1}everyone";

    pub(crate) fn from_definition(definition: &IndexDefinition) -> Self {
        let mut schema = Schema::builder();
        let raw_options = || {
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default()
                    .set_tokenizer("raw")
                    .set_index_option(IndexRecordOption::Basic)
                    .set_fieldnorms(false),
            )
        };
        let id = schema.add_text_field("id", STRING | STORED);
        let locale = schema.add_text_field("locale", raw_options().set_stored());
        let audience = schema.add_text_field("audience", raw_options());
        let present = schema.add_text_field("present", raw_options());
        let source = schema.add_bytes_field("source", STORED);
        let mut words = |name: &str, weight: f32, length: u64| {
            let mut analysed = |field: &str, analyser: &str| {
                let indexing = TextFieldIndexing::default()
                    .set_tokenizer(analyser)
                    .set_index_option(IndexRecordOption::WithFreqsAndPositions);
                schema.add_text_field(&format!("{name}_{field}"), TextOptions::default().set_indexing_options(indexing))
            };
            let plain = analysed(PLAIN_ANALYSER, PLAIN_ANALYSER);
            let stems = StemLanguage::ALL.map(|stem| analysed(stem.name(), stem.name()));
            WordFields { plain, stems, forms: analysed("forms", PLAIN_ANALYSER), weight, length }
        };
        let words = [words("words", 1.0, 120), words("head", 3.0, 8)];
        let mut values = BTreeMap::new();
        for (name, kind) in &definition.fields {
            let own = format!("f_{name}");
            let field = match kind {
                SearchFieldKind::Text => continue,
                SearchFieldKind::Keyword | SearchFieldKind::Facet => {
                    schema.add_text_field(&own, raw_options().set_fast("raw"))
                }
                SearchFieldKind::Number => schema.add_f64_field(&own, INDEXED | FAST),
                SearchFieldKind::Date => schema.add_i64_field(&own, INDEXED | FAST),
                SearchFieldKind::Boolean => schema.add_bool_field(&own, INDEXED | FAST),
            };
            values.insert(name.clone(), (*kind, field));
        }
        Self { schema: schema.build(), id, locale, audience, present, source, words, values }
    }

    /// The engine's fields with the words of a text field: those of important ones are separate.
    pub(crate) fn words_of(&self, definition: &IndexDefinition, field: &str) -> WordFields {
        self.words[usize::from(definition.important.contains(field))]
    }

    /// The engine's fields with the words of important text fields.
    pub(crate) fn important_words(&self) -> WordFields {
        self.words[1]
    }

    /// The engine's name of a field that is not a text.
    pub(crate) fn column_name(field: &str) -> String {
        format!("f_{field}")
    }
}
