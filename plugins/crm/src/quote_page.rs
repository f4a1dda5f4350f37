//! The page of a customer's quote. It needs nothing but itself: no script, no file, no cookie.

use crate::quote_answers::QuotePageState;
use crate::quote_texts::{DocumentLine, QuoteDocument};
use cairn_plugin::{Response, translate};
use cairn_plugin_pages::{Page, PageOwner, escape_html};
use serde_json::{Value, json};
use std::fmt::Write;

/// How the page looks, beside what all pages have. Amounts do not break, and a line of the table has its details below it, so that it fits
/// a phone.
const STYLE: &str = "\
.address{margin:0;color:var(--soft)}h1{margin-bottom:.25rem}h2{font-size:1.15rem}\
.about{display:grid;grid-template-columns:minmax(auto,max-content) 1fr;gap:.15rem 1rem;margin:1rem 0}.about dt{color:var(--soft)}.about dd{margin:0}\
.note{border:1px solid var(--line);border-left:.35rem solid var(--accent);border-radius:.4rem;padding:.75rem 1rem;margin:1.25rem 0}\
.note p{margin:.25rem 0}.problem{border-left-color:var(--problem)}\
table{width:100%;border-collapse:collapse;margin:1.25rem 0}caption{text-align:left;font-weight:600;padding-bottom:.4rem}\
th,td{padding:.55rem 0;border-bottom:1px solid var(--line);vertical-align:top;text-align:left;font-weight:400;overflow-wrap:anywhere}\
td{text-align:right;white-space:nowrap;padding-left:1rem;font-variant-numeric:tabular-nums}thead th{color:var(--soft);font-size:.9rem}\
thead th:last-child{text-align:right}th small{display:block;color:var(--soft)}.total th,.total td{font-weight:700;border-bottom-width:2px}\
form{margin:1.5rem 0}label{display:block;font-weight:600;margin-bottom:.3rem}\
input,textarea{width:100%;box-sizing:border-box;font:inherit;color:inherit;background:var(--field);border:1px solid var(--edge);\
border-radius:.4rem;padding:.6rem .7rem}\
button{font:inherit;font-weight:600;margin-top:.9rem;padding:.7rem 1.3rem;border-radius:.4rem;border:1px solid var(--edge);cursor:pointer;\
background:var(--field);color:inherit}.accept button{background:var(--accent);color:var(--on-accent);border-color:var(--edge)}\
details{margin:1.5rem 0}summary{cursor:pointer;padding:.4rem 0}footer{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line);\
color:var(--soft);font-size:.9rem;white-space:pre-line}.hint{color:var(--soft);margin:.3rem 0 0}.error{color:var(--problem);margin:.3rem 0 0}";

/// Page on which a customer sees a quote.
pub(crate) struct QuotePage<'a> {
    pub(crate) document: &'a QuoteDocument,
    pub(crate) page_state: QuotePageState,
    /// Path of the page: forms and links begin with it.
    pub(crate) path: &'a str,
    /// True if a contract follows that the customer signs.
    pub(crate) has_contract: bool,
    /// Name of the person who accepted it; empty where nobody did.
    pub(crate) accepted_by: &'a str,
    /// Problem of the answer that was sent.
    pub(crate) problem: Option<AnswerProblem<'a>>,
}

/// A field of the answer that is wrong, and what was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerProblem<'a> {
    /// `name` or `reason`.
    pub(crate) field: &'a str,
    pub(crate) message: &'a str,
    pub(crate) value: &'a str,
}

impl QuotePage<'_> {
    /// The page, with that status.
    pub(crate) fn render(&self, status: u16) -> Response {
        let title = self.text("page.quote.title", &json!({ "number": self.document.number }));
        let content = match self.page_state {
            // A newer version counts: of this one nothing is shown any more.
            QuotePageState::Superseded => format!("{}<h1>{}</h1>{}", self.address(), escape_html(&title), self.note()),
            _ => format!(
                "{}<h1>{}</h1>{}{}{}{}{}",
                self.address(),
                escape_html(&title),
                self.about(),
                self.note(),
                self.table(),
                self.pdf_link(),
                self.forms(),
            ),
        };
        let footer = match self.document.company.footer.trim() {
            "" => String::new(),
            footer => format!("<footer>{}</footer>", escape_html(footer)),
        };
        let company = &self.document.company;
        let body = format!("<main>{content}</main>{footer}");
        let language = &self.document.language;
        let owner = PageOwner { name: &company.name, accent: &company.accent, ..PageOwner::default() };
        Page { language, title: &title, owner, style: STYLE, body: &body, script: "", pictures: false }.render(status)
    }

    fn text(&self, key: &str, arguments: &Value) -> String {
        translate(key, &self.document.language, Some(arguments))
    }

    /// A text without arguments, ready for the page.
    fn html(&self, key: &str) -> String {
        escape_html(&translate(key, &self.document.language, None))
    }

    /// The company's address, below its name.
    fn address(&self) -> String {
        let company = &self.document.company;
        let address: Vec<String> = company.address.iter().map(|line| escape_html(line)).collect();
        match address.is_empty() {
            true => String::new(),
            false => format!("<p class=\"address\">{}</p>", address.join("<br>")),
        }
    }

    fn about(&self) -> String {
        let document = self.document;
        let customer = match document.customer_company.as_str() {
            "" => document.customer.clone(),
            company => format!("{company}, {}", document.customer),
        };
        let rows = [
            ("page.quote.customer", customer.as_str()),
            ("page.quote.event", document.event_date.as_str()),
            ("page.quote.validUntil", document.valid_until.as_str()),
        ];
        let rows = rows.iter().filter(|(_, value)| !value.is_empty());
        let rows: String =
            rows.map(|(key, value)| format!("<dt>{}</dt><dd>{}</dd>", self.html(key), escape_html(value))).collect();
        format!("<dl class=\"about\">{rows}</dl>")
    }

    /// How the quote stands, where there is nothing to answer; what is wrong with an answer.
    fn note(&self) -> String {
        let (class, lines) = match (&self.problem, self.page_state) {
            (Some(problem), _) => ("note problem", vec![problem.message.to_owned()]),
            (None, QuotePageState::Open) => return String::new(),
            (None, page_state) => {
                let name = page_state.name();
                let arguments = json!({ "name": self.accepted_by, "deposit": self.document.deposit, "date": self.document.valid_until });
                let text = |part: &str| self.text(&format!("page.quote.{name}{part}"), &arguments);
                let is_signed_next = self.has_contract && page_state == QuotePageState::Accepted;
                let next = if is_signed_next { ".contract" } else { ".next" };
                ("note", vec![text(""), text(next)])
            }
        };
        let mut html = format!("<div class=\"{class}\" role=\"status\">");
        for line in lines {
            let _ = write!(html, "<p>{}</p>", escape_html(&line));
        }
        html.push_str("</div>");
        html
    }

    fn table(&self) -> String {
        let document = self.document;
        let rows: String = document.lines.iter().map(|line| self.row(line)).collect();
        let deposit = self.text("page.quote.deposit", &json!({ "percent": document.deposit_percent }));
        let sums = [
            ("", self.html("page.quote.net"), &document.net),
            ("", self.html("page.quote.vat"), &document.vat),
            (" class=\"total\"", self.html("page.quote.gross"), &document.gross),
            ("", escape_html(&deposit), &document.deposit),
        ];
        let sums: String = sums
            .iter()
            .map(|(class, name, amount)| {
                format!("<tr{class}><th scope=\"row\">{name}</th><td>{}</td></tr>", escape_html(amount))
            })
            .collect();
        format!(
            "<table><caption>{}</caption><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\
             <tbody>{rows}</tbody><tfoot>{sums}</tfoot></table>",
            self.html("page.quote.lines"),
            self.html("page.quote.description"),
            self.html("page.quote.amount"),
        )
    }

    fn row(&self, line: &DocumentLine) -> String {
        let arguments = json!({ "quantity": line.quantity, "price": line.unit_price, "vat": line.vat_percent });
        format!(
            "<tr><th scope=\"row\">{}<small>{}</small></th><td>{}</td></tr>",
            escape_html(&line.description),
            escape_html(&self.text("page.quote.line", &arguments)),
            escape_html(&line.net),
        )
    }

    fn pdf_link(&self) -> String {
        format!("<p><a href=\"{}/pdf\">{}</a></p>", escape_html(self.path), self.html("page.quote.pdf"))
    }

    fn forms(&self) -> String {
        if self.page_state != QuotePageState::Open {
            return String::new();
        }
        let path = escape_html(self.path);
        let name = self.field("name");
        let reason = self.field("reason");
        let hint = self.text("page.quote.accept.hint", &json!({ "deposit": self.document.deposit }));
        let open = if reason.is_wrong { " open" } else { "" };
        format!(
            "<form class=\"accept\" method=\"post\" action=\"{path}/accept\"><h2>{}</h2><label for=\"name\">{}</label>\
             <input id=\"name\" name=\"name\" required maxlength=\"120\" autocomplete=\"name\" value=\"{}\"{}>{}\
             <p class=\"hint\" id=\"accept-hint\">{}</p><button aria-describedby=\"accept-hint\">{}</button></form>\
             <details{open}><summary>{}</summary><form method=\"post\" action=\"{path}/decline\"><label for=\"reason\">{}</label>\
             <textarea id=\"reason\" name=\"reason\" rows=\"4\" maxlength=\"1000\"{}>{}</textarea>{}<button>{}</button></form></details>",
            self.html("page.quote.accept.title"),
            self.html("page.quote.name"),
            name.value,
            name.attributes,
            name.message,
            escape_html(&hint),
            self.html("page.quote.accept"),
            self.html("page.quote.decline.title"),
            self.html("page.quote.reason"),
            reason.attributes,
            reason.value,
            reason.message,
            self.html("page.quote.decline"),
        )
    }

    fn field(&self, name: &str) -> FormField {
        let Some(problem) = self.problem.filter(|problem| problem.field == name) else { return FormField::default() };
        FormField {
            is_wrong: true,
            value: escape_html(problem.value),
            attributes: format!(" aria-invalid=\"true\" aria-describedby=\"{name}-error\""),
            message: format!("<p class=\"error\" id=\"{name}-error\">{}</p>", escape_html(problem.message)),
        }
    }
}

/// A field of a form that was sent before.
#[derive(Default)]
struct FormField {
    is_wrong: bool,
    value: String,
    attributes: String,
    message: String,
}
