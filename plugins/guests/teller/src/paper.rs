//! What it does with PDFs and files.

use crate::{list, template, text};
use cairn_plugin::bindings::pdf;
use cairn_plugin::{Error, Result, files};
use serde_json::{Value, json};

pub(crate) fn tell(what: &str, asked: &Value) -> Result<Value> {
    Ok(match what {
        "pdf" => {
            let request = pdf::RenderRequest {
                template: template(asked),
                model: asked["model"].to_string(),
                locale: text(asked, "locale"),
                file_name: text(asked, "name"),
                profile: text(asked, "profile"),
                attachments: list(asked, "attachments"),
            };
            json!(pdf::render_pdf(&request)?)
        }
        "locate" => {
            let one = |f: pdf::FieldBox| json!([f.name, f.page, [f.box_.0, f.box_.1, f.box_.2, f.box_.3]]);
            pdf::locate_fields(&text(asked, "file"))?.into_iter().map(one).collect()
        }
        "fill" => {
            let fields = asked["fields"].as_object().into_iter().flatten();
            let one = |(name, value): (&String, &Value)| {
                let value = match value {
                    Value::Bool(yes) => pdf::FieldValue::Checked(*yes),
                    Value::Object(image) => {
                        pdf::FieldValue::Image(image["image"].as_str().unwrap_or_default().to_owned())
                    }
                    other => pdf::FieldValue::Text(other.as_str().unwrap_or_default().to_owned()),
                };
                pdf::PlacedField { name: name.clone(), value }
            };
            json!(pdf::fill(&text(asked, "file"), &fields.map(one).collect::<Vec<_>>())?)
        }
        "merge" => json!(pdf::merge(&list(asked, "files"), &text(asked, "name"))?),
        "seal" => {
            let request = pdf::SealRequest {
                key: text(asked, "key"),
                file: text(asked, "file"),
                profile: text(asked, "profile"),
                level: match asked["level"].as_str() {
                    Some("b-t") => pdf::Pades::BT,
                    Some("b-lt") => pdf::Pades::BLt,
                    Some("b-lta") => pdf::Pades::BLta,
                    _ => pdf::Pades::BB,
                },
                reason: text(asked, "reason"),
                location: asked["location"].as_str().map(str::to_owned),
                field: asked["field"].as_str().map(str::to_owned),
                final_seal: asked["final"] == true,
            };
            json!(pdf::seal(&request)?.file)
        }
        "verify" => {
            let one = |f: pdf::Finding| {
                json!({
                    "field": f.field, "signer": f.signer, "signedAt": f.signed_at, "coversWholeFile": f.covers_whole_file,
                    "level": f.level.map(|level| format!("{level:?}")), "verdict": f.verdict, "notes": f.notes,
                })
            };
            pdf::verify(&text(asked, "file"))?.into_iter().map(one).collect()
        }
        "keep-bytes" => {
            let digits = text(asked, "hex");
            let bytes: Vec<u8> =
                (0..digits.len() / 2).filter_map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).ok()).collect();
            json!(files::create(&text(asked, "name"), &text(asked, "type"), &bytes)?)
        }
        "keep" => json!(files::create(&text(asked, "name"), &text(asked, "type"), text(asked, "content").as_bytes())?),
        other => return Err(Error::NotFound(other.to_owned())),
    })
}
