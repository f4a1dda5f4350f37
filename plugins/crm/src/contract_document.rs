//! The document of a contract: the quote as the customer accepted it, and a page on which the parties sign.

use crate::local_date::{find_today, write_date};
use crate::model::Quote;
use crate::quote_document::QuoteDocument;
use crate::quotes::name_quote;
use crate::settings::Settings;
use cairn_plugin::pdf::{self, pdf};
use cairn_plugin::prelude::*;
use cairn_plugin::{FileId, files};
use serde::Serialize;
use serde_json::json;

/// Model of the page's template.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContractPage<'a> {
    #[serde(flatten)]
    quote: &'a QuoteDocument,
    /// The day on which it was made.
    date: String,
    accepted_by: &'a str,
    accepted_on: String,
    /// Terms that the parties agree beside the quote.
    terms: &'a str,
    /// Name of the company's signer; empty where only the customer signs.
    company_signer: &'a str,
}

/// Makes the PDF, as a file of the plugin's own. Marks on its last page say where who signs.
///
/// # Errors
/// What the host says; `Invalid` for a quote whose own PDF is gone.
pub(crate) fn build_contract(quote: &Row<Quote>, settings: &Settings) -> Result<FileId> {
    let document = QuoteDocument::of_quote(quote, settings)?;
    let Some(sent) = &quote.pdf else {
        return Err(Error::field("pdf", "missing", translate("contract.noQuote", &settings.language, None)));
    };
    let day = |instant: Instant| find_today(instant, &settings.timezone).map(|day| write_date(&day.to_string()));
    let accepted_on = quote.accepted_at.as_deref().map(time::parse).transpose()?.map(day).transpose()?;
    let page = ContractPage {
        quote: &document,
        date: day(time::now())?,
        accepted_by: quote.accepted_name.as_deref().unwrap_or_default(),
        accepted_on: accepted_on.unwrap_or_default(),
        terms: settings.contract_terms.trim(),
        company_signer: if settings.has_contract_signer() { settings.contract_signer_name.trim() } else { "" },
    };
    let language = document.language.as_str();
    let signatures = pdf("contract", "contract.pdf").locale(language).render(&json!(page))?;
    let merged =
        pdf::merge(&[sent.document_id.clone(), signatures.clone()], &format!("{}.pdf", file_name(quote, language)));
    files::delete(&[signatures])?;
    merged
}

/// Name of the file, without its ending.
fn file_name(quote: &Quote, language: &str) -> String {
    let kind = if language == "nl" { "overeenkomst" } else { "contract" };
    format!("{kind}-{}", name_quote(quote))
}
