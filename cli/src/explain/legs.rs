//! What is sent: each leg's request line, headers and body, and the credentials
//! by the names of their secrets.

use stepwait_core::integration::{
    Auth, BodyTemplate, ClientAuth, Escape, Format, Integration, JsonTemplate, NextPage, RequestTemplate, Scheme,
    Target, Template, WhenUnknown,
};

use super::Item;
use super::words::list;

/// The most characters of a body that are shown: what it holds, not all of a
/// GraphQL document.
const MAX_BODY_CHARS: usize = 300;

/// Every request that the file describes, and what authorizes them.
pub(super) fn requests(integration: &Integration) -> Vec<Item> {
    let mut items = vec![submit(integration)];
    if let WhenUnknown::LookUp(look_up) = &integration.submit.when_unknown {
        let title = "To find a job whose submit was cut off";
        items.push(item(title, integration, &look_up.request, vec![format!("the job is named at {}", look_up.job_id)]));
    }
    let together = integration.status.batch.as_ref().map(|batch| {
        format!("the reconciler asks for up to {} jobs at once; each one's part stands at {}", batch.most, batch.items)
    });
    items.push(item("To look at the job", integration, &integration.status.request, together.into_iter().collect()));
    if let Some(fetch) = &integration.result.fetch {
        let mut details = Vec::new();
        details.extend(fetch.when.as_ref().map(|when| format!("only if {when}; otherwise the result is that answer")));
        details.extend(fetch.pages.as_ref().map(|pages| {
            let next = match &pages.next {
                NextPage::Cursor { from, query } => format!("the cursor at {from} goes into the query key {query}"),
                NextPage::Link => "the Link header names the next one".to_owned(),
                NextPage::Url { from } => format!("the URL at {from} is the next one"),
                NextPage::Offset { query, size } => {
                    format!("the query key {query} counts items, {size} in a full page")
                }
            };
            format!("up to {} pages: {next}", pages.most)
        }));
        items.push(item("To fetch the result, once the job is done", integration, &fetch.request, details));
    }
    match &integration.cancel {
        Some(cancel) => items.push(item("To call the job off", integration, &cancel.request, vec![])),
        None => items.push(Item::new("A job that is given up is not called off: there is no [cancel]")),
    }
    items.push(credentials(integration));
    items
}

fn submit(integration: &Integration) -> Item {
    let submit = &integration.submit;
    let Some(request) = &submit.request else {
        return Item::new(format!(
            "Nothing starts the job: it exists already, and the payload names it at {}",
            submit.job_id
        ));
    };
    let key = submit.idempotency_header.as_ref();
    let details = key.map(|name| format!("{name}: {{wait_id}}, by which a repeated submit is recognized"));
    item("To start the job", integration, request, details.into_iter().collect())
}

fn item(title: &str, integration: &Integration, request: &RequestTemplate, more: Vec<String>) -> Item {
    let mut details = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>();
    details.extend(request.body.as_ref().map(body));
    details.extend(request.redirects.then(|| "redirects within the same host are followed, up to 3".to_owned()));
    details.extend(more);
    Item::with(format!("{title}: {}", line(integration, request)), details)
}

/// A request's line: method and address.
pub(super) fn line(integration: &Integration, request: &RequestTemplate) -> String {
    let base = integration.base_url.path().trim_end_matches('/');
    let address = match &request.target {
        Target::Path(path) => format!("{base}{path}"),
        Target::Url(url) | Target::Given(url) => url.to_string(),
    };
    let pairs: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let joint = match (pairs.is_empty(), address.contains('?')) {
        (true, _) => "",
        (false, true) => "&",
        (false, false) => "?",
    };
    format!("{} {address}{joint}{}", request.method.as_str(), pairs.join("&"))
}

fn body(body: &BodyTemplate) -> String {
    match body {
        BodyTemplate::Json(json) => short(&as_json(json)),
        BodyTemplate::Form(fields) => {
            let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            short(&format!("the form {}", pairs.join("&")))
        }
        BodyTemplate::Raw { content_type, text, escape } => {
            let escaped = match escape {
                None => "",
                Some(Escape::Json) => ", values escaped as JSON",
                Some(Escape::Xml) => ", values escaped as XML",
                Some(Escape::Url) => ", values escaped as in URLs",
            };
            short(&format!("{content_type}{escaped}: {text}"))
        }
    }
}

fn as_json(json: &JsonTemplate) -> String {
    match json {
        JsonTemplate::Text(text) => quoted(text),
        JsonTemplate::List(items) => format!("[{}]", items.iter().map(as_json).collect::<Vec<_>>().join(", ")),
        JsonTemplate::Object(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key:?}: {}", as_json(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        JsonTemplate::Plain(value) => value.to_string(),
    }
}

/// A text in quotes; one placeholder that is the whole value has none.
fn quoted(text: &Template) -> String {
    let text = text.to_string();
    let is_one_placeholder =
        text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(|inner| !inner.contains(['{', '}']));
    if is_one_placeholder { text } else { format!("{text:?}") }
}

/// The beginning, on one line.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_BODY_CHARS {
        line
    } else {
        format!("{} …", line.chars().take(MAX_BODY_CHARS).collect::<String>())
    }
}

fn credentials(integration: &Integration) -> Item {
    let Some(auth) = &integration.auth else {
        return Item::new("No request carries credentials");
    };
    let host = integration.base_url.host_str().unwrap_or_default().to_owned();
    let trusted: Vec<String> = [host].into_iter().chain(integration.hosts.trusted.iter().cloned()).collect();
    let mut details = how(auth);
    if !integration.hosts.follow.is_empty() {
        details.push(format!(
            "URLs out of answers may also lead to {}, without credentials",
            list(&integration.hosts.follow, "or")
        ));
    }
    Item::with(format!("Requests to {} carry credentials", list(&trusted, "and")), details)
}

fn how(auth: &Auth) -> Vec<String> {
    let mut lines = Vec::new();
    match &auth.scheme {
        None => {}
        Some(Scheme::Bearer { secret }) => lines.push(format!("authorization: Bearer with the secret {secret}")),
        Some(Scheme::Basic { user: Some(user), secret }) => {
            lines.push(format!("authorization: Basic with the user {user} and the secret {secret}"));
        }
        Some(Scheme::Basic { user: None, secret }) => {
            lines.push(format!("authorization: Basic with the secret {secret}, which holds user:password"));
        }
        Some(Scheme::OAuth2(oauth)) => {
            let by = match oauth.client_auth {
                ClientAuth::Basic => "HTTP Basic",
                ClientAuth::Body => "fields of the body",
            };
            lines.push(format!(
                "authorization: Bearer with an access token by {} from {}",
                oauth.grant, oauth.token_url
            ));
            lines.push(format!("asked for with the secrets {} and {} by {by}", oauth.client_id, oauth.client_secret));
            lines.push("kept until it expires, and asked for anew once after a 401".to_owned());
        }
        Some(Scheme::Hmac(hmac)) => {
            for (name, value) in &hmac.headers {
                lines.push(format!("{name}: {value}"));
            }
            lines.push(format!("signed: \"{}\", with the secret {}", hmac.content, hmac.secret));
        }
    }
    lines.extend(auth.headers.iter().map(|(name, secret)| format!("{name}: the secret {secret}")));
    lines.extend(auth.query.iter().map(|(name, secret)| format!("query key {name}: the secret {secret}")));
    lines
}

/// How a result's body is read, where that is worth saying.
pub(super) const fn format(format: Format) -> &'static str {
    match format {
        Format::Json => "as JSON",
        Format::Text => "as text",
        Format::Lines => "as JSON Lines, which become a list",
        Format::Base64 => "as bytes in base64",
    }
}
