//! Differences between databases in the text of statements, and nothing else: how columns are declared, how members of JSON are read, how
//! text is compared without case, how a list is bound, where nulls sort.
//!
//! Both return the same results: nulls first ascending, text by code point, and where case does not count, text as
//! [`cairn_model::case_fold`] folds it.

mod postgres;
mod sqlite;

pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;

use cairn_model::ColumnType;
use cairn_query::PeriodGrouping;

/// SQL fragments of one database. Statements are composed from these and from standard SQL.
pub(crate) trait Dialect: Sync {
    /// The declared type of a column, collation included.
    fn column_type(&self, t: ColumnType) -> &'static str;
    /// The declared type of a column of bytes, compared as bytes.
    fn bytes_type(&self) -> &'static str;
    /// The declared type of a column of components.
    fn components_type(&self) -> &'static str;
    /// The declaration of a table's numbered key.
    fn numbered_key(&self) -> &'static str;
    /// Suffix behind the columns in the declaration of a table that has a key of its own.
    fn keyed_table_suffix(&self) -> &'static str;
    /// A column inside an index, so that the index serves our order.
    fn indexed_column(&self, column: &str) -> String;
    /// An index over a column of components, where the database has one (behind the table's name).
    fn components_index(&self, column: &str) -> Option<String>;
    /// An attribute of a JSON object (`json` is an SQL expression), typed as its column type, for comparing.
    fn json_field(&self, json: &str, name: &str, t: ColumnType) -> String;
    /// A component inside a JSON object, as JSON.
    fn json_child(&self, json: &str, name: &str) -> String;
    /// A member of a JSON object, as JSON text.
    fn json_member_text(&self, json: &str, name: &str) -> String;
    /// Condition that a member of a JSON object is one of the strings, numbers or booleans in a JSON array that is bound as text.
    fn json_member_in(&self, json: &str, name: &str, placeholder: &str) -> String;
    /// A table expression with one row per element of a JSON array: `<alias>.value`, in the order of `<alias>.key`.
    fn json_elements(&self, json: &str, alias: &str) -> String;
    /// The elements of a JSON array for which `test` holds, in that order, as a JSON array. They are `<alias>.value`.
    fn json_chosen(&self, json: &str, alias: &str, test: &str, order: &str) -> String;
    /// Condition that components hold certain values, bound as JSON text; `None` if no index could find them.
    fn json_contains(&self, json: &str, placeholder: &str) -> Option<String>;
    /// `expr` is one of the values of the list bound at `?n`.
    fn in_list(&self, expr: &str, n: usize) -> String;
    /// An expression that has lost its column's collation, to be ordered as the column is.
    fn collated_expression(&self, expr: &str, t: ColumnType) -> String;
    /// The letters to replace in a column that is compared with `folded`, a folded text.
    fn folding_letters(&self, t: ColumnType, folded: &str) -> FoldingLetters;
    /// The text of a column as it is compared with a folded text: folded, or at least as far as the answer depends on it. `letters` are
    /// those of that text, bound.
    fn folded_expression(&self, expr: &str, t: ColumnType, letters: &FoldingLetters) -> String;
    /// A column as it can be compared.
    fn comparable_expression(&self, expr: &str, t: ColumnType) -> String;
    /// A placeholder for a fraction that a column of integers is compared with, to the last digit.
    fn fraction_placeholder(&self, placeholder: &str) -> String;
    /// The exact sum of a column of whole or decimal numbers, as text; null where there are none.
    fn exact_sum(&self, expr: &str) -> String;
    /// Text of [`Self::exact_sum`] as something that orders by value.
    fn ordered_sum(&self, expr: &str) -> String;
    /// The exact median of a column of whole or decimal numbers, as text; null where there are none.
    fn exact_median(&self, expr: &str) -> String;
    /// The same as something that orders by value.
    fn ordered_median(&self, expr: &str) -> String;
    /// The median of a column of floats; null where there are none. Half of the way from the lower to the upper of two middle values.
    fn float_median(&self, expr: &str) -> String;
    /// First day of the period that a date or instant falls into, as `2026-03-01`; null of null.
    fn period_start(&self, expr: &str, grouping: &PeriodGrouping) -> String;
    /// An expression for `ORDER BY`, nulls first ascending.
    fn sort_key(&self, expr: &str, descending: bool) -> String;
    /// The statement that returns the size in bytes of the database or, on PostgreSQL, of the schema.
    fn size_query(&self) -> &'static str;
    /// True if the planner should see the number of rows requested (else it is bound).
    fn literal_limit(&self) -> bool;
    /// True if the planner sees what a condition inside `EXISTS` says about the row outside.
    fn plans_into_exists(&self) -> bool;
}

/// The letters to replace in a column before it is compared with a folded text: as texts to bind, or as their placeholders.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FoldingLetters {
    /// No letter is replaced.
    None,
    /// A few, each by another.
    Pairs(Vec<[String; 2]>),
    /// Many: the letters, and in the same order those that take their places.
    Table([String; 2]),
}

impl FoldingLetters {
    /// Binds the texts; `bind` returns the placeholder of one.
    pub(crate) fn bind(self, mut bind: impl FnMut(String) -> String) -> Self {
        match self {
            Self::None => Self::None,
            Self::Pairs(pairs) => Self::Pairs(pairs.into_iter().map(|pair| pair.map(&mut bind)).collect()),
            Self::Table(table) => Self::Table(table.map(bind)),
        }
    }
}

/// Escapes what stands for other letters in a pattern of `LIKE … ESCAPE '\'`.
pub(crate) fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 4);
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_wildcards_are_escaped() {
        assert_eq!(escape_like(r"100%_\"), r"100\%\_\\");
    }

    #[test]
    fn postgres_replaces_the_letters_of_the_text() {
        let pair = |variant: &str, letter: &str| [variant.to_owned(), letter.to_owned()];
        for (t, folded, expected) in [
            (ColumnType::Text, "an 100%", FoldingLetters::None),
            (ColumnType::Text, "ask", FoldingLetters::Pairs(vec![pair("\u{212a}", "k"), pair("ſ", "s")])),
            (ColumnType::Json, "żż", FoldingLetters::Pairs(vec![pair("Ż", "ż")])),
            (ColumnType::Text, "éàüöñ", FoldingLetters::Table(pair("ÀÉÑÖÜ", "àéñöü"))),
            (ColumnType::DateTime, "ask", FoldingLetters::None),
        ] {
            assert_eq!(Postgres.folding_letters(t, folded), expected, "{folded}");
        }
        for (folded, sql) in [
            ("an", "lower(t.a)"),
            ("ask", "lower(replace(replace(t.a, ?1, ?2), ?3, ?4))"),
            ("éàüöñ", "lower(translate(t.a, ?1, ?2))"),
        ] {
            let mut bound = 0;
            let letters = Postgres.folding_letters(ColumnType::Text, folded).bind(|_| {
                bound += 1;
                format!("?{bound}")
            });
            assert_eq!(Postgres.folded_expression("t.a", ColumnType::Text, &letters), sql);
        }
    }
}
