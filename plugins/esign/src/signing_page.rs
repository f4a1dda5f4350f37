//! The page of a signer: what they are asked, the pages of the document with the places to fill in, and the forms to sign and to decline.
//! Without scripts a signature is typed; with them it can be drawn.

use crate::envelope_state::{EnvelopeStatus, SigningPageState};
use crate::form_fields::FormFields;
use crate::model::{Field, FieldKind};
use crate::settings::Settings;
use crate::signer::Signer;
use crate::signer_answer::{MAX_NAME, WrongField, input_name};
use cairn_plugin::prelude::*;
use cairn_plugin::{format_instant, translate};
use cairn_plugin_pages::{Page, PageOwner, escape_html};
use serde_json::{Value, json};
use std::fmt::Write;

/// How the page looks, beside what all pages have.
const STYLE: &str = "\
h1{margin:.25rem 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}\
.note{border:1px solid var(--line);border-left:.35rem solid var(--accent);border-radius:.4rem;padding:.75rem 1rem;margin:1.25rem 0;\
white-space:pre-line}.note p{margin:.25rem 0}.problem{border-left-color:var(--problem)}.message{white-space:pre-line}\
figure{margin:1rem 0;position:relative;border:1px solid var(--line);border-radius:.3rem;overflow:hidden;background:#fff}\
figure img{display:block;position:relative;width:100%;height:auto}\
.loading{position:absolute;inset:0;margin:0;display:grid;place-content:center;color:#565b62}\
.mark{position:absolute;border:2px solid #1f4b99;background:rgba(31,75,153,.12);border-radius:.2rem;min-width:1.5rem;min-height:1.5rem}\
.mark b{position:absolute;left:0;top:0;background:#1f4b99;color:#fff;font-size:.8rem;line-height:1.3;padding:0 .35rem}\
label,.label{display:block;font-weight:600;margin:1.1rem 0 .3rem}.check{display:flex;gap:.7rem;align-items:flex-start;font-weight:400}\
.check input{width:1.4rem;height:1.4rem;flex:none;margin:.1rem 0 0}\
input:not([type=checkbox]),textarea{width:100%;font:inherit;color:inherit;background:var(--field);border:1px solid var(--edge);\
border-radius:.4rem;padding:.65rem .7rem}\
.pdf{display:block;text-align:center;font-weight:600;padding:.75rem 1rem;border:1px solid var(--edge);border-radius:.4rem;background:var(--field);\
color:inherit}\
canvas{display:block;width:100%;aspect-ratio:3/1;background:#fff;border:2px dashed var(--edge);border-radius:.4rem;touch-action:none}\
#preview{font:italic 1.9rem/1.3 'Segoe Script','Bradley Hand','Apple Chancery',cursive;min-height:2.6rem;margin:.3rem 0 0}\
button{font:inherit;font-weight:600;margin-top:.9rem;padding:.75rem 1.3rem;min-height:2.9rem;border-radius:.4rem;border:1px solid var(--edge);\
cursor:pointer;background:var(--field);color:inherit}.main{background:var(--accent);color:var(--on-accent);border-color:var(--accent);\
width:100%}button:disabled{opacity:.6}\
details{margin:2rem 0}summary{cursor:pointer;padding:.5rem 0}.hint{color:var(--soft);margin:.3rem 0 0}.error{color:var(--problem);margin:.3rem 0 0}\
footer{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}";
const SCRIPT: &str = include_str!("signing_script.js");
/// Shows by itself what has become of it.
const RELOAD_SCRIPT: &str = "setTimeout(() => location.reload(), 5000);";
/// Opens the document, once: whoever comes from the site has asked for it there. Browsers without scripts have the button.
const OPEN_SCRIPT: &str = "\
const form = document.querySelector('form');\
let sent = false;\
form.addEventListener('submit', (event) => { if (sent) event.preventDefault(); sent = true; });\
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); else form.requestSubmit(); });";

/// Page that a signer sees.
pub(crate) struct SigningPage<'a> {
    pub(crate) signer: &'a Signer,
    pub(crate) page_state: SigningPageState,
    pub(crate) settings: &'a Settings,
    pub(crate) language: &'a str,
    /// Path of the page: forms and links begin with it.
    pub(crate) path: &'a str,
    /// Form that was sent, where it has to be corrected.
    pub(crate) form: &'a FormFields,
    pub(crate) problems: &'a [WrongField],
    /// True behind a link of the site, which only opens the document.
    pub(crate) is_given: bool,
}

/// The company that asks for signatures, as pages name it. `company`: the name of the settings.
pub(crate) fn describe_owner<'a>(settings: &'a Settings, company: &'a str) -> PageOwner<'a> {
    PageOwner { name: company, home: settings.site_url.trim(), ..PageOwner::default() }
}

/// The text of the link back to the site of whoever asks for signatures.
pub(crate) fn describe_way_back(company: &str, language: &str) -> String {
    translate("page.back", language, Some(&json!({ "name": company })))
}

/// Describes the problem of a field of the form, for people.
pub(crate) fn describe_wrong(problem: &WrongField, language: &str) -> String {
    translate(&format!("wrong.{}", problem.code), language, Some(&json!({ "most": MAX_NAME })))
}

/// The page behind a link that a newer one has replaced: `replaced`, or `renewed` once another was asked for.
pub(crate) fn render_replaced_page(
    status: u16,
    state: &str,
    path: &str,
    language: &str,
    settings: &Settings,
) -> Response {
    let html = |key: &str| escape_html(&translate(key, language, None));
    let form = match state {
        "replaced" => format!(
            "<form method=\"post\" action=\"{}/renew\"><button class=\"main\" type=\"submit\">{}</button></form>",
            escape_html(path),
            html("page.replaced.renew"),
        ),
        _ => String::new(),
    };
    let title = translate(&format!("page.{state}.title"), language, None);
    let company = settings.company();
    let owner = describe_owner(settings, &company);
    let body = format!(
        "<main><h1>{}</h1><div class=\"note\" role=\"status\"><p>{}</p></div>{form}{}</main>",
        escape_html(&title),
        html(&format!("page.{state}")),
        owner.render_way_back(&describe_way_back(&company, language)),
    );
    Page { language, title: &title, owner, style: STYLE, body: &body, script: "", pictures: false }.render(status)
}

impl SigningPage<'_> {
    /// The page, with that status.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn render(&self, status: u16) -> Result<Response> {
        let envelope = &self.signer.envelope;
        let title = match self.page_state {
            SigningPageState::NotYet => translate("page.notYet.title", self.language, None),
            _ if !self.signer.is_let_in() => translate("page.over.title", self.language, None),
            _ => envelope.title.clone(),
        };
        let content = match self.page_state {
            SigningPageState::Invited if self.is_given => format!("{}{}", self.asked()?, self.open_form()),
            SigningPageState::Invited => format!("{}{}{}", self.asked()?, self.open_form(), self.decline_form()),
            SigningPageState::Open => {
                format!(
                    "{}{}{}{}{}",
                    self.problem_note(),
                    self.asked()?,
                    self.document(),
                    self.sign_form()?,
                    self.decline_form()
                )
            }
            SigningPageState::NotYet => self.plain_note("page.notYet"),
            _ if !self.signer.is_let_in() => self.plain_note("page.over"),
            page_state => self.state_note(page_state)?,
        };
        let company = self.settings.company();
        let owner = describe_owner(self.settings, &company);
        let way_back = match self.page_state {
            SigningPageState::Invited | SigningPageState::Open => String::new(),
            _ => owner.render_way_back(&describe_way_back(&company, self.language)),
        };
        let body = format!(
            "<main><h1>{}</h1>{content}{way_back}</main><footer>{}</footer>",
            escape_html(&title),
            self.html("page.legal"),
        );
        let script = match self.page_state {
            SigningPageState::Open => SCRIPT,
            SigningPageState::Signed if self.is_being_sealed() => RELOAD_SCRIPT,
            SigningPageState::Invited if self.is_given => OPEN_SCRIPT,
            _ => "",
        };
        Ok(Page { language: self.language, title: &title, owner, style: STYLE, body: &body, script, pictures: true }
            .render(status))
    }

    fn text(&self, key: &str, arguments: &Value) -> String {
        escape_html(&translate(key, self.language, Some(arguments)))
    }

    fn html(&self, key: &str) -> String {
        escape_html(&translate(key, self.language, None))
    }

    fn moment(&self, at: Option<&str>) -> Result<String> {
        let Some(at) = at else { return Ok(String::new()) };
        format_instant(time::parse(at)?, self.language, &self.settings.timezone, "medium")
    }

    /// Says who asks for the signature, and until when.
    fn asked(&self) -> Result<String> {
        let Signer { envelope, recipient, .. } = self.signer;
        let until = self.moment(envelope.expires_at.as_deref())?;
        let arguments = json!({ "name": recipient.name, "sender": envelope.sender_name, "until": until });
        let message = match envelope.message.trim() {
            "" => String::new(),
            message => format!("<div class=\"note message\">{}</div>", escape_html(message)),
        };
        Ok(format!(
            "<p>{}</p>{message}<p class=\"hint\">{}</p>",
            self.text("page.asked", &arguments),
            self.text("page.until", &arguments)
        ))
    }

    fn open_form(&self) -> String {
        format!(
            "<form method=\"post\" action=\"{}/open\"><button class=\"main\" type=\"submit\">{}</button></form>",
            escape_html(self.path),
            self.html("page.open"),
        )
    }

    /// True if everybody has signed, and the sealed document is being made.
    fn is_being_sealed(&self) -> bool {
        let envelope = &self.signer.envelope;
        let is_underway = envelope.status.is_open() || envelope.status == EnvelopeStatus::Completing;
        is_underway && envelope.current_group().is_none() && envelope.problem.is_none()
    }

    /// A note that names nothing of the envelope.
    fn plain_note(&self, key: &str) -> String {
        format!("<div class=\"note\" role=\"status\"><p>{}</p></div>", self.html(key))
    }

    /// How it stands, where there is nothing to do.
    fn state_note(&self, page_state: SigningPageState) -> Result<String> {
        let Signer { envelope, recipient, .. } = self.signer;
        let name = match page_state {
            SigningPageState::Signed if self.is_being_sealed() => "sealing",
            other => other.name(),
        };
        let arguments = json!({
            "sender": envelope.sender_name, "by": envelope.ended_by, "reason": envelope.end_reason,
            "signedAt": self.moment(recipient.signed_at.as_deref())?, "until": self.moment(envelope.expires_at.as_deref())?,
        });
        let pdf = match page_state {
            SigningPageState::Signed | SigningPageState::Completed if !self.is_given => {
                let key = format!("page.{}.pdf", page_state.name());
                format!("<p><a href=\"{}/pdf\">{}</a></p>", escape_html(self.path), self.html(&key))
            }
            _ => String::new(),
        };
        Ok(format!(
            "<div class=\"note\" role=\"status\"><p>{}</p></div>{pdf}",
            self.text(&format!("page.{name}"), &arguments)
        ))
    }

    fn problem_note(&self) -> String {
        if self.problems.is_empty() {
            return String::new();
        }
        let items = self.problems.iter().fold(String::new(), |mut items, problem| {
            let message = escape_html(&describe_wrong(problem, self.language));
            let _ = write!(items, "<li><a href=\"#{}\">{message}</a></li>", escape_html(&problem.path));
            items
        });
        format!(
            "<div class=\"note problem\" role=\"alert\"><p>{}</p><ul>{items}</ul></div>",
            self.html("page.problems")
        )
    }

    /// The pages, with the places that this signer fills in.
    fn document(&self) -> String {
        let Signer { envelope, recipient, .. } = self.signer;
        let fields = envelope.fields_of(&recipient.document_id);
        let count = envelope.page_sizes.len();
        let mut html = format!(
            "<h2>{}</h2><p><a class=\"pdf\" href=\"{}/pdf\">{}</a></p>",
            self.html("page.document"),
            escape_html(self.path),
            self.html("page.pdf")
        );
        for (n, (width, height)) in envelope.page_sizes.iter().enumerate() {
            let number = n + 1;
            let alt = self.text("page.picture", &json!({ "page": number, "pages": count }));
            // The first page is what signers look for: it comes before they scroll to it.
            let loading = if n == 0 { "eager" } else { "lazy" };
            let _ = write!(
                html,
                "<figure><p class=\"loading\" aria-hidden=\"true\">{}</p>\
                 <img src=\"{}/page/{number}\" alt=\"{alt}\" loading=\"{loading}\" width=\"1000\" height=\"{:.0}\">",
                self.html("page.loading"),
                escape_html(self.path),
                height / width * 1_000.0,
            );
            let on_page = |(_, field): &(usize, &&Row<Field>)| usize::try_from(field.page) == Ok(number);
            for (order, field) in fields.iter().enumerate().filter(on_page) {
                let label = self.text("page.mark", &json!({ "number": order + 1, "label": self.name_field(field) }));
                let _ = write!(
                    html,
                    "<a class=\"mark\" href=\"#{}\" aria-label=\"{label}\" style=\"left:{:.3}%;top:{:.3}%;width:{:.3}%;height:{:.3}%\"><b>{}</b></a>",
                    self.target(field),
                    field.x / width * 100.0,
                    field.y / height * 100.0,
                    field.width / width * 100.0,
                    field.height / height * 100.0,
                    order + 1,
                );
            }
            html.push_str("</figure>");
        }
        html
    }

    /// Where a mark on a page leads: the input of its field.
    fn target(&self, field: &Row<Field>) -> String {
        match field.kind {
            FieldKind::Signature => "signature".to_owned(),
            _ => input_name(&field.document_id),
        }
    }

    fn name_field(&self, field: &Field) -> String {
        match field.label.trim() {
            "" => translate(&format!("fieldType.{}", field.kind.name()), self.language, None),
            label => label.to_owned(),
        }
    }

    fn problem_of(&self, path: &str) -> (String, String) {
        let Some(problem) = self.problems.iter().find(|problem| problem.path == path) else {
            return (String::new(), String::new());
        };
        let id = format!("{path}-error");
        let message = escape_html(&describe_wrong(problem, self.language));
        (
            format!(" aria-invalid=\"true\" aria-describedby=\"{id}\""),
            format!("<p class=\"error\" id=\"{id}\">{message}</p>"),
        )
    }

    fn inputs(&self) -> Result<String> {
        let Signer { envelope, recipient, .. } = self.signer;
        let mut html = String::new();
        for (n, field) in envelope.fields_of(&recipient.document_id).into_iter().enumerate() {
            let (number, label, name) = (n + 1, escape_html(&self.name_field(field)), input_name(&field.document_id));
            let (attributes, message) = self.problem_of(&name);
            let sent = self.form.text(&name);
            let required = if field.is_required() { " required" } else { "" };
            let _ = match field.kind {
                FieldKind::Signature => Ok(()),
                FieldKind::Date => {
                    let today = format_instant(time::now(), "nl", &self.settings.timezone, "short")?;
                    let today = today.split(',').next().unwrap_or_default().to_owned();
                    write!(
                        html,
                        "<label for=\"{name}\">{number}. {label}</label><input id=\"{name}\" value=\"{}\" readonly>",
                        escape_html(&today)
                    )
                }
                FieldKind::Checkbox => {
                    let checked = if sent == "yes" { " checked" } else { "" };
                    write!(
                        html,
                        "<label class=\"check\"><input type=\"checkbox\" id=\"{name}\" name=\"{name}\" value=\"yes\"{checked}{required}{attributes}>\
                         <span>{number}. {label}</span></label>{message}"
                    )
                }
                kind => {
                    let value = if sent.is_empty() && kind == FieldKind::Name { &recipient.name } else { sent };
                    let extra = match kind {
                        FieldKind::Name => " autocomplete=\"name\" maxlength=\"120\"",
                        FieldKind::Initials => " maxlength=\"10\"",
                        FieldKind::Number => " inputmode=\"decimal\" maxlength=\"40\"",
                        _ => " maxlength=\"500\"",
                    };
                    write!(
                        html,
                        "<label for=\"{name}\">{number}. {label}</label><input id=\"{name}\" name=\"{name}\" value=\"{}\"{extra}{required}{attributes}>{message}",
                        escape_html(value)
                    )
                }
            };
        }
        Ok(html)
    }

    fn sign_form(&self) -> Result<String> {
        let (signature, signature_message) = self.problem_of("signature");
        let (typed, typed_message) = self.problem_of("typed");
        let (consent, consent_message) = self.problem_of("consent");
        let checked = if self.form.text("consent") == "yes" { " checked" } else { "" };
        let company = self.settings.company();
        Ok(format!(
            "<form id=\"sign-form\" method=\"post\" action=\"{path}/sign\"><h2>{title}</h2>{inputs}\
             <div id=\"signature\" tabindex=\"-1\"><div id=\"pad\" hidden><p class=\"label\" id=\"drawing-label\">{draw}</p>\
             <canvas id=\"drawing\" width=\"900\" height=\"300\" role=\"img\" aria-labelledby=\"drawing-label\"{signature}></canvas>\
             <button type=\"button\" id=\"clear\">{clear}</button></div>\
             <input type=\"hidden\" name=\"signature\" value=\"{drawn}\">{signature_message}\
             <label for=\"typed\"><span id=\"type-only\">{type_only}</span><span id=\"type-or\" hidden>{type_or}</span></label><input id=\"typed\" name=\"typed\" maxlength=\"120\" autocomplete=\"name\" value=\"{name}\"{typed}>\
             <p class=\"hint\">{type_hint}</p><p id=\"preview\" aria-hidden=\"true\"></p>{typed_message}</div>\
             <label class=\"check\"><input type=\"checkbox\" id=\"consent\" name=\"consent\" value=\"yes\" required{checked}{consent}>\
             <span>{consent_text}</span></label>{consent_message}\
             <button class=\"main\" type=\"submit\">{submit}</button></form>",
            path = escape_html(self.path),
            title = self.html("page.sign.title"),
            inputs = self.inputs()?,
            draw = self.html("page.sign.draw"),
            clear = self.html("page.sign.clear"),
            drawn = escape_html(self.form.text("signature")),
            type_only = self.html("page.sign.typeOnly"),
            type_or = self.html("page.sign.type"),
            name = escape_html(self.form.text("typed")),
            type_hint = self.html("page.sign.type.hint"),
            consent_text = self.text("page.sign.consent", &json!({ "company": company })),
            submit = self.html("page.sign"),
        ))
    }

    fn decline_form(&self) -> String {
        let (attributes, message) = self.problem_of("reason");
        let open = if message.is_empty() { "" } else { " open" };
        format!(
            "<details{open}><summary>{}</summary><form method=\"post\" action=\"{}/decline\"><label for=\"reason\">{}</label>\
             <textarea id=\"reason\" name=\"reason\" rows=\"3\" maxlength=\"1000\" required{attributes}>{}</textarea>{message}\
             <p class=\"hint\">{}</p><button type=\"submit\">{}</button></form></details>",
            self.html("page.decline.title"),
            escape_html(self.path),
            self.html("page.decline.reason"),
            escape_html(self.form.text("reason")),
            self.html("page.decline.hint"),
            self.html("page.decline"),
        )
    }
}
