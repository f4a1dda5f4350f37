//! SQL fragments for SQLite.

use super::{Dialect, FoldingLetters};
use cairn_model::ColumnType;
use cairn_query::PeriodGrouping;

pub(crate) struct Sqlite;

impl Dialect for Sqlite {
    fn column_type(&self, t: ColumnType) -> &'static str {
        match t {
            ColumnType::Text | ColumnType::Date | ColumnType::DateTime | ColumnType::Time | ColumnType::Json => "TEXT",
            ColumnType::Integer | ColumnType::BigInteger | ColumnType::Boolean => "INTEGER",
            ColumnType::Float => "REAL",
            ColumnType::Decimal => "TEXT COLLATE decimal",
        }
    }

    fn bytes_type(&self) -> &'static str {
        "BLOB"
    }

    fn components_type(&self) -> &'static str {
        "TEXT"
    }

    fn numbered_key(&self) -> &'static str {
        "INTEGER PRIMARY KEY AUTOINCREMENT"
    }

    fn keyed_table_suffix(&self) -> &'static str {
        "WITHOUT ROWID"
    }

    fn indexed_column(&self, column: &str) -> String {
        column.to_owned()
    }

    fn components_index(&self, _: &str) -> Option<String> {
        None
    }

    fn json_field(&self, json: &str, name: &str, t: ColumnType) -> String {
        let path = json_path(name);
        match t {
            ColumnType::BigInteger => format!("CAST(json_extract({json}, {path}) AS INTEGER)"),
            ColumnType::Decimal => format!("(json_extract({json}, {path}) COLLATE decimal)"),
            _ => format!("json_extract({json}, {path})"),
        }
    }

    fn json_child(&self, json: &str, name: &str) -> String {
        format!("json_extract({json}, {})", json_path(name))
    }

    fn json_member_text(&self, json: &str, name: &str) -> String {
        format!("({json} -> {})", json_path(name))
    }

    fn json_member_in(&self, json: &str, name: &str, placeholder: &str) -> String {
        format!("json_extract({json}, {}) IN (SELECT value FROM json_each({placeholder}))", json_path(name))
    }

    fn json_elements(&self, json: &str, alias: &str) -> String {
        format!("json_each({json}) {alias}")
    }

    fn json_chosen(&self, json: &str, alias: &str, test: &str, order: &str) -> String {
        format!(
            "(SELECT json_group_array(json(v)) FROM (SELECT {alias}.value AS v FROM json_each({json}) {alias} WHERE {test} ORDER BY {order}))"
        )
    }

    fn json_contains(&self, _: &str, _: &str) -> Option<String> {
        None
    }

    fn in_list(&self, expr: &str, n: usize) -> String {
        format!("{expr} IN (SELECT value FROM rarray(?{n}))")
    }

    fn collated_expression(&self, expr: &str, t: ColumnType) -> String {
        match t {
            ColumnType::Decimal => format!("{expr} COLLATE decimal"),
            _ => expr.to_owned(),
        }
    }

    fn folding_letters(&self, _: ColumnType, _: &str) -> FoldingLetters {
        FoldingLetters::None
    }

    fn folded_expression(&self, expr: &str, t: ColumnType, _: &FoldingLetters) -> String {
        match t {
            ColumnType::Text => format!("fold_case({expr})"),
            // Inside components it may be a number.
            ColumnType::Json => format!("fold_case(CAST({expr} AS TEXT))"),
            // The outer collation makes this a comparison of texts: the collation within `expr` would compare numbers.
            ColumnType::Decimal => format!("lower({expr}) COLLATE BINARY"),
            // Numbers and times have no letters but those of ASCII.
            _ => format!("lower({expr})"),
        }
    }

    fn comparable_expression(&self, expr: &str, _: ColumnType) -> String {
        expr.to_owned()
    }

    fn fraction_placeholder(&self, placeholder: &str) -> String {
        placeholder.to_owned()
    }

    fn exact_sum(&self, expr: &str) -> String {
        format!("exact_sum({expr})")
    }

    fn ordered_sum(&self, expr: &str) -> String {
        format!("exact_sum({expr}) COLLATE decimal")
    }

    fn exact_median(&self, expr: &str) -> String {
        format!("exact_median({expr})")
    }

    fn ordered_median(&self, expr: &str) -> String {
        format!("exact_median({expr}) COLLATE decimal")
    }

    fn float_median(&self, expr: &str) -> String {
        format!("float_median({expr})")
    }

    fn period_start(&self, expr: &str, grouping: &PeriodGrouping) -> String {
        let zone = grouping.zone.map_or("", |zone| zone.name());
        format!("period_start({expr}, '{}', '{zone}')", grouping.period.as_str())
    }

    fn sort_key(&self, expr: &str, descending: bool) -> String {
        format!("{expr} {}", if descending { "DESC" } else { "ASC" })
    }

    fn size_query(&self) -> &'static str {
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    }

    fn literal_limit(&self) -> bool {
        false
    }

    fn plans_into_exists(&self) -> bool {
        false
    }
}

/// `'$."name"'`: the loader refuses names with double quotes, backslashes and control characters.
fn json_path(name: &str) -> String {
    format!("'$.\"{}\"'", name.replace('"', "").replace('\'', "''"))
}
