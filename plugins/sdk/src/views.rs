//! Parts that many views of the admin have.

use serde_json::{Map, Value, json};

/// The `values` of a column: each stored value with its tone, shown as the text of `locales/` that has the key `prefix.value`.
///
/// ```
/// use serde_json::json;
/// let values = cairn_plugin::views::label_values("state", &[("draft", "neutral"), ("sent", "info")]);
/// assert_eq!(values["sent"], json!({ "label": "t:state.sent", "tone": "info" }));
/// ```
pub fn label_values(prefix: &str, tones: &[(&str, &str)]) -> Value {
    let label = |(value, tone): &(&str, &str)| {
        ((*value).to_owned(), json!({ "label": format!("t:{prefix}.{value}"), "tone": tone }))
    };
    Value::Object(tones.iter().map(label).collect::<Map<_, _>>())
}
