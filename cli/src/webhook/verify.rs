//! `stepwait webhook verify`.

use std::process::ExitCode;

use stepwait_core::Timestamp;
use stepwait_core::integration::{Callback, Integration};
use stepwait_core::webhook::{Examination, Keys, Refusal, examine};
use stepwait_trial::Veil;

use super::account::{Account, Clock, Verdict};
use super::arguments::VerifyArguments;
use super::hints::{self, Case};
use super::news::{Told, wrong_path};
use super::received::Received;
use super::record::Noted;
use super::{callback, integration, keys, show, verification};
use crate::trial::live;
use crate::trial::{TryError, secrets};

/// The most characters of what is signed that are shown, 8,000: a screen or two.
const MAX_SHOWN_CHARS: usize = 8_000;

/// Looks at a delivery, a record, or both.
pub(super) async fn run(arguments: &VerifyArguments) -> Result<ExitCode, TryError> {
    let integration = integration(&arguments.common.integration)?;
    let callback = callback(&integration)?;
    let record = arguments.record.as_deref().map(|path| Noted::read(path, &integration)).transpose()?;
    let veil = Veil::default();
    let mut account = match (&arguments.request, &record) {
        (Some(path), record) => {
            let received = Received::read(path)?;
            let noted = record.as_ref().map(|(noted, _)| noted);
            of_request(arguments, &integration, callback, received, noted, &veil).await?
        }
        (None, Some((noted, _))) => of_record(&integration, noted.clone()),
        (None, None) => return Err(TryError::Usage("name a --request, a --record, or both".to_owned())),
    };
    if let Some((_, others)) = record.filter(|(_, others)| *others > 0) {
        account.notes.push(format!("the record is the last of {} in the file", others + 1));
    }
    show::account(&account, arguments.common.format, &veil);
    Ok(exit_code(&account))
}

fn exit_code(account: &Account) -> ExitCode {
    match account.verdict {
        Verdict::Accepted if account.event.as_ref().is_none_or(|event| event.usable) => ExitCode::SUCCESS,
        Verdict::Accepted | Verdict::Refused => ExitCode::FAILURE,
        Verdict::Unknown => ExitCode::from(3),
    }
}

async fn of_request(
    arguments: &VerifyArguments,
    integration: &Integration,
    callback: &Callback,
    received: Received,
    record: Option<&Noted>,
    veil: &Veil,
) -> Result<Account, TryError> {
    let verification = verification(integration, callback)?;
    let Received { delivery, at, mut notes } = received;
    let (now, clock) = match (arguments.common.now, record.map(|noted| noted.now), at) {
        (Some(now), _, _) => (now, Clock::Given),
        (None, Some(now), _) => (now, Clock::Record),
        (None, None, Some(now)) => (now, Clock::Gateway),
        (None, None, None) => (live::now(), Clock::Machine),
    };
    let given = keys::given(&arguments.common)?;
    let named = keys::secrets(verification, &given, veil);
    let fetched = match keys::document(verification, &delivery, arguments.key.as_deref(), &given, veil).await {
        Ok(document) => document,
        // The rest can be told all the same.
        Err(TryError::Out(why)) => {
            notes.push(why);
            None
        }
        Err(error @ (TryError::Usage(_) | TryError::Named(_))) => return Err(error),
    };
    let url = arguments.url.as_deref().map(called).or_else(|| delivery.url());
    let case = Case { verification: verification.clone(), delivery, secrets: named, url };
    let examination = case.examine(fetched.as_ref(), now);
    notes.extend(wrong_path(integration, &case.delivery));
    notes.extend(missing_secrets(&case));
    let mut account = Account {
        integration: integration.name.to_string(),
        description: integration.description.clone(),
        verdict: verdict(&examination),
        why: examination.verdict().err().map(Refusal::to_string),
        clock,
        examination: Noted::of(&examination)?,
        parts: verification.parts(&case.delivery, case.url.as_deref()),
        content: arguments.show.then(|| examination.content_bytes().map(escaped)).flatten(),
        url: case.url.clone().filter(|_| verification.signs_url()),
        notes,
        hints: Vec::new(),
        event: Some(Told::by(integration, callback, &case.delivery)),
        compared: Vec::new(),
        recorded: None,
    };
    if let Err(refusal) = examination.verdict() {
        account.hints = hints::find(&case, refusal, fetched.as_ref(), &given, integration, now, veil);
        account.hints.extend(hints::of_time(&account.examination, refusal));
    }
    if let Some(noted) = record {
        account.recorded = Some(noted.now);
        account.compared = noted.compare(&account.examination);
        account.hints.extend(hints::of_difference(noted, &account.examination, &case, now)?);
    }
    Ok(account)
}

fn of_record(integration: &Integration, noted: Noted) -> Account {
    Account {
        integration: integration.name.to_string(),
        description: integration.description.clone(),
        verdict: if noted.genuine { Verdict::Accepted } else { Verdict::Refused },
        why: noted.refusal.clone(),
        clock: Clock::Record,
        hints: hints::of_record(&noted),
        examination: noted,
        parts: Vec::new(),
        content: None,
        url: None,
        notes: Vec::new(),
        event: None,
        compared: Vec::new(),
        recorded: None,
    }
}

/// A delivery is not told from a forged one where the key to tell it by is not here.
fn verdict(examination: &Examination) -> Verdict {
    match examination.verdict() {
        Ok(_) => Verdict::Accepted,
        Err(Refusal::SecretsNotLoaded(_) | Refusal::KeysNotFetched(_)) => Verdict::Unknown,
        Err(_) => Verdict::Refused,
    }
}

fn missing_secrets(case: &Case) -> Vec<String> {
    let named = case.verification.secrets.iter().map(|secret| secret.name.as_str());
    let missing = named.filter(|name| !case.secrets.iter().any(|(known, _)| known == name));
    missing.map(secrets::missing).collect()
}

/// The URL as the third party was told it: without a query string.
fn called(url: &str) -> String {
    url.split_once('?').map_or(url, |(before, _)| before).to_owned()
}

/// Bytes as a text on one line.
fn escaped(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let shown: String = text.chars().take(MAX_SHOWN_CHARS).collect();
    let rest = text.chars().count().saturating_sub(MAX_SHOWN_CHARS);
    let more = if rest == 0 { String::new() } else { format!(" … and {rest} characters more") };
    format!("{shown:?}{more}")
}

impl Case {
    /// What the verification says of it.
    pub(super) fn examine(&self, fetched: Option<&stepwait_core::webhook::KeyDocument>, now: Timestamp) -> Examination {
        let secrets: Vec<_> = self.secrets.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let keys = Keys { secrets: &secrets, fetched };
        examine(&self.verification, &self.delivery, &keys, self.url.as_deref(), now)
    }
}
