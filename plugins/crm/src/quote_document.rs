//! Writing the texts of a quote, in the language of its customer.

use crate::addressee::Addressee;
use crate::local_date::write_date;
use crate::model::{Quote, name_quote};
use crate::money::{Line, write_decimal};
use crate::quote_texts::{Company, DocumentLine, QuoteDocument};
use crate::settings::Settings;
use cairn_plugin::format_money;
use cairn_plugin::prelude::*;

/// The languages of customers.
const LANGUAGES: [&str; 2] = ["nl", "en"];

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
