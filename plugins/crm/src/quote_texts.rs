//! Texts of a quote as customers read it, on the page, in the PDF and in the mail. They are stored when it is sent.

use crate::settings::Settings;
use cairn_plugin_pages::colours::text_colour_on;
use serde::{Deserialize, Serialize};

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
