//! A vehicle comes to be, with its first owner: once for each order, whoever sends it and how often.

use crate::access::accounts::find_account;
use crate::access::invitations::plan_invitation;
use crate::model::{Access, Amount, Role, Scope, Vehicle, VehicleStatus};
use crate::production::steps::{Progress, Step};
use crate::settings::Settings;
use cairn_contact_details::email::normalise_email;
use cairn_contact_details::person_name::clean_name;
use cairn_plugin::prelude::*;
use cairn_plugin::{Authority, data::NewDocument, data::create_with_ids, data::new_id, events};
use serde_json::json;

/// Most characters of a title and of a name.
pub(crate) const MAX_TITLE_CHARS: usize = 160;
const MAX_NAME_CHARS: usize = 160;

/// The person who ordered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FirstOwner {
    pub(crate) name: String,
    /// Without one nobody sees the vehicle until somebody of the team adds it.
    pub(crate) email: Option<String>,
    pub(crate) language: Option<String>,
}

/// A vehicle that is to come to be.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct NewVehicle {
    pub(crate) title: String,
    pub(crate) model: Option<String>,
    pub(crate) vin: Option<String>,
    pub(crate) order_no: Option<String>,
    /// Names it among all that becomes vehicles.
    pub(crate) source: String,
    pub(crate) ordered_at: String,
    pub(crate) amount: Option<Amount>,
    pub(crate) currency: Option<String>,
    pub(crate) owner: FirstOwner,
}

/// Creates a vehicle and the access of its owner, in the open transaction. Returns the vehicle's id.
///
/// # Errors
/// What the host says: `Conflict` (`unique`) for an order or a number that another vehicle has.
pub(crate) fn create_vehicle(new: &NewVehicle) -> Result<String> {
    let id = new_id();
    let vehicle = json!({
        "title": new.title.chars().take(MAX_TITLE_CHARS).collect::<String>(), "model": new.model, "vin": new.vin,
        "orderNo": new.order_no, "source": new.source, "status": VehicleStatus::Ordered, "step": Step::Ontwerp,
        "steps": Progress::default(), "contractAmount": new.amount, "currency": new.currency.as_deref().unwrap_or("EUR"),
        "orderedAt": new.ordered_at,
    });
    let mut documents = vec![NewDocument::new::<Vehicle>(&id, &vehicle)?];
    let email = new.owner.email.as_deref().map(normalise_email).filter(|email| !email.is_empty());
    if let Some(email) = &email {
        documents.push(NewDocument::new::<Access>(&new_id(), &describe_owner(&id, email, &new.owner, None)?)?);
    }
    create_with_ids(documents, Authority::Plugin)?;
    let mut told = json!({ "vehicle": id, "source": new.source });
    if let Some(order) = &new.order_no {
        told["orderNo"] = json!(order);
    }
    events::publish("portal.vehicle.created", &id, &told)?;
    Ok(id)
}

/// The access of an owner, with the account of their address if there is one.
///
/// # Errors
/// What the host says.
pub(crate) fn describe_owner(
    vehicle: &str,
    email: &str,
    owner: &FirstOwner,
    starts_at: Option<&str>,
) -> Result<serde_json::Value> {
    let account = find_account(email)?.map(|account| account.document_id);
    if let Some(account) = &account {
        crate::access::audience::invalidate(std::iter::once(account.as_str()))?;
    }
    let mut access = json!({
        "vehicle": vehicle, "waitsSince": account.is_none().then(|| time::format(time::now())), "account": account, "email": email, "role": Role::Owner, "startsAt": starts_at,
        "name": clean_name(&owner.name).chars().take(MAX_NAME_CHARS).collect::<String>(),
        "language": owner.language.as_deref().filter(|language| matches!(*language, "nl" | "en")),
    });
    if account.is_none() {
        access["invitation"] = json!(plan_invitation(&Settings::load()?, Role::Owner));
    }
    if let (Some(fields), serde_json::Value::Object(scope)) =
        (access.as_object_mut(), serde_json::to_value(Scope::ALL)?)
    {
        fields.extend(scope);
    }
    Ok(access)
}
