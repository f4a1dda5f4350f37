//! Documents that people sign, in order. Somebody of the team drafts an envelope: a PDF, who signs it, and where. It is approved, then sent;
//! each signer reads it by a link of their own and signs on a phone or at a desk. When all have, the document is sealed, with a certificate
//! of completion, and everybody gets it.
//!
//! Start at `plugin.toml`: it names every way in. The rules need no host and are in [`envelope_state`], [`signing_order`], [`draft_check`],
//! [`approval_rules`], [`audit_chain`], [`recipient_name`], [`retention`], [`signature_png`], [`signer_answer`], [`request_form`]
//! and [`form_fields`]; the other modules call it.

mod account_links;
mod answers;
mod approval;
mod approval_rules;
mod audit;
mod audit_chain;
mod certificate;
mod deadlines;
mod document_fields;
mod document_opening;
mod draft_approval;
mod draft_check;
mod draft_document;
mod draft_forms;
mod drafts;
mod endings;
mod envelope_state;
mod envelopes;
mod field_kind;
mod form_fields;
mod hooks;
mod invitations;
mod jobs;
mod lifecycle;
mod model;
mod notices;
mod page_pictures;
mod person;
mod privacy;
mod recipient_name;
mod replaced_links;
mod request_form;
mod request_job;
mod requests;
mod retention;
mod routes;
mod seal_check;
mod sealing;
mod sending;
mod sending_check;
mod sent_content;
mod settings;
mod signature_png;
mod signer;
mod signer_answer;
mod signer_links;
mod signer_routes;
mod signing_order;
mod signing_page;
mod staff_routes;
mod subscriptions;
mod upgrades;
mod views;

/// The plugin.
struct Esign;

cairn_plugin::export!(Esign: hooks, events, jobs, routes, views, lifecycle, privacy);
