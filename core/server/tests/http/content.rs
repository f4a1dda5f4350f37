//! `/api/<plural>`, `/api/<plural>/<documentId>` and `/api/<singular>`.

mod case;
mod component_ids;
mod component_unique;
mod components;
mod conditional;
mod create;
mod drafts;
mod fields;
mod filters;
mod kinds;
mod locales;
mod media;
mod morph;
mod pagination;
mod parallel;
mod populate;
mod related;
mod relations;
mod single;
mod sort;
mod unique;
mod update;
mod version_tokens;
