//! Trials with PDFs and files.

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
            let one =
                |(name, value): (&String, &Value)| pdf::PlacedField { name: name.clone(), value: field_value(value) };
            json!(pdf::fill(&text(asked, "file"), &fields.map(one).collect::<Vec<_>>())?)
        }
        "place" => {
            let values = asked["values"].as_array().into_iter().flatten();
            let one = |placed: &Value| {
                // NaN, which JSON has not, is null.
                let number = |i: usize| placed["box"][i].as_f64().unwrap_or(f64::NAN);
                let box_ = (number(0), number(1), number(2), number(3));
                pdf::PlacedValue { page: unsigned(placed, "page"), box_, value: field_value(&placed["value"]) }
            };
            json!(pdf::place_values(&text(asked, "file"), &values.map(one).collect::<Vec<_>>())?)
        }
        "draw" => json!(pdf::draw_page(&text(asked, "file"), unsigned(asked, "page"), unsigned(asked, "width"))?),
        "inspect" => {
            let found = pdf::inspect(&text(asked, "file"))?;
            let pages: Vec<Value> = found.pages.iter().map(|page| json!([page.width, page.height])).collect();
            json!({
                "pages": pages, "sha256": found.sha256, "form": format!("{:?}", found.form), "signatures": found.signatures,
                "final": found.final_seal,
            })
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
        "sealing-profile" => {
            let level = if asked["level"] == "b-t" { pdf::Pades::BT } else { pdf::Pades::BB };
            let found = pdf::find_sealing_profile(&text(asked, "profile"), level)?;
            json!({
                "subject": found.certificate_subject, "from": found.valid_from, "until": found.valid_until, "problem": found.problem,
            })
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

fn field_value(value: &Value) -> pdf::FieldValue {
    match value {
        Value::Bool(yes) => pdf::FieldValue::Checked(*yes),
        Value::Object(image) => pdf::FieldValue::Image(image["image"].as_str().unwrap_or_default().to_owned()),
        other => pdf::FieldValue::Text(other.as_str().unwrap_or_default().to_owned()),
    }
}

fn unsigned(asked: &Value, field: &str) -> u32 {
    asked[field].as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}
