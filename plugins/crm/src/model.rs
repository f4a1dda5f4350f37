//! The plugin's content types, as far as the code reads them.

use crate::contract_state::ContractState;
use crate::money::Line;
use crate::quote_texts::QuoteDocument;
use crate::stage_rules::{DealStatus, EntryRule, StageFacts, StageKind};
use cairn_plugin::data::or_default;
use cairn_plugin::{Document, Row};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub(crate) use cairn_plugin::data::Link;

macro_rules! content_type {
    ($type:ty, $uid:literal) => {
        impl Document for $type {
            const TYPE: &'static str = $uid;
        }
    };
}

/// How far a lead is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LeadStatus {
    #[default]
    New,
    Working,
    Qualified,
    Unqualified,
    Converted,
    Spam,
}

impl LeadStatus {
    /// The statuses of leads that somebody still has to do something about.
    pub(crate) const OPEN: [&'static str; 3] = ["new", "working", "qualified"];

    /// True if somebody still has to do something about it.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Working | Self::Qualified)
    }
}

/// How the clock of a lead's first response, or of a deal's stay in its stage, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SlaState {
    /// It has not been done, and there is time left.
    Running,
    /// It was done in time.
    Met,
    /// It was not done in time.
    Breached,
    /// It need not be done any more.
    Cancelled,
}

/// Somebody who asked about an event.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lead {
    pub(crate) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: LeadStatus,
    pub(crate) form: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) event_date: Option<String>,
    pub(crate) event_venue: Option<String>,
    pub(crate) guests: Option<i64>,
    pub(crate) package_wish: Option<String>,
    pub(crate) language: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) owner: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) owner_name: String,
    pub(crate) sla_state: Option<SlaState>,
    pub(crate) sla_due_at: Option<String>,
    pub(crate) sla_warned_at: Option<String>,
    pub(crate) first_response_at: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) consent_marketing: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) utm: Map<String, Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) extra: Map<String, Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) repeats: i64,
    pub(crate) created_at: String,
    received_at: Option<String>,
    #[serde(default)]
    pub(crate) pipeline: Option<Row<Pipeline>>,
    #[serde(default)]
    pub(crate) contact: Option<Link>,
    /// Another contact with the same phone number: perhaps the same person.
    #[serde(default)]
    pub(crate) possible_contact: Option<Link>,
    #[serde(default)]
    pub(crate) converted_deal: Option<Link>,
}
content_type!(Lead, "plugin::crm.lead");

impl Lead {
    /// The time at which its inquiry came in. A lead that nobody's form made came in when it was stored.
    pub(crate) fn received_at(&self) -> &str {
        self.received_at.as_deref().unwrap_or(&self.created_at)
    }
}

/// A person or an organisation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Contact {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) phone: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) language: Option<String>,
}
content_type!(Contact, "plugin::crm.contact");

/// A contact as far as a mail to it depends on its wishes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Addressable {
    #[serde(default)]
    pub(crate) do_not_contact: Option<bool>,
}

impl Document for Addressable {
    const TYPE: &'static str = Contact::TYPE;
}

/// An address or number by which a contact is recognised.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct ContactKey {
    pub(crate) kind: String,
    /// In the form in which it is compared, or was by an earlier version.
    #[serde(default)]
    pub(crate) value: String,
    #[serde(default)]
    pub(crate) contact: Option<Link>,
}
content_type!(ContactKey, "plugin::crm.contact-key");

impl ContactKey {
    pub(crate) fn is(&self, kind: &str, value: &str) -> bool {
        self.kind == kind && self.value == value
    }
}

/// A way of selling, with stages of its own.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pipeline {
    pub(crate) name: String,
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) response_policy: Option<Row<SlaPolicy>>,
}
content_type!(Pipeline, "plugin::crm.pipeline");

/// A step of a pipeline.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stage {
    pub(crate) key: String,
    pub(crate) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) order: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) kind: StageKind,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) required_fields: Vec<String>,
    pub(crate) on_entry: Option<EntryAction>,
    pub(crate) entry_rule: Option<EntryRule>,
    #[serde(default)]
    pub(crate) pipeline: Option<Link>,
    #[serde(default)]
    pub(crate) sla_policy: Option<Row<SlaPolicy>>,
}
content_type!(Stage, "plugin::crm.stage");

impl Stage {
    /// The stage as the rules see it.
    pub(crate) fn facts(row: &Row<Self>) -> StageFacts<'_> {
        StageFacts {
            id: &row.document_id,
            pipeline: row.pipeline.as_ref().map_or("", |pipeline| pipeline.document_id.as_str()),
            order: row.order,
            kind: row.kind,
            required: &row.required_fields,
            entry_rule: row.entry_rule,
        }
    }
}

/// Action taken when a deal enters a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum EntryAction {
    /// It gets the draft of a quote.
    DraftQuote,
}

/// A sale on its way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deal {
    pub(crate) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) owner: String,
    pub(crate) amount: Option<Value>,
    pub(crate) currency: Option<String>,
    pub(crate) package_wish: Option<String>,
    pub(crate) sla_state: Option<SlaState>,
    pub(crate) sla_due_at: Option<String>,
    pub(crate) sla_warned_at: Option<String>,
    #[serde(default)]
    pub(crate) stage: Option<Row<Stage>>,
    #[serde(default)]
    pub(crate) contact: Option<Link>,
    #[serde(default)]
    pub(crate) package: Option<Link>,
}
content_type!(Deal, "plugin::crm.deal");

/// Fields of a deal that a hook reads.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DealChange {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: DealStatus,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) lost_reason: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) move_reason: String,
    pub(crate) stage: Option<Link>,
    pub(crate) pipeline: Option<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) stage_history: Vec<Value>,
    pub(crate) won_at: Option<String>,
    pub(crate) sla_state: Option<SlaState>,
}
content_type!(DealChange, "plugin::crm.deal");

/// Offer with its prices, from which a quote takes its lines.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Package {
    pub(crate) key: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) lines: Vec<Line>,
    pub(crate) deposit_percent: Option<i64>,
    pub(crate) currency: Option<String>,
    pub(crate) valid_from: Option<String>,
    pub(crate) valid_to: Option<String>,
}
content_type!(Package, "plugin::crm.package");

/// How a quote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum QuoteStatus {
    /// It can be changed.
    #[default]
    Draft,
    /// The customer has it.
    Sent,
    Accepted,
    Declined,
    /// Its last day is over.
    Expired,
    /// A newer version was sent.
    Superseded,
}

/// How the mail with a quote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Delivery {
    /// It is being rendered and sent.
    Pending,
    /// It left.
    Sent,
    /// It could not be sent.
    Failed,
}

/// Offer to a customer, and their answer. Amounts are in minor units.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Quote {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) title: String,
    pub(crate) number: Option<String>,
    #[serde(default = "one", deserialize_with = "or_one")]
    /// Number of the version: 1 for the first.
    pub(crate) revision: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) lines: Vec<Line>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) deposit_percent: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) net: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) vat: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) gross: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) deposit: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) currency: String,
    pub(crate) valid_until: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: QuoteStatus,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) delivery_error: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) deliveries: i64,
    pub(crate) sent_to: Option<String>,
    pub(crate) sent_at: Option<String>,
    /// The texts that the customer was sent first. Quotes of before version 0.3 have none.
    pub(crate) sent_document: Option<QuoteDocument>,
    pub(crate) accepted_name: Option<String>,
    pub(crate) accepted_at: Option<String>,
    pub(crate) declined_reason: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) deposit_paid: i64,
    pub(crate) deposit_paid_at: Option<String>,
    /// How its contract stands; none of a quote without one.
    pub(crate) contract: Option<ContractState>,
    /// How e-signing knows its contracts, the latest one last.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) contract_references: Vec<String>,
    pub(crate) contract_reason: Option<String>,
    pub(crate) contract_at: Option<String>,
    /// The envelope of e-signing that holds the latest contract.
    pub(crate) contract_envelope: Option<String>,
    #[serde(default)]
    pub(crate) contract_pdf: Option<Link>,
    #[serde(default)]
    pub(crate) deal: Option<QuotedDeal>,
    #[serde(default)]
    pub(crate) contact: Option<Row<Contact>>,
    #[serde(default)]
    pub(crate) package: Option<Link>,
    #[serde(default)]
    pub(crate) supersedes: Option<Link>,
    #[serde(default)]
    pub(crate) pdf: Option<Link>,
}
content_type!(Quote, "plugin::crm.quote");

/// Name of a quote, for people: its number, and its version from the second on.
pub(crate) fn name_quote(quote: &Quote) -> String {
    let number = quote.number.as_deref().unwrap_or_default();
    if quote.revision > 1 { format!("{number}-v{}", quote.revision) } else { number.to_owned() }
}

impl Quote {
    /// How many contracts were made of it.
    pub(crate) fn contract_attempts(&self) -> i64 {
        i64::try_from(self.contract_references.len()).unwrap_or(i64::MAX)
    }
}

/// The deal of a quote.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuotedDeal {
    pub(crate) document_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: DealStatus,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) owner: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) owner_name: String,
    pub(crate) event_date: Option<String>,
    /// The lead that it was made of.
    #[serde(default)]
    pub(crate) lead: Option<QuotedLead>,
}

/// The person who sent the lead of a deal, as they told.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct QuotedLead {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) language: Option<String>,
    #[serde(default)]
    pub(crate) contact: Option<Link>,
}
content_type!(QuotedLead, "plugin::crm.lead");

/// Money that came in, or the booking that takes one back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payment {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) kind: PaymentKind,
    /// In minor units, and above 0 whichever way the money goes.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) amount: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) currency: String,
    pub(crate) received_at: Option<String>,
    pub(crate) booked_by: Option<String>,
    #[serde(default)]
    pub(crate) quote: Option<Link>,
    /// The booking that this one takes back.
    #[serde(default)]
    pub(crate) reverses: Option<Link>,
}
content_type!(Payment, "plugin::crm.payment");

/// Kind of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PaymentKind {
    #[default]
    Deposit,
    Balance,
    Refund,
    /// It takes another booking back.
    Reversal,
}

impl PaymentKind {
    /// Its name, as keys of texts have it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Deposit => "deposit",
            Self::Balance => "balance",
            Self::Refund => "refund",
            Self::Reversal => "reversal",
        }
    }
}

/// A note, call, mail, meeting or task.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Activity {}
content_type!(Activity, "plugin::crm.activity");

/// How fast a new lead has to be answered, or how long a deal may stay in a stage.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SlaPolicy {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) key: String,
    pub(crate) duration: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) clock: ClockKind,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) calendar: String,
    pub(crate) warn_at: Option<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) escalate_to: String,
}
content_type!(SlaPolicy, "plugin::crm.sla-policy");

impl SlaPolicy {
    /// The share of the time after which it is time to warn.
    pub(crate) fn warn_share(&self) -> f64 {
        // Decimals are numbers or texts, by how the server is set up.
        let share = match &self.warn_at {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        share.unwrap_or(0.75)
    }
}

/// Kind of time that a policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ClockKind {
    /// All of it.
    #[default]
    Elapsed,
    /// The working time of a calendar.
    Business,
}

const fn one() -> i64 {
    1
}

fn or_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_with_what_is_null_or_missing() {
        let lead: Row<Lead> = serde_json::from_str(
            r#"{"documentId":"l","name":"Sanne","status":null,"createdAt":"2027-01-01T10:00:00.000Z","owner":null}"#,
        )
        .unwrap();
        assert_eq!((lead.status, lead.owner.as_str(), lead.repeats), (LeadStatus::New, "", 0));
        let policy = |json: &str| serde_json::from_str::<SlaPolicy>(json).unwrap().warn_share();
        assert_eq!(policy(r#"{"duration":"PT2H","warnAt":0.5}"#), 0.5);
        assert_eq!(policy(r#"{"duration":"PT2H","warnAt":"0.5"}"#), 0.5);
        assert_eq!(policy(r#"{"duration":"PT2H","warnAt":null}"#), 0.75);
    }

    #[test]
    fn versions_of_quotes_are_named_from_the_second_on() {
        let name = |json: &str| name_quote(&serde_json::from_str(json).unwrap());
        assert_eq!(name(r#"{"number":"2027-0001"}"#), "2027-0001");
        assert_eq!(name(r#"{"number":"2027-0001","revision":2}"#), "2027-0001-v2");
    }
}
