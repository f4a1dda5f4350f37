//! The document of a contract: the quote as the customer accepted it, and a page on which the parties sign.
//!
//! Where they sign is what the template of that page says. Texts of people are on the same pages, so nothing that is written there counts.

use crate::local_date::{find_today, write_date};
use crate::model::{Quote, name_quote};
use crate::quote_texts::QuoteDocument;
use crate::settings::Settings;
use cairn_plugin::pdf::{self, FieldBox, pdf};
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

/// Sign that the names of a template's fields begin with. No text of a page can become such a name.
const TEMPLATE_SIGN: char = '#';

/// A contract that can be signed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ContractDocument {
    pub(crate) file: FileId,
    pub(crate) fields: Vec<ContractField>,
}

/// A place where somebody signs, as e-signing takes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ContractField {
    /// Counted from 1, in the order in which they sign.
    pub(crate) signer: usize,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) page: u32,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl ContractField {
    /// The field that the template has placed: `#sign:1`, `#date:2`. None for anything else, such as marks in texts.
    fn of_place(place: &FieldBox) -> Option<Self> {
        let (kind, signer) = place.name.strip_prefix(TEMPLATE_SIGN)?.split_once(':')?;
        let kind = match kind {
            "sign" => "signature",
            "date" => "date",
            _ => return None,
        };
        let (x, y, width, height) = place.box_;
        let signer = signer.parse().ok().filter(|number| *number > 0)?;
        Some(Self { signer, kind, page: place.page, x, y, width, height })
    }
}

/// Makes the PDF, as a file of the plugin's own.
///
/// # Errors
/// What the host says; `Invalid` for a quote whose own PDF is gone, and for a template that places no fields.
pub(crate) fn build_contract(quote: &Row<Quote>, settings: &Settings) -> Result<ContractDocument> {
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
    let file = merged?;
    let places = pdf::locate(&file).inspect_err(|_| {
        // The error says more than one about a file that is left behind.
        let _ = files::delete(std::slice::from_ref(&file));
    })?;
    let fields: Vec<ContractField> = places.iter().filter_map(ContractField::of_place).collect();
    // A template of the operator's own, made before templates placed fields.
    if fields.is_empty() {
        files::delete(&[file])?;
        return Err(Error::field("fields", "missing", translate("contract.noFields", &settings.language, None)));
    }
    Ok(ContractDocument { file, fields })
}

/// Name of the file, without its ending.
fn file_name(quote: &Quote, language: &str) -> String {
    let kind = if language == "nl" { "overeenkomst" } else { "contract" };
    format!("{kind}-{}", name_quote(quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_template_has_placed_is_a_field() {
        let place = |name: &str| FieldBox { name: name.to_owned(), page: 3, box_: (60.0, 500.0, 170.0, 52.0) };
        let field = ContractField::of_place(&place("#sign:2")).unwrap();
        assert_eq!(
            json!(field),
            json!({ "signer": 2, "type": "signature", "page": 3, "x": 60.0, "y": 500.0, "width": 170.0, "height": 52.0 })
        );
        assert_eq!(ContractField::of_place(&place("#date:1")).unwrap().kind, "date");
        for other in ["sign:2", "text:1:I owe nothing", "#text:1:x", "#sign:0", "#sign:", "#sign", "", "#sign:9x"] {
            assert_eq!(ContractField::of_place(&place(other)), None, "{other}");
        }
    }
}
