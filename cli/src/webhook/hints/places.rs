//! Headers that a proxy renamed or dropped, and URLs that are written otherwise
//! than they were told.

use stepwait_core::webhook::{Delivery, Refusal};
use url::Url;

use super::{Case, Change};

/// How alike two names must be to be one by mistake, 0.75: of four letters three.
const LIKENESS: f64 = 0.75;

/// The header that is missing, and the nearest that is there.
pub(super) fn near(case: &Case, refusal: &Refusal) -> Vec<String> {
    let Some(missing) = missing(refusal) else {
        return Vec::new();
    };
    match nearest(&case.delivery, missing) {
        Some(name) => vec![format!("there is a header {name:?}: is it what {missing:?} was called on its way?")],
        None if missing == "authorization" => {
            vec!["proxies drop the header \"authorization\" unless they are told to pass it on".to_owned()]
        }
        None => {
            vec![format!("no header is called like {missing:?}: a proxy dropped it, or the sender uses another scheme")]
        }
    }
}

/// The same case with headers under their right names, or with another URL.
pub(super) fn changes(case: &Case, refusal: &Refusal) -> Vec<Change> {
    let mut changes = renamed(case, refusal);
    if case.verification.signs_url() {
        let used = case.url.clone().unwrap_or_default();
        changes.extend(urls(case).into_iter().filter(|url| *url != used).map(|url| Change {
            says: format!(
                "the URL is signed, and a signature matches with {url}, not with {used}: tell the third party, or the deployment, the same one"
            ),
            case: Case { url: Some(url), ..case.clone() },
        }));
    }
    changes
}

fn missing(refusal: &Refusal) -> Option<&str> {
    if let Refusal::MissingHeader(name) = refusal { Some(name) } else { None }
}

/// The header most like a name. A common end counts most: vendors have the same
/// headers under names of their own.
fn nearest<'d>(delivery: &'d Delivery, missing: &str) -> Option<&'d str> {
    let names = delivery.headers.keys().map(String::as_str).filter(|name| *name != missing);
    let likeness = |name: &str| {
        let plain = |name: &str| name.replace('_', "-");
        let (name, missing) = (plain(name), plain(missing));
        if ends(&name, &missing) || ends(&missing, &name) {
            1.0
        } else {
            strsim::normalized_damerau_levenshtein(&name, &missing)
        }
    };
    let best = names.map(|name| (name, likeness(name))).max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.filter(|(_, likeness)| *likeness >= LIKENESS).map(|(name, _)| name).or_else(|| prefixed(delivery, missing))
}

/// A header that differs in its first word only, as `svix-id` and `webhook-id` do.
fn prefixed<'d>(delivery: &'d Delivery, missing: &str) -> Option<&'d str> {
    let (_, rest) = missing.split_once('-')?;
    let mut names = delivery.headers.keys().map(String::as_str);
    names.find(|name| name.split_once('-').is_some_and(|(_, behind)| behind == rest))
}

fn ends(longer: &str, shorter: &str) -> bool {
    longer.strip_suffix(shorter).is_some_and(|before| before.is_empty() || before.ends_with('-'))
}

/// All headers with the first word that the missing one has, in place of the
/// one that a header like it has.
fn renamed(case: &Case, refusal: &Refusal) -> Vec<Change> {
    let Some((missing, found)) = missing(refusal).and_then(|name| Some((name, nearest(&case.delivery, name)?))) else {
        return Vec::new();
    };
    let plain = found.replace('_', "-");
    let common = missing.bytes().rev().zip(plain.bytes().rev()).take_while(|(a, b)| a == b).count();
    let before =
        |name: &str| name.len().checked_sub(common).and_then(|end| name.get(..end)).unwrap_or_default().to_owned();
    let (wrong, right) = (before(&plain), before(missing));
    let mut case = case.clone();
    let headers = std::mem::take(&mut case.delivery.headers);
    for (name, value) in headers {
        let plain = name.replace('_', "-");
        let is_meant = plain.strip_prefix(&wrong).filter(|rest| !wrong.is_empty() || *rest == missing);
        if let Some(rest) = is_meant {
            case.delivery.headers.insert(format!("{right}{rest}"), value.clone());
        }
        if name == found && common == 0 {
            case.delivery.headers.insert(missing.to_owned(), value.clone());
        }
        case.delivery.headers.entry(name).or_insert(value);
    }
    vec![Change {
        says: format!(
            "the header {missing:?} came as {found:?}: under its right name a signature matches; see what renames it"
        ),
        case,
    }]
}

/// Other ways to write where the third party was told to send.
fn urls(case: &Case) -> Vec<String> {
    let delivery = &case.delivery;
    let mut texts: Vec<String> = case.url.iter().cloned().chain(delivery.url()).collect();
    for name in ["host", "x-forwarded-host", "x-original-host"] {
        texts.extend(delivery.header(name).map(|host| format!("https://{host}{}", delivery.path)));
    }
    if let Some(path) = delivery.header("x-original-uri").or_else(|| delivery.header("x-forwarded-uri")) {
        texts.extend(texts.clone().iter().filter_map(|text| {
            let url = Url::parse(text).ok()?;
            Some(format!("https://{}{}", url.authority(), path.split('?').next().unwrap_or_default()))
        }));
    }
    let mut urls = Vec::new();
    for text in texts {
        let bare = text.trim_end_matches('/').to_owned();
        for text in [text, format!("{bare}/"), bare] {
            let plain = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
            for scheme in ["https", "http"] {
                let url = format!("{scheme}://{plain}");
                let with_port = plain.split_once('/').map(|(host, path)| {
                    let port = if scheme == "https" { 443 } else { 80 };
                    let host = host.split(':').next().unwrap_or_default();
                    [format!("{scheme}://{host}:{port}/{path}"), format!("{scheme}://{host}/{path}")]
                });
                urls.push(url);
                urls.extend(with_port.into_iter().flatten());
            }
        }
    }
    urls.sort();
    urls.dedup();
    urls
}
