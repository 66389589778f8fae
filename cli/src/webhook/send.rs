//! `stepwait webhook send`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use ring::rand::SystemRandom;
use serde_json::{Value, json};
use stepwait_aws::http::{HttpEdge, Reach, may_call};
use stepwait_core::answer::Answer;
use stepwait_core::integration::{Callback, Integration, Method, Verification};
use stepwait_core::request::OutgoingRequest;
use stepwait_core::webhook::{Delivery, Signing, sign};
use stepwait_core::{SecretValue, Timestamp};
use stepwait_flow::ports::ThirdParty as _;
use stepwait_trial::Veil;
use url::{Url, form_urlencoded};

use super::arguments::{Format, SendArguments, Tamper};
use super::news::Told;
use super::sample::Sample;
use super::{callback, integration, keys, path_of, raw, show};
use crate::trial::TryError;
use crate::trial::secrets::missing;
use crate::trial::{files, live};

/// Where a delivery would go that goes nowhere (RFC 2606).
const NOWHERE: &str = "https://stepwait.invalid";

/// The most bytes of an event, of a private key, and of a listener's answer: 1 MiB
/// as the listener takes, 64 KiB, and 64 KiB.
const MAX_EVENT_BYTES: u64 = 1024 * 1024;
const MAX_KEY_BYTES: u64 = 64 * 1024;
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The most characters of an answer that are shown.
const MAX_SHOWN_CHARS: usize = 400;

/// Makes a delivery, and sends or prints it.
pub(super) async fn run(arguments: &SendArguments) -> Result<ExitCode, TryError> {
    let integration = integration(&arguments.common.integration)?;
    let callback = callback(&integration)?;
    let verification = callback.verify.as_ref();
    let veil = Veil::default();
    let now = arguments.common.now.unwrap_or_else(live::now);
    let url = target(arguments, &integration)?;
    let event = event(arguments, &integration, callback, &url)?;
    let delivery = match verification {
        Some(verification) => {
            let key = key(arguments, verification, &veil)?;
            signed(arguments, verification, event, &key, &url, now)?
        }
        None if arguments.tamper.is_some() => {
            return Err(TryError::Usage(
                "--tamper is of no use: the wait's own address alone vouches for its events".to_owned(),
            ));
        }
        None => event,
    };
    warn(arguments, &integration, callback, &delivery);
    if arguments.dry_run {
        return print(arguments.common.format, &delivery);
    }
    let reach = if arguments.allow_private { Reach::PRIVATE } else { Reach::PUBLIC };
    may_call(&url, reach).map_err(|why| {
        let hint = "; --allow-private lets requests go to this machine and to private networks";
        let hint = if arguments.allow_private { "" } else { hint };
        TryError::Usage(format!("{url} cannot be called: {why}{hint}"))
    })?;
    let edge = HttpEdge::new(reach).map_err(|error| TryError::Out(error.to_string()))?;
    let mut all_taken = true;
    for _ in 0..arguments.times {
        let began = Instant::now();
        let answer = edge.send(outgoing(&delivery, &url)?).await;
        let answer = answer.map_err(|error| TryError::Out(format!("{url}: {error}")))?;
        all_taken &= (200..300).contains(&answer.status);
        answered(arguments.common.format, &url, &delivery, &answer, began.elapsed().as_millis(), &veil);
    }
    Ok(if all_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where the delivery goes: the listener's path is added to what has none of it.
fn target(arguments: &SendArguments, integration: &Integration) -> Result<Url, TryError> {
    if let Some(url) = &arguments.wait_url {
        return Ok(url.clone());
    }
    let nowhere = || Url::parse(NOWHERE).map_err(|error| TryError::Usage(error.to_string()));
    let mut url = arguments.url.clone().map_or_else(nowhere, Ok)?;
    if !url.path().contains("/webhooks/") {
        let path = format!("{}{}", url.path().trim_end_matches('/'), path_of(integration));
        url.set_path(&path);
    }
    Ok(url)
}

/// The event, unsigned.
fn event(
    arguments: &SendArguments,
    integration: &Integration,
    callback: &Callback,
    url: &Url,
) -> Result<Delivery, TryError> {
    let is_form = callback.verify.as_ref().is_some_and(Verification::signs_form);
    let content_type = if is_form { "application/x-www-form-urlencoded" } else { "application/json" };
    let mut headers = BTreeMap::from([("content-type".to_owned(), content_type.to_owned())]);
    let mut query = url.query().unwrap_or_default().to_owned();
    let body = match &arguments.body {
        Some(text) => match text.strip_prefix('@') {
            Some(path) => files::read(Path::new(path), MAX_EVENT_BYTES)?.into_bytes(),
            None => text.clone().into_bytes(),
        },
        None => {
            let sample = Sample::of(integration, callback, &arguments.job_id, arguments.status.as_deref())
                .map_err(TryError::Usage)?;
            headers.extend(sample.headers);
            query = form_urlencoded::Serializer::new(query).extend_pairs(sample.query).finish();
            if is_form { form(&sample.body).into_bytes() } else { sample.body.to_string().into_bytes() }
        }
    };
    headers.extend(arguments.header.iter().cloned());
    Ok(Delivery {
        method: "POST".to_owned(),
        domain: headers.get("host").cloned().unwrap_or_else(|| authority(url)),
        path: url.path().to_owned(),
        query,
        headers,
        body,
    })
}

/// The members of an object that are texts, as a form.
fn form(body: &Value) -> String {
    let members = body.as_object().into_iter().flatten();
    let fields = members.filter_map(|(name, value)| Some((name, value.as_str()?)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The host, and the port where it is not the usual one.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// With what is signed: the private key, or the first secret that counts now.
fn key(arguments: &SendArguments, verification: &Verification, veil: &Veil) -> Result<SecretValue, TryError> {
    let key = match (verification.has_private_key(), &arguments.private_key) {
        (true, Some(path)) => SecretValue::new(files::read(path, MAX_KEY_BYTES)?),
        (true, None) => {
            return Err(TryError::Out(
                "the third party signs with a private key, which only it has: make a key pair of your own, give its private key by --private-key, and its public one to the listener that you try".to_owned(),
            ));
        }
        (false, _) => {
            let given = keys::given(&arguments.common)?;
            let mut names = verification.secrets.iter().map(|secret| secret.name.as_str());
            let found = names.clone().find_map(|name| given.find(name));
            found.ok_or_else(|| TryError::Out(missing(names.next().unwrap_or_default())))?
        }
    };
    veil.learn_secret(&key);
    Ok(key)
}

fn signed(
    arguments: &SendArguments,
    verification: &Verification,
    mut delivery: Delivery,
    key: &SecretValue,
    url: &Url,
    now: Timestamp,
) -> Result<Delivery, TryError> {
    let usage = |error: stepwait_core::webhook::SignError| TryError::Usage(error.to_string());
    verification.fill(&mut delivery, arguments.key_id.as_deref()).map_err(usage)?;
    let random_id = format!("stepwait-{:016x}", fastrand::u64(..));
    // The query string is signed as it is sent, not as a part of this.
    let callback_url = url.as_str().split_once('?').map_or(url.as_str(), |(before, _)| before);
    let signing = Signing {
        key,
        key_id: arguments.key_id.as_deref(),
        now,
        delivery_id: arguments.delivery_id.as_deref().unwrap_or(&random_id),
        callback_url: Some(callback_url),
        random: &SystemRandom::new(),
    };
    let mut delivery = sign(verification, &delivery, &signing).map_err(usage)?;
    if let Some(tamper) = arguments.tamper {
        verification
            .tamper(tamper.meant(), &mut delivery, now)
            .map_err(|error| TryError::Usage(error.to_string().replacen("cannot sign", "--tamper is of no use", 1)))?;
    }
    Ok(delivery)
}

/// Says on standard error what the delivery does not show by itself.
fn warn(arguments: &SendArguments, integration: &Integration, callback: &Callback, delivery: &Delivery) {
    let covers_body = |verify: &Verification| verify.covers_body() && !verify.shows_secret();
    if arguments.tamper == Some(Tamper::Body) && !callback.verify.as_ref().is_some_and(covers_body) {
        anstream::eprintln!(
            "note: the third party does not sign the body, so a listener cannot tell that it was changed"
        );
    }
    if arguments.dry_run && callback.verify.as_ref().is_some_and(Verification::shows_secret) {
        anstream::eprintln!(
            "note: the third party sends the secret itself, so this request holds it; keep it to yourself"
        );
    }
    let told = Told::by(integration, callback, delivery);
    if !told.usable {
        anstream::eprintln!("note: the listener cannot use this event: {}; give one by --body", told.says);
    }
}

/// Prints the delivery as it would be sent, and as `verify` reads it.
fn print(format: Format, delivery: &Delivery) -> Result<ExitCode, TryError> {
    let printed = match format {
        Format::Text => std::io::stdout().lock().write_all(&raw::request(delivery)),
        Format::Json => {
            let shown = json!({
                "method": delivery.method,
                "path": delivery.path,
                "query": delivery.query,
                "host": delivery.domain,
                "headers": delivery.headers,
                "body": String::from_utf8_lossy(&delivery.body),
            });
            std::io::stdout().lock().write_all(format!("{shown:#}\n").as_bytes())
        }
    };
    printed.map_err(|error| TryError::Usage(format!("cannot write to standard output: {error}")))?;
    Ok(ExitCode::SUCCESS)
}

fn outgoing(delivery: &Delivery, url: &Url) -> Result<OutgoingRequest, TryError> {
    let body = String::from_utf8(delivery.body.clone())
        .map_err(|_| TryError::Usage("the event is not UTF-8, which alone can be sent".to_owned()))?;
    let mut url = url.clone();
    url.set_query(Some(delivery.query.as_str()).filter(|query| !query.is_empty()));
    Ok(OutgoingRequest {
        method: Method::Post,
        url: url.to_string(),
        headers: delivery.headers.iter().map(|(name, value)| (name.clone(), SecretValue::new(value.clone()))).collect(),
        secret_query: Vec::new(),
        body: Some(body),
        credentials: false,
        redirects: false,
        most_bytes: MAX_ANSWER_BYTES,
        until: None,
    })
}

/// Says what was answered.
fn answered(format: Format, url: &Url, delivery: &Delivery, answer: &Answer, took_ms: u128, veil: &Veil) {
    let message = answer.json().ok().and_then(|body| Some(body.get("message")?.as_str()?.to_owned()));
    let message = message.unwrap_or_else(|| String::from_utf8_lossy(&answer.body).into_owned());
    let message = veil.hide(&message.chars().take(MAX_SHOWN_CHARS).collect::<String>());
    match format {
        Format::Text => {
            anstream::println!("POST {url}  {} bytes", delivery.body.len());
            anstream::println!("{} {took_ms} ms  {}", answer.status, show::printable(&message));
        }
        Format::Json => anstream::println!(
            "{}",
            json!({"url": url.as_str(), "bytes": delivery.body.len(), "status": answer.status, "took_ms": took_ms, "message": message})
        ),
    }
}
