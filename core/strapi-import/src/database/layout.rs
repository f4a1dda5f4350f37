//! Tables and columns of the versions of Strapi's database layer: which there are, and how their names are made of those of types and attributes.

use super::connection::Tables;
use super::names;
use crate::error::ImportError;

/// The table with settings, of every version that is read.
pub(super) const SETTINGS_TABLE: &str = "strapi_core_store_settings";

/// The tables of a version of Strapi.
pub(super) trait TableLayout {
    /// The first number of the version.
    fn major(&self) -> &'static str;

    /// True if rows have the id of their document. Otherwise relations say which rows are localizations of one another.
    fn has_documents(&self) -> bool;

    /// The table of a type with that `collectionName`.
    fn table(&self, collection: &str) -> String;

    /// The table that links a type's rows with their components.
    fn component_table(&self, collection: &str) -> String;

    /// The column of that table with the id of the component.
    fn component_id_column(&self) -> &'static str;

    /// The join table of a relation.
    fn join_table(&self, table: &str, attribute: &str) -> String;

    /// The join table of a relation to rows of any type.
    fn morph_table(&self, table: &str, attribute: &str) -> String;

    /// The column of an attribute.
    fn column(&self, attribute: &str) -> String;

    /// A column with the id of another row.
    fn id_column(&self, of: &str) -> String;

    /// The column for the other side of a join table whose sides have the same name.
    fn inverse_id_column(&self, of: &str) -> String;

    /// The column with the type of a row.
    fn type_column(&self, of: &str) -> String;

    /// The column with the order of a relation.
    fn order_column(&self, of: &str) -> String;

    /// The column for the order on the other side of a join table whose sides have the same name.
    fn inverse_order_column(&self, of: &str) -> String;
}

/// Finds the layout of a database. `longest_name` is the number of bytes that its names have at most. Returns an error that names what it is
/// if it is of no version that is read.
pub(super) fn detect_layout(tables: &Tables, longest_name: usize) -> Result<Box<dyn TableLayout>, ImportError> {
    let refused = |message: &str| Err(ImportError::Database(message.into()));
    if tables.has_table("core_store") && !tables.has_table(SETTINGS_TABLE) {
        return refused(
            "the database is of Strapi 3: upgrade the project to Strapi 4 or 5 with Strapi's own tools, and import again",
        );
    }
    if !tables.has_table(SETTINGS_TABLE) || !tables.has_table("files") {
        return refused(
            "this is not a database of Strapi: it has no tables strapi_core_store_settings and files. Name the database, and its schema if it is PostgreSQL, that Strapi's config/database names",
        );
    }
    if tables.has_column("files", "document_id") {
        return Ok(Box::new(Strapi5Layout));
    }
    if tables.has_table("files_related_morphs") && !tables.has_column("files_related_morphs", "id") {
        return refused(
            "the database is of a Strapi 4 before 4.6, whose relations have no order: upgrade the project to the last version of Strapi 4, start it once, and import again",
        );
    }
    Ok(Box::new(Strapi4Layout { longest_name }))
}

/// The tables of Strapi 5: long names are shortened.
pub(super) struct Strapi5Layout;

impl TableLayout for Strapi5Layout {
    fn major(&self) -> &'static str {
        "5"
    }

    fn has_documents(&self) -> bool {
        true
    }

    fn table(&self, collection: &str) -> String {
        names::table_name(collection)
    }

    fn component_table(&self, collection: &str) -> String {
        names::component_table_name(collection)
    }

    fn component_id_column(&self) -> &'static str {
        "cmp_id"
    }

    fn join_table(&self, table: &str, attribute: &str) -> String {
        names::join_table_name(table, attribute)
    }

    fn morph_table(&self, table: &str, attribute: &str) -> String {
        names::morph_table_name(table, attribute)
    }

    fn column(&self, attribute: &str) -> String {
        names::column_name(attribute)
    }

    fn id_column(&self, of: &str) -> String {
        names::id_column_name(of)
    }

    fn inverse_id_column(&self, of: &str) -> String {
        names::inverse_id_column_name(of)
    }

    fn type_column(&self, of: &str) -> String {
        names::type_column_name(of)
    }

    fn order_column(&self, of: &str) -> String {
        names::order_column_name(of)
    }

    fn inverse_order_column(&self, of: &str) -> String {
        names::inverse_order_column_name(of)
    }
}

/// The tables of Strapi 4: names are whole, and PostgreSQL cuts those that are too long for it.
pub(super) struct Strapi4Layout {
    /// Longest name in bytes.
    pub(super) longest_name: usize,
}

impl Strapi4Layout {
    fn cut(&self, mut name: String) -> String {
        while name.len() > self.longest_name {
            name.pop();
        }
        name
    }

    fn snake_case(&self, name: &str) -> String {
        self.cut(names::snake_case(name))
    }
}

impl TableLayout for Strapi4Layout {
    fn major(&self) -> &'static str {
        "4"
    }

    fn has_documents(&self) -> bool {
        false
    }

    fn table(&self, collection: &str) -> String {
        self.cut(collection.to_owned())
    }

    fn component_table(&self, collection: &str) -> String {
        self.cut(format!("{collection}_components"))
    }

    fn component_id_column(&self) -> &'static str {
        "component_id"
    }

    fn join_table(&self, table: &str, attribute: &str) -> String {
        self.snake_case(&format!("{table}_{attribute}_links"))
    }

    fn morph_table(&self, table: &str, attribute: &str) -> String {
        self.snake_case(&format!("{table}_{attribute}_morphs"))
    }

    fn column(&self, attribute: &str) -> String {
        self.snake_case(attribute)
    }

    fn id_column(&self, of: &str) -> String {
        self.snake_case(&format!("{of}_id"))
    }

    fn inverse_id_column(&self, of: &str) -> String {
        self.cut(format!("inv_{}", names::snake_case(&format!("{of}_id"))))
    }

    fn type_column(&self, of: &str) -> String {
        self.cut(format!("{}_type", names::snake_case(of)))
    }

    fn order_column(&self, of: &str) -> String {
        self.snake_case(&format!("{of}_order"))
    }

    fn inverse_order_column(&self, of: &str) -> String {
        self.cut(format!("inv_{}", names::snake_case(&format!("{of}_order"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_strapi_4_are_whole_unless_the_database_cuts_them() {
        let layout = Strapi4Layout { longest_name: usize::MAX };
        assert_eq!(layout.join_table("articles", "relatedTags"), "articles_related_tags_links");
        assert_eq!(layout.morph_table("files", "related"), "files_related_morphs");
        assert_eq!(layout.component_table("articles"), "articles_components");
        assert_eq!(layout.inverse_id_column("blog-post"), "inv_blog_post_id");
        assert_eq!(layout.order_column("blog-post"), "blog_post_order");
        assert_eq!(layout.type_column("things"), "things_type");
        let long = "tagsByWhichSomebodyMayFindThisLedgerAgainLaterWhenTheyLookForIt";
        assert!(layout.join_table("ledgers", long).ends_with("_look_for_it_links"));
        let cut = Strapi4Layout { longest_name: 63 }.join_table("ledgers", long);
        assert_eq!(cut, "ledgers_tags_by_which_somebody_may_find_this_ledger_again_later");
    }
}
