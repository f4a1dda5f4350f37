//! The helper of templates that writes days.

use super::steps::helper_error;
use handlebars::{Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason, ScopedJson};
use serde_json::Value as Json;

/// `{{formatDate day}}`: a day (`2027-03-01`) as readers of the template's language write it, and those of English without a region where the
/// site is. Other texts stay as they are, because a mail must not fail for what somebody typed into a field.
pub(super) struct FormatDateHelper;

impl HelperDef for FormatDateHelper {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let day = h.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("formatDate", 0))?;
        match day.value() {
            Json::Null if day.is_value_missing() => {
                Err(RenderErrorReason::MissingVariable(day.relative_path().cloned()).into())
            }
            Json::Null => Ok(ScopedJson::Derived(Json::String(String::new()))),
            Json::String(text) => {
                let locale = ctx.data().get("locale").and_then(Json::as_str).unwrap_or("en");
                let zone = ctx.data().pointer("/site/zone").and_then(Json::as_str).unwrap_or_default();
                let written = cairn_i18n::format_day(text, locale, zone).unwrap_or_else(|_| text.clone());
                Ok(ScopedJson::Derived(Json::String(written)))
            }
            _ => Err(helper_error("formatDate needs a day, such as 2027-03-01")),
        }
    }
}
