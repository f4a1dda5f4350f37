//! Declarations and grants of a plugin, in the form that calls need: texts, templates, access, conditions.

pub(crate) mod chosen_types;
pub(crate) mod conditions;
pub(crate) mod load_error;
pub(crate) mod pdf_templates;
pub(crate) mod permissions;
pub(crate) mod plugin_definition;
pub(crate) mod public_files;
pub(crate) mod translations;
