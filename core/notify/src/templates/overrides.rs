//! Templates that a tenant has changed: setting, trying, deleting them.

use crate::error::{InvalidFields, NotifyError};
use crate::mail::send_job;
use crate::{Notifier, templates};
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::notify::{RenderedMail, TemplateRow};
use serde_json::{Map, Value as Json, json};

/// The template that is in use: the tenant's, or the built-in one.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectiveTemplate {
    /// Name of the template.
    pub name: &'static str,
    /// The requested locale.
    pub locale: String,
    /// Its three parts, unrendered.
    pub parts: RenderedMail,
    /// The tenant's template; `None`: built in.
    pub own: Option<TemplateRow>,
}

/// New parts of a template; `None` leaves a part unchanged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PartChanges {
    /// The subject, one line.
    pub subject: Option<String>,
    /// The body as plain text.
    pub text: Option<String>,
    /// The body as HTML.
    pub html: Option<String>,
}

impl PartChanges {
    fn apply_to(self, before: RenderedMail) -> RenderedMail {
        RenderedMail {
            subject: self.subject.unwrap_or(before.subject),
            text: self.text.unwrap_or(before.text),
            html: self.html.unwrap_or(before.html),
        }
    }
}

/// Checks the name and locale of a template.
fn check_name_and_locale<'a>(name: &str, locale: &'a str) -> Result<(&'static str, &'a str), NotifyError> {
    let name = templates::find_template_name(name).ok_or(NotifyError::NotFound)?;
    let good = (2..=20).contains(&locale.len()) && locale.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if good {
        Ok((name, locale))
    } else {
        Err(InvalidFields::for_field("locale", "expected a locale code, such as nl or nl-BE").into())
    }
}

fn check_parts(name: &str, parts: &RenderedMail) -> Result<(), InvalidFields> {
    let problems = templates::check_template(name, parts);
    if problems.is_empty() {
        return Ok(());
    }
    Err(InvalidFields(problems.into_iter().map(|p| (p.part.to_owned(), p.message)).collect()))
}

impl Notifier {
    /// Gets the template that is in use for a locale. Fails with [`NotifyError::NotFound`] if there is none with that name.
    pub fn effective_template(&self, name: &str, locale: &str) -> Result<EffectiveTemplate, NotifyError> {
        let (name, locale) = check_name_and_locale(name, locale)?;
        let own = self.store().read(|r| r.mail_templates().get(name, locale))?;
        let parts = match &own {
            Some(own) => own.parts.clone(),
            None => templates::built_in(name, locale).cloned().ok_or(NotifyError::NotFound)?,
        };
        Ok(EffectiveTemplate { name, locale: locale.to_owned(), parts, own })
    }

    /// Sets a tenant's template; parts that are not given stay as they are in use.
    ///
    /// # Errors
    /// Describes the problems of each part: then nothing is changed.
    pub async fn set_template(
        &self,
        name: &str,
        locale: &str,
        changes: PartChanges,
        actor: Actor,
    ) -> Result<EffectiveTemplate, NotifyError> {
        let before = self.effective_template(name, locale)?;
        let parts = changes.apply_to(before.parts);
        check_parts(before.name, &parts)?;
        let now = self.now();
        let row = TemplateRow {
            name: before.name.to_owned(),
            locale: before.locale.clone(),
            parts,
            updated_at: now,
            updated_by: actor.name.clone().unwrap_or_else(|| actor.key()),
        };
        let own = row.clone();
        self.store()
            .write(move |tx| {
                tx.mail_templates().save(&row)?;
                tx.events().emit(&actor, &template_changed_event(&row.name, &row.locale, "set"), now)
            })
            .await?;
        Ok(EffectiveTemplate { parts: own.parts.clone(), own: Some(own), ..before })
    }

    /// Deletes the tenant's template, so that the built-in one applies again. Fails with [`NotifyError::NotFound`] if the tenant has none.
    pub async fn reset_template(&self, name: &str, locale: &str, actor: Actor) -> Result<(), NotifyError> {
        let (name, locale) = check_name_and_locale(name, locale)?;
        let (locale, now) = (locale.to_owned(), self.now());
        let future = self.store().write(move |tx| {
            let deleted = tx.mail_templates().delete(name, &locale)?;
            if deleted {
                tx.events().emit(&actor, &template_changed_event(name, &locale, "removed"), now)?;
            }
            Ok::<_, StoreError>(deleted)
        });
        if future.await? { Ok(()) } else { Err(NotifyError::NotFound) }
    }

    /// Renders a mail with made-up values, or with given ones in their place; parts may be tried before they are set. The error describes
    /// the problems of each part.
    pub fn preview_template(
        &self,
        name: &str,
        locale: &str,
        changes: PartChanges,
        data: &Map<String, Json>,
    ) -> Result<RenderedMail, NotifyError> {
        let template = self.effective_template(name, locale)?;
        let parts = changes.apply_to(template.parts);
        if template.own.is_some() || templates::built_in(name, locale) != Some(&parts) {
            check_parts(template.name, &parts)?;
        }
        let mut values = templates::sample_values(template.name);
        values.insert("site".into(), self.site_values());
        for (key, value) in data {
            if let Some(place) = values.get_mut(key) {
                *place = value.clone();
            }
        }
        templates::render_template(&parts, locale, &values)
            .map_err(|e| InvalidFields::for_field(e.part, e.message).into())
    }
}

fn template_changed_event(name: &str, locale: &str, subject: &str) -> cairn_store::events::NewEvent {
    send_job::new_event(
        "cairn.mail.template-changed",
        &format!("mail-template {name} {locale}"),
        json!({ "template": name, "locale": locale, "change": subject }),
    )
}
