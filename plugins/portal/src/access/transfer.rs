//! People of a vehicle, as the team adds them: another delegate or owner, and the next owner of a vehicle that is sold.

use super::accounts::{find_account, of_address};
use super::audience::{invalidate, invalidate_vehicle, is_current_owner};
use super::invitations::plan_invitation;
use crate::model::{Access, Role, Scope, Vehicle, of_vehicle};
use crate::refusals::{wrong_field, wrong_state};
use crate::settings::Settings;
use crate::shares::end_links;
use crate::vehicles::creation::{FirstOwner, describe_owner};
use cairn_contact_details::email::normalise_email;
use cairn_contact_details::person_name::clean_name;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most people of a vehicle.
const MAX_PEOPLE: u32 = 1_000;
const MAX_NAME_CHARS: usize = 160;

/// A person as the form has them. What is left empty counts as not given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    language: Option<String>,
    /// The last day of a delegate, as the form has it.
    #[serde(default)]
    ends_on: Option<String>,
    #[serde(flatten)]
    scope: Scope,
}

fn read_address(form: &PersonForm, locale: &str) -> Result<String> {
    let email = normalise_email(&form.email);
    let is_address = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if is_address { Ok(email) } else { Err(wrong_field("email", "no-address", locale, None)) }
}

fn lock_vehicle(id: &str) -> Result<Row<Vehicle>> {
    let vehicle = data::find::<Vehicle>().lock().by_ids(&[id])?.pop().flatten();
    vehicle.ok_or_else(|| Error::NotFound(id.to_owned()))
}

/// Adds a delegate to a vehicle, or changes the scope and end of one.
///
/// # Errors
/// `Invalid` for an address or a day that is none; `Conflict` for an owner, who sees everything already.
pub(crate) fn add_delegate(vehicle: &str, form: &PersonForm, locale: &str) -> Result<()> {
    let email = read_address(form, locale)?;
    let ends_at = match form.ends_on.as_deref().filter(|day| !day.is_empty()) {
        // The day itself is theirs.
        Some(day) => match crate::payments::overdue::start_of_day(day, 1, 0)? {
            Some(at) if at > time::now() => Some(time::format(at)),
            _ => return Err(wrong_field("endsOn", "end-over", locale, None)),
        },
        None => None,
    };
    run_transaction(|| {
        let ownership = lock_vehicle(vehicle)?.ownership;
        // A former owner may get access again: accesses of their earlier ownership do not count, and stay as they are.
        let known = data::find::<Access>().filter(of_vehicle(vehicle)).filter(of_address(&email));
        let known = known.filter(json!({ "ownership": ownership })).first()?;
        if known.as_ref().is_some_and(|access| access.role == Role::Owner) {
            return Err(wrong_state("owner-already", locale));
        }
        let account = find_account(&email)?.map(|account| account.document_id);
        let mut fields = json!({
            "name": clean_name(&form.name).chars().take(MAX_NAME_CHARS).collect::<String>(), "endsAt": ends_at,
            "language": form.language.as_deref().filter(|language| matches!(*language, "nl" | "en")),
        });
        if let (Some(fields), Value::Object(scope)) = (fields.as_object_mut(), serde_json::to_value(form.scope)?) {
            fields.extend(scope);
        }
        match known {
            Some(access) => drop(data::update::<Access>(&access.document_id, &fields)?),
            None => {
                fields["vehicle"] = json!(vehicle);
                fields["role"] = json!(Role::Delegate);
                fields["ownership"] = json!(ownership);
                fields["email"] = json!(email);
                fields["waitsSince"] = json!(account.is_none().then(|| time::format(time::now())));
                fields["account"] = json!(account);
                if account.is_none() {
                    fields["invitation"] = json!(plan_invitation(&Settings::load()?, Role::Delegate));
                }
                data::create::<Access>(&fields)?;
            }
        }
        invalidate_vehicle(vehicle)?;
        invalidate(account.as_deref().into_iter())
    })
}

/// A vehicle is sold: whoever sees it now does no longer, but for what was about them until now, and the next owner does.
///
/// # Errors
/// `Invalid` for an address that is none; `Conflict` for whoever is the owner already.
pub(crate) fn transfer_vehicle(vehicle: &str, form: &PersonForm, locale: &str) -> Result<()> {
    let email = read_address(form, locale)?;
    run_transaction(|| {
        let stored = lock_vehicle(vehicle)?;
        invalidate_vehicle(vehicle)?;
        end_links(vehicle)?;
        let now = time::now();
        let at = time::format(now);
        let people = data::find::<Access>().filter(of_vehicle(vehicle)).all(MAX_PEOPLE)?;
        let own = data::find::<Access>().filter(of_vehicle(vehicle)).filter(of_address(&email)).all(MAX_PEOPLE)?;
        if own.iter().any(|access| is_current_owner(access, stored.ownership, now)) {
            return Err(wrong_state("owner-already", locale));
        }
        let has_ended = |access: &Access| {
            access.ends_at.as_deref().and_then(|ends| time::parse(ends).ok()).is_some_and(|ends| ends <= now)
        };
        let mut batch = Batch::new();
        for access in people.iter().filter(|access| !has_ended(access)) {
            batch = batch.update::<Access>(&access.document_id, &json!({ "endsAt": at }))?;
        }
        let owner = FirstOwner { name: form.name.clone(), email: Some(email.clone()), language: form.language.clone() };
        let ownership = stored.ownership.saturating_add(1);
        // The ownership number increases: what is stored about an owner from here on belongs to the next one.
        batch = batch.update::<Vehicle>(vehicle, &json!({ "ownership": ownership }))?;
        let mut fields = describe_owner(vehicle, &email, &owner, Some(&at))?;
        fields["ownership"] = json!(ownership);
        batch = batch.create::<Access>(&fields)?;
        batch.write().map(|_| ())
    })
}
