//! Pages for visitors whose form could not be taken: the plugin is busy, switched off, had too many requests from them, or was stopped before it
//! answered. The page holds what was typed, in hidden fields, and a button that sends it again. Programs get JSON.

mod texts;

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use bytes::Bytes;
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::body::read_bytes;
use cairn_http::extract::locale::accepted_language;
use cairn_http::typeface::TYPEFACE_SHEET;
use std::fmt::Write;
use texts::{RefusalTexts, Wait};

/// Largest form that a page holds, in bytes as it was sent.
const MAX_FORM_BYTES: usize = 64 << 10;
/// Largest number of fields that a page holds.
const MAX_FIELDS: usize = 200;
/// Seconds after which a client should try again where nobody said.
const DEFAULT_RETRY_SECONDS: u64 = 1;

/// Marks a response that the host returns in place of a plugin.
#[derive(Clone, Copy)]
pub(super) struct ReturnedByHost;

/// How a browser encodes a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FormEncoding {
    UrlEncoded,
    Multipart,
}

impl FormEncoding {
    /// The encoding of a form that a browser sends, and shows the response of; `None` for requests of programs.
    fn of_request(head: &Parts) -> Option<Self> {
        let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if head.method != Method::POST || !text(ACCEPT).to_ascii_lowercase().contains("text/html") {
            return None;
        }
        let kind = text(CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => Some(Self::UrlEncoded),
            "multipart/form-data" => Some(Self::Multipart),
            _ => None,
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::UrlEncoded => "application/x-www-form-urlencoded",
            Self::Multipart => "multipart/form-data",
        }
    }
}

/// A form that a browser sent.
pub(super) struct SentForm {
    encoding: FormEncoding,
    /// The body; `None` if it is too large to be sent again.
    body: Option<Bytes>,
}

impl SentForm {
    /// Reads the form of a request, and returns it with the body for the plugin; `None` for requests of programs. Larger bodies are not read.
    ///
    /// # Errors
    /// A body that is sent too slowly, or is larger than announced.
    pub(super) async fn receive(head: &Parts, body: Body) -> Result<(Option<Self>, Body), WireError> {
        let Some(encoding) = FormEncoding::of_request(head) else { return Ok((None, body)) };
        let announced = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_none_or(|length| length > MAX_FORM_BYTES) {
            return Ok((Some(Self { encoding, body: None }), body));
        }
        let bytes = read_bytes(body, MAX_FORM_BYTES).await?;
        Ok((Some(Self { encoding, body: Some(bytes.clone()) }), Body::from(bytes)))
    }

    /// Replaces a temporary refusal, or the failure of a plugin, by a page for its sender. Other responses stay, and so does a page of the plugin's own.
    pub(super) async fn show_refusal(self, tenant: &Tenant, head: &Parts, answer: Response<Body>) -> Response<Body> {
        let is_by_host = answer.extensions().get::<ReturnedByHost>().is_some();
        let is_for_host = match answer.status() {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                is_by_host || answer.body().size_hint().exact() == Some(0)
            }
            StatusCode::BAD_GATEWAY => is_by_host,
            _ => false,
        };
        if !is_for_host {
            return answer;
        }
        let texts = find_texts(tenant, head, answer.headers());
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let page = RefusalPage {
            texts,
            status: answer.status(),
            retry_after: retry_after.unwrap_or(DEFAULT_RETRY_SECONDS),
            action: head.uri.path_and_query().map_or("", |path| path.as_str()),
            encoding: self.encoding,
            typed: self.read_fields(&head.headers).await,
        };
        page.into_http_response(answer)
    }

    /// The fields of the form; `None` if they cannot be sent again.
    async fn read_fields(&self, headers: &HeaderMap) -> Option<TypedFields> {
        let body = self.body.as_ref()?;
        let typed = match self.encoding {
            FormEncoding::UrlEncoded => {
                let fields = url::form_urlencoded::parse(body).take(MAX_FIELDS + 1);
                let fields = fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
                TypedFields { fields, has_files: false }
            }
            FormEncoding::Multipart => read_multipart(headers, body.clone()).await?,
        };
        (typed.fields.len() <= MAX_FIELDS).then_some(typed)
    }
}

/// The fields that somebody filled in.
#[derive(Debug, Default, PartialEq, Eq)]
struct TypedFields {
    fields: Vec<(String, String)>,
    /// True if files came with them, which a page cannot hold.
    has_files: bool,
}

async fn read_multipart(headers: &HeaderMap, body: Bytes) -> Option<TypedFields> {
    let mut request = Request::new(Body::from(body));
    request.headers_mut().insert(CONTENT_TYPE, headers.get(CONTENT_TYPE)?.clone());
    let mut multipart = Multipart::from_request(request, &()).await.ok()?;
    let mut typed = TypedFields::default();
    while let Some(part) = multipart.next_field().await.ok()? {
        // An input without a file is sent as a file without a name.
        match part.file_name().map(str::is_empty) {
            Some(true) => {}
            Some(false) => typed.has_files = true,
            None if typed.fields.len() > MAX_FIELDS => return None,
            None => {
                let name = part.name().unwrap_or_default().to_owned();
                let value = String::from_utf8_lossy(&part.bytes().await.ok()?).into_owned();
                typed.fields.push((name, value));
            }
        }
    }
    Some(typed)
}

/// The texts in the language that the plugin names, or that the browser prefers, or that of the site.
fn find_texts(tenant: &Tenant, head: &Parts, answer: &HeaderMap) -> &'static RefusalTexts {
    let named = answer.get(CONTENT_LANGUAGE).and_then(|language| language.to_str().ok());
    match named.or_else(|| accepted_language(&head.headers)) {
        Some(language) => RefusalTexts::for_language(language),
        None => RefusalTexts::for_language(&tenant.access.locales().default),
    }
}

struct RefusalPage<'a> {
    texts: &'static RefusalTexts,
    status: StatusCode,
    retry_after: u64,
    /// Path at which the form was sent, and is sent again.
    action: &'a str,
    encoding: FormEncoding,
    typed: Option<TypedFields>,
}

impl RefusalPage<'_> {
    /// The response with the headers of the refusal and this page.
    fn into_http_response(self, mut refusal: Response<Body>) -> Response<Body> {
        let nonce = format!("{:032x}", rand::random::<u128>());
        let html = self.render(&nonce);
        // A form's response may lead anywhere, as that of the form itself. Browsers name this site as the origin of what is sent again.
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; font-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
        );
        let headers = refusal.headers_mut();
        headers.remove(CONTENT_LENGTH);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(self.texts.lang));
        headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.append(VARY, HeaderValue::from_static("Accept, Accept-Language"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        *refusal.body_mut() = Body::from(html);
        refusal
    }

    fn render(&self, nonce: &str) -> String {
        const STYLE: &str = include_str!("refusal_page/style.css");
        let texts = self.texts;
        let wait = Wait::from_seconds(self.retry_after);
        let title = if self.status == StatusCode::BAD_GATEWAY { texts.title_failed } else { texts.title };
        let reason = match (self.status, wait) {
            (StatusCode::BAD_GATEWAY, _) => texts.failed,
            (StatusCode::TOO_MANY_REQUESTS, _) => texts.too_many,
            (_, Wait::Seconds) => texts.busy,
            (_, Wait::Minutes(_)) => texts.away,
        };
        let mut page = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
             <link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n\
             <link rel=\"stylesheet\" href=\"{TYPEFACE_SHEET}\" nonce=\"{nonce}\">\n<style nonce=\"{nonce}\">\n{STYLE}</style>\n</head>\n\
             <body>\n<main>\n<h1>{}</h1>\n<p>{reason} {}</p>\n",
            texts.lang,
            title,
            title,
            texts.tell_wait(wait)
        );
        match &self.typed {
            Some(typed) => self.write_form(&mut page, typed),
            None => write_paragraph(&mut page, texts.not_kept),
        }
        page.push_str("</main>\n</body>\n</html>\n");
        page
    }

    fn write_form(&self, page: &mut String, typed: &TypedFields) {
        let texts = self.texts;
        write_paragraph(page, if typed.has_files { texts.kept_without_files } else { texts.kept });
        page.push_str("<form method=\"post\" enctype=\"");
        page.push_str(self.encoding.media_type());
        page.push_str("\" action=\"");
        push_escaped(page, self.action);
        page.push_str("\">\n");
        for (name, value) in &typed.fields {
            page.push_str("<input type=\"hidden\" name=\"");
            push_escaped(page, name);
            page.push_str("\" value=\"");
            push_escaped(page, value);
            page.push_str("\">\n");
        }
        let button = if typed.has_files { texts.send_without_files } else { texts.send };
        // Writing to a string cannot fail.
        let _ = writeln!(page, "<p><button>{button}</button></p>\n</form>");
    }
}

fn write_paragraph(page: &mut String, text: &str) {
    let _ = writeln!(page, "<p>{text}</p>");
}

/// Adds a text to a quoted attribute, where it means the same as before: line breaks are written so that none is changed.
fn push_escaped(page: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            '\n' => page.push_str("&#10;"),
            '\r' => page.push_str("&#13;"),
            '\t' => page.push_str("&#9;"),
            // Control characters are not allowed in HTML.
            c if c.is_control() => {}
            c => page.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(method: Method, headers: &[(&str, &str)]) -> Parts {
        let request = Request::builder().method(method).uri("/api/crm/intake/a?x=%221%22");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml");
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");

    #[test]
    fn pages_are_for_forms_of_browsers_only() {
        let encoding = |method, headers: &[(&str, &str)]| FormEncoding::of_request(&head(method, headers));
        assert_eq!(encoding(Method::POST, &[HTML, FORM]), Some(FormEncoding::UrlEncoded));
        let multipart = ("content-type", "Multipart/Form-Data; boundary=x");
        assert_eq!(encoding(Method::POST, &[HTML, multipart]), Some(FormEncoding::Multipart));
        let programs: [&[(&str, &str)]; 4] =
            [&[FORM], &[HTML], &[HTML, ("content-type", "application/json")], &[("accept", "*/*"), FORM]];
        assert!(programs.iter().all(|headers| encoding(Method::POST, headers).is_none()));
        assert_eq!(encoding(Method::PUT, &[HTML, FORM]), None);
    }

    async fn receive(headers: &[(&str, &str)], body: &[u8]) -> Option<TypedFields> {
        let length = body.len().to_string();
        let head = head(Method::POST, &[headers, &[HTML, ("content-length", &length)]].concat());
        let (form, _) = SentForm::receive(&head, Body::from(body.to_vec())).await.unwrap();
        form.unwrap().read_fields(&head.headers).await
    }

    fn fields(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[tokio::test]
    async fn typed_fields_are_read_in_both_encodings_and_files_are_left_out() {
        let typed = receive(&[FORM], b"name=Zo%C3%AB+%26+co&extra=a&extra=b&empty=").await.unwrap();
        assert_eq!(typed.fields, fields(&[("name", "Zoë & co"), ("extra", "a"), ("extra", "b"), ("empty", "")]));
        let part = |name: &str, value: &str| {
            format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file = |name: &str, value: &str| part(&format!("photo\"; filename=\"{name}"), value);
        let multipart = [("content-type", "multipart/form-data; boundary=XX")];
        let typed = receive(&multipart, format!("{}{}--XX--\r\n", part("a", "1\r\n2"), file("", "")).as_bytes()).await;
        assert_eq!(typed, Some(TypedFields { fields: fields(&[("a", "1\r\n2")]), has_files: false }));
        let typed = receive(&multipart, format!("{}{}--XX--\r\n", file("a.png", "x"), part("a", "1")).as_bytes()).await;
        assert_eq!(typed, Some(TypedFields { fields: fields(&[("a", "1")]), has_files: true }));
        assert_eq!(receive(&multipart, b"--YY").await, None);
    }

    #[tokio::test]
    async fn forms_that_are_too_large_are_not_held() {
        let many = "a=1&".repeat(MAX_FIELDS + 1);
        assert_eq!(receive(&[FORM], many.as_bytes()).await, None);
        assert_eq!(receive(&[FORM], &vec![b'a'; MAX_FORM_BYTES + 1]).await, None);
        assert!(receive(&[FORM], "a=1&".repeat(MAX_FIELDS).as_bytes()).await.is_some());
    }

    #[test]
    fn typed_texts_are_escaped_and_stay_as_they_are() {
        let page = RefusalPage {
            texts: RefusalTexts::for_language("nl"),
            status: StatusCode::SERVICE_UNAVAILABLE,
            retry_after: 1,
            action: "/api/crm/intake/a?x=\"><script>",
            encoding: FormEncoding::UrlEncoded,
            typed: Some(TypedFields {
                fields: fields(&[("a\"b", "\"'><script>alert(1)</script>&amp;\r\n\u{0}end")]),
                has_files: false,
            }),
        };
        let html = page.render("n");
        assert!(html.contains("action=\"/api/crm/intake/a?x=&quot;&gt;&lt;script&gt;\""), "{html}");
        let input =
            "name=\"a&quot;b\" value=\"&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#13;&#10;end\"";
        assert!(html.contains(input) && !html.contains("<script"), "{html}");
    }
}
