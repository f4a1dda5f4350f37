//! `[[route]]`: requests the plugin answers, and what the host checks before.

use super::items::{is_choice_reference, read_media_type, read_permission_name, read_section_name};
use super::route_response::{ManifestResponse, is_json_type, read_responses};
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::words;
use std::collections::BTreeSet;
use std::time::Duration;

/// Folder of the files with JSON Schemas of request bodies, with `/`.
pub(crate) const REQUESTS_FOLDER: &str = "requests/";

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);
const KIB: u64 = 1 << 10;
/// The largest body that may be asked for as bytes; larger ones are received as a file, or go through the media library.
const MAX_BODY_BYTES: u64 = 64 << 20;
/// The largest body that may be asked for as a file.
const MAX_BODY_FILE_BYTES: u64 = 16 << 30;
/// The largest body of a route that asks for none.
const DEFAULT_BODY_BYTES: u64 = 256 * KIB;
/// Longest path, in bytes.
const MAX_PATH_BYTES: usize = 200;

words! {
    /// Methods of routes.
    HttpMethod {
        /// GET; HEAD is answered with it.
        Get = "GET",
        /// HTTP method `POST`.
        Post = "POST",
        /// HTTP method `PUT`.
        Put = "PUT",
        /// HTTP method `PATCH`.
        Patch = "PATCH",
        /// HTTP method `DELETE`.
        Delete = "DELETE",
    }
}

impl HttpMethod {
    /// True if its requests have bodies that routes can describe.
    pub fn takes_body(self) -> bool {
        !matches!(self, Self::Get | Self::Delete)
    }
}

words! {
    /// Callers that a route admits.
    Auth {
        /// Anybody. The plugin has its own checks.
        None = "none",
        /// A signed-in user of the API.
        User = "user",
        /// A program with an API token.
        Token = "token",
        /// Someone in the admin, or a program with an admin token.
        Admin = "admin",
    }
}

words! {
    /// Grouping of the requests that are counted together.
    RatePer {
        /// Those of one network address.
        Ip = "ip",
        /// Those of one user or token; of one address where there is neither.
        Caller = "caller",
        /// All requests to the route.
        Route = "route",
    }
}

words! {
    /// Services of a plugin that the admin uses where there is one.
    ProvidedService {
        /// Texts in another language.
        Translation = "translation",
    }
}

/// How many requests are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteRate {
    /// Grouping of the requests that are counted together.
    pub per: RatePer,
    /// Largest number of requests in `every`.
    pub limit: u32,
    /// The period in which `limit` requests are allowed.
    pub every: Duration,
}

words! {
    /// How the plugin gets the body of a request.
    BodyForm {
        /// As bytes.
        Bytes = "bytes",
        /// As a file that only the call sees.
        File = "file",
    }
}

/// A request's body: how the plugin gets it, and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteBody {
    /// How the plugin gets it.
    pub form: BodyForm,
    /// Its largest size, in bytes.
    pub max: u64,
    /// Its media types. Empty: any.
    pub types: BTreeSet<String>,
    /// The file in the package with the JSON Schema of a body that is JSON.
    pub schema: Option<String>,
}

impl RouteBody {
    /// True for a media type whose bodies have the form of the schema.
    pub fn is_described(&self, media_type: &str) -> bool {
        self.schema.is_some() && is_json_type(media_type)
    }
}

/// The same request again gets the first answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The header with the request's key.
    pub header: Option<String>,
    /// Where the key stands in a JSON body that comes without the header: keys from outside in.
    pub body_path: Option<Vec<String>>,
    /// How long an answer is kept.
    pub keep: Duration,
}

/// Front ends whose scripts may call the route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// Their origins, such as `https://www.example.com`, or references to choices of them.
    pub origins: BTreeSet<String>,
    /// Request headers they may send, beyond the simple ones, in small letters.
    pub headers: BTreeSet<String>,
    /// True if cookies come along.
    pub credentials: bool,
    /// How long a browser remembers it.
    pub max_age: Duration,
}

/// One `[[route]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestRoute {
    /// Its name, handed to the plugin.
    pub name: String,
    /// HTTP method that it accepts.
    pub method: HttpMethod,
    /// Below `/api/<plugin id>`: `/leads/{source}`; the last part may be `{*rest}`.
    pub path: String,
    /// Callers that it admits: `none` alone, or one or more of the others.
    pub auth: BTreeSet<Auth>,
    /// The plugin's permission that callers need.
    pub permission: Option<String>,
    /// Limits on the body of a request.
    pub body: RouteBody,
    /// How many requests are let through.
    pub rate: Option<RouteRate>,
    /// Rules by which a request that comes again gets the first answer; `None`: it is a new request.
    pub idempotency: Option<Idempotency>,
    /// The plugin gets the body as it came, for checks of signatures.
    pub raw_body: bool,
    /// Front ends whose scripts may call it; `None`: the route has no CORS rules of its own.
    pub cors: Option<Cors>,
    /// True if scripts of the plugin's own pages, which have no origin, may call it without credentials.
    pub pages: bool,
    /// True if a page that it answers may show pictures of any site, and not only of this one.
    pub outside_images: bool,
    /// Responses that callers may rely on; empty: the manifest says nothing of them.
    pub responses: Vec<ManifestResponse>,
    /// Service of the plugin that the server calls by this route.
    pub provides: Option<ProvidedService>,
    /// Where the section begins.
    pub at: SourceLocation,
}

impl ManifestRoute {
    /// True if it admits that kind of callers.
    pub fn admits(&self, caller: Auth) -> bool {
        self.auth.contains(&caller)
    }

    /// True if it admits nobody else.
    pub fn admits_only(&self, caller: Auth) -> bool {
        self.auth.iter().eq([&caller])
    }
}

pub(super) fn read_route(s: &TomlSection<'_>) -> Option<ManifestRoute> {
    let name = s.required("name", "name = \"lead-intake\"", read_section_name);
    let method = s.required("method", "method = \"POST\"", TomlItem::word);
    let path = s.required("path", "path = \"/leads/{source}\"", |i| {
        i.parse_text(|text| check_path(text).map(|()| text.to_owned()))
    });
    // The key `auth` has no default: who may call a route is never guessed.
    let auth = s.required("auth", "auth = \"user\"", read_auth);
    let permission = s.optional("permission", read_permission_name);
    let admits = |caller| auth.as_ref().is_some_and(|auth| auth.contains(&caller));
    if admits(Auth::Admin) && permission.is_none() {
        s.error("has no `permission`, which auth = \"admin\" requires", "add permission = \"leads.read\"");
    }
    if admits(Auth::None) && permission.is_some() {
        s.error("has a `permission`, which auth = \"none\" does not support: everybody may call it", "remove it");
    }
    let body = s.section("body").map_or_else(
        || RouteBody { form: BodyForm::Bytes, max: DEFAULT_BODY_BYTES, types: BTreeSet::new(), schema: None },
        |s| read_body(&s, method),
    );
    let rate = s.section("rate").and_then(|s| read_rate(&s));
    let idempotency = s.section("idempotency").and_then(|s| read_idempotency(&s));
    if body.form == BodyForm::File && idempotency.as_ref().is_some_and(|idempotency| idempotency.body_path.is_some()) {
        s.error("looks for a key in its body, which is a file", "write idempotency = { header = \"Idempotency-Key\" }");
    }
    let raw_body = s.optional_or("raw-body", false, TomlItem::boolean);
    let cors = s.section("cors").and_then(|s| read_cors(&s));
    let pages = s.optional_or("pages", false, TomlItem::boolean);
    if pages && auth.is_some() && !admits(Auth::None) {
        s.error("has `pages = true`, which only auth = \"none\" supports: pages have no credentials", "remove it");
    }
    let outside_images = s.optional_or("outside-images", false, TomlItem::boolean);
    let responses = read_responses(&s.sections("responses"));
    let provides = s.optional("provides", TomlItem::word);
    s.finish();
    let (name, method, path, auth) = (name?, method?, path?, auth?);
    let route = ManifestRoute {
        name,
        method,
        path,
        auth,
        permission,
        body,
        rate,
        idempotency,
        raw_body,
        cors,
        pages,
        outside_images,
        responses,
        provides,
        at: s.at,
    };
    check_service(s, &route);
    Some(route)
}

/// Reports a route that the server cannot call for a service, or that others could use as well: such a service may cost money.
fn check_service(s: &TomlSection<'_>, route: &ManifestRoute) {
    let Some(service) = route.provides else { return };
    let error = |what: &str, hint: &str| s.error(format!("provides \"{service}\", but {what}"), hint);
    if route.method != HttpMethod::Post {
        error("has another method than POST", "write method = \"POST\"");
    }
    if route.path.contains('{') {
        error("has parameters in its path", "write path = \"/translate\"");
    }
    if !route.admits_only(Auth::Admin) {
        error("admits other callers than people in the admin", "write auth = \"admin\", with a permission");
    }
    if route.body.form != BodyForm::Bytes {
        error("receives its body as a file", "write body = { as = \"bytes\" }");
    }
    if route.idempotency.is_some() {
        error("has `idempotency`, although its requests have no key", "remove it");
    }
}

/// One caller, or a list of several.
fn read_auth(item: &TomlItem<'_>) -> Option<BTreeSet<Auth>> {
    if item.is_text() {
        return item.word().map(|caller| BTreeSet::from([caller]));
    }
    if item.value_is_empty_list() {
        item.error("is empty", "write auth = [\"user\", \"token\"]");
        return None;
    }
    let mut auth = BTreeSet::new();
    for caller in item.list(TomlItem::word::<Auth>) {
        if !auth.insert(caller) {
            item.error(format!("names \"{caller}\" twice"), "remove one of them");
        }
    }
    if auth.len() > 1 && auth.contains(&Auth::None) {
        item.error(
            "has \"none\" beside others, although it admits everybody",
            "remove \"none\" from the list, or write auth = \"none\"",
        );
    }
    (!auth.is_empty()).then_some(auth)
}

fn check_path(path: &str) -> Result<(), String> {
    let Some(parts) = path.strip_prefix('/') else { return Err("does not begin with \"/\"".into()) };
    if path.len() > MAX_PATH_BYTES {
        return Err(format!("is longer than {MAX_PATH_BYTES} characters"));
    }
    if parts.is_empty() {
        return Ok(());
    }
    let mut seen_names = BTreeSet::new();
    let count = parts.split('/').count();
    for (i, part) in parts.split('/').enumerate() {
        if let Some(name) = part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            let name = match name.strip_prefix('*') {
                Some(_) if i + 1 < count => return Err("has `{*…}` before its last part".into()),
                Some(name) => name,
                None => name,
            };
            if !names::is_field(name) {
                return Err("has a parameter without a valid name; write it as {source}".into());
            }
            if !seen_names.insert(name) {
                return Err(format!("has the parameter {{{name}}} twice"));
            }
            continue;
        }
        let plain = !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
            && !part.bytes().all(|b| b == b'.');
        if !plain {
            return Err(
                "has a part that is neither plain (letters, digits, `-`, `_`, `.`) nor a parameter such as {source}"
                    .into(),
            );
        }
    }
    Ok(())
}

fn read_body(s: &TomlSection<'_>, method: Option<HttpMethod>) -> RouteBody {
    let form = s.optional_or("as", BodyForm::Bytes, TomlItem::word);
    let most = match form {
        BodyForm::Bytes => MAX_BODY_BYTES,
        BodyForm::File => MAX_BODY_FILE_BYTES,
    };
    let max = s.optional_or("max", DEFAULT_BODY_BYTES, |i| i.size(1..=most));
    let types: BTreeSet<String> = s.list("types", read_media_type).into_iter().collect();
    let schema = s.optional("schema", |i| {
        i.text_of("a file of the package, such as \"requests/lead.json\"", |path| {
            let name = path.strip_prefix(REQUESTS_FOLDER).and_then(|name| name.strip_suffix(".json"));
            name.is_some_and(names::is_dotted)
        })
    });
    if schema.is_some() {
        if let Some(method) = method.filter(|method| !method.takes_body()) {
            s.error(format!("has a `schema`, although requests with {method} have no body"), "remove `schema`");
        } else if !types.iter().any(|media_type| is_json_type(media_type)) {
            s.error(
                "has a `schema`, which describes JSON, and no JSON among its `types`",
                "write types = [\"application/json\"], or remove `schema`",
            );
        }
    }
    s.finish();
    RouteBody { form, max, types, schema }
}

fn read_rate(s: &TomlSection<'_>) -> Option<RouteRate> {
    let per = s.required("per", "per = \"ip\"", TomlItem::word);
    let limit = s.required("limit", "limit = 60", |i| i.integer(1..=1_000_000));
    let every = s.required("every", "every = \"1m\"", |i| i.duration(SECOND..=DAY));
    s.finish();
    Some(RouteRate { per: per?, limit: limit?, every: every? })
}

fn read_idempotency(s: &TomlSection<'_>) -> Option<Idempotency> {
    let header = s.optional("header", read_header);
    let body_path = s.optional("or", |i| {
        i.parse_text(|text| {
            let path = text.strip_prefix("body:$.").filter(|path| names::is_field_path(path));
            let path = path.map(|path| path.split('.').map(str::to_owned).collect());
            path.ok_or_else(|| "does not name a field of the body; write it as \"body:$.eventId\"".to_owned())
        })
    });
    if s.get("header").is_none() && s.get("or").is_none() {
        s.error("does not say where the key is", "add header = \"Idempotency-Key\"");
    }
    let keep = s.optional_or("keep", 3 * DAY, |i| i.duration(SECOND..=30 * DAY));
    s.finish();
    Some(Idempotency { header, body_path, keep })
}

fn read_header(item: &TomlItem<'_>) -> Option<String> {
    item.text_of("the name of a header, such as \"Idempotency-Key\"", |text| {
        (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    })
}

fn read_cors(s: &TomlSection<'_>) -> Option<Cors> {
    let origins = s.filled_list("origins", "origins = [\"https://www.example.com\"]", |i| {
        i.text_of("an origin such as \"https://www.example.com\" (no path, no wildcard), or \"choice:pages\"", |text| {
            names::is_origin(text) || is_choice_reference(text)
        })
    });
    let headers = s.list("headers", read_header);
    let credentials = s.optional_or("credentials", false, TomlItem::boolean);
    let max_age = s.optional_or("max-age", Duration::from_secs(600), |i| i.duration(Duration::ZERO..=DAY));
    s.finish();
    let headers = headers.into_iter().map(|h| h.to_ascii_lowercase()).collect();
    Some(Cors { origins: origins?.into_iter().collect(), headers, credentials, max_age })
}
