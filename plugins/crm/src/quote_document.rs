//! A quote as customers read it, on the page, in the PDF and in the mail: texts only, in their language.

use crate::addressee::Addressee;
use crate::local_date::write_date;
use crate::model::Quote;
use crate::money::{Line, write_decimal};
use crate::quotes::name_quote;
use crate::settings::Settings;
use cairn_plugin::format_money;
use cairn_plugin::prelude::*;
use cairn_plugin_pages::colours::text_colour_on;
use serde::{Deserialize, Serialize};

/// The languages of customers.
const LANGUAGES: [&str; 2] = ["nl", "en"];

/// The texts of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuoteDocument {
    pub(crate) language: String,
    pub(crate) company: Company,
    pub(crate) number: String,
    /// The deal's title.
    pub(crate) title: String,
    pub(crate) customer: String,
    pub(crate) customer_company: String,
    pub(crate) event_date: String,
    pub(crate) valid_until: String,
    pub(crate) lines: Vec<DocumentLine>,
    pub(crate) net: String,
    pub(crate) vat: String,
    pub(crate) gross: String,
    pub(crate) deposit: String,
    pub(crate) deposit_percent: i64,
}

/// The company that offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Company {
    pub(crate) name: String,
    /// Lines of its address.
    pub(crate) address: Vec<String>,
    /// Registration numbers, bank account, terms.
    pub(crate) footer: String,
    /// `#rrggbb`.
    pub(crate) accent: String,
    /// Black or white, as can be read on the accent.
    pub(crate) on_accent: String,
}

/// A line of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentLine {
    pub(crate) description: String,
    pub(crate) quantity: i64,
    pub(crate) unit_price: String,
    pub(crate) vat_percent: i64,
    pub(crate) net: String,
}

/// The language of a quote: the one it was sent in, else that of its customer.
pub(crate) fn find_language<'a>(quote: &'a Quote, settings: &'a Settings) -> &'a str {
    if let Some(sent) = &quote.sent_document {
        return &sent.language;
    }
    Addressee::of_quote(quote).language.filter(|language| LANGUAGES.contains(language)).unwrap_or(&settings.language)
}

impl QuoteDocument {
    /// The texts of a quote: as they were sent, whatever has changed since about the customer, the event or the company; of a draft as they
    /// are now, in the language of its customer.
    ///
    /// # Errors
    /// What the host says: `Invalid` for a currency that does not exist.
    pub(crate) fn of_quote(quote: &Quote, settings: &Settings) -> Result<Self> {
        let sent = quote.sent_document.clone();
        sent.map_or_else(|| Self::build(quote, settings, find_language(quote, settings)), Ok)
    }

    fn build(quote: &Quote, settings: &Settings, language: &str) -> Result<Self> {
        let money = |amount: i64| format_money(&write_decimal(amount), &quote.currency, language);
        let to_line = |line: &Line| {
            Ok(DocumentLine {
                description: line.description.clone(),
                quantity: line.quantity,
                unit_price: money(line.unit_price)?,
                vat_percent: line.vat_percent,
                net: money(line.net())?,
            })
        };
        let addressee = Addressee::of_quote(quote);
        let deal = quote.deal.as_ref();
        Ok(Self {
            language: language.to_owned(),
            company: Company::of_settings(settings),
            number: name_quote(quote),
            title: quote.title.clone(),
            customer: addressee.name.to_owned(),
            customer_company: addressee.company.unwrap_or_default().to_owned(),
            event_date: deal.and_then(|deal| deal.event_date.as_deref()).map(write_date).unwrap_or_default(),
            valid_until: quote.valid_until.as_deref().map(write_date).unwrap_or_default(),
            lines: quote.lines.iter().map(to_line).collect::<Result<_>>()?,
            net: money(quote.net)?,
            vat: money(quote.vat)?,
            gross: money(quote.gross)?,
            deposit: money(quote.deposit)?,
            deposit_percent: quote.deposit_percent,
        })
    }
}

impl Company {
    /// The company as the settings describe it.
    pub(crate) fn of_settings(settings: &Settings) -> Self {
        let address = settings.company_address.lines().map(str::trim).filter(|line| !line.is_empty());
        Self {
            name: settings.company(),
            address: address.map(str::to_owned).collect(),
            footer: settings.legal_footer.clone(),
            accent: settings.accent_colour.clone(),
            on_accent: text_colour_on(&settings.accent_colour).to_owned(),
        }
    }
}
