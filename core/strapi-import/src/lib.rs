//! Reads an archive of `strapi export`, or a database of Strapi, as content of a Cairn project.
//!
//! An archive is read several times. [`survey_any_version`] reads all of it and keeps what is small: schemas, ids and links, but no content; one of
//! Strapi 4 it brings into the form of Strapi 5 first.
//! [`build_schema_files`] makes the project's schema files of its schemas, [`present_schema_files`] adds what editors read. [`convert_archive`] reads the content and hands it, as rows of the store, to
//! an [`ImportSink`]. [`read_assets`] hands out the bytes of the media library.
//!
//! The input is a function that opens the archive, or [`read_database`], which reads a database into a temporary file of the same form.
//! Nothing else is written.

mod archive;
mod convert;
mod database;
mod entity;
mod error;
mod links;
mod member_writer;
mod presentation;
mod report;
mod row_index;
mod schemas;
mod source;
mod strapi4;
mod survey;
mod uploads;

pub use archive::{Archive, OpenArchive};
pub use convert::{ImportSink, ImportedFile, TextRepair, convert_archive, read_assets};
pub use database::{DatabaseSource, PostgresLocation, StrapiDatabase, StrapiProject, read_database};
pub use error::ImportError;
pub use presentation::present_schema_files;
pub use report::{ImportFinding, ImportReport, TypeCount};
pub use schemas::{SchemaFiles, build_schema_files};
pub use source::ImportSource;
pub use strapi4::survey_any_version;
pub use survey::{Folder, Locale, RegistrationRules, SiteRole, Survey, survey_archive};
