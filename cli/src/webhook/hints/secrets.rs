//! Secrets as they may have been meant, and other ones.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use stepwait_core::SecretValue;
use stepwait_core::integration::Integration;
use stepwait_trial::Veil;

use super::{Case, Change};
use crate::check::files;
use crate::trial::secrets::GivenSecrets;

/// The most members of a secret that is JSON that are tried, 16.
const MAX_MEMBERS: usize = 16;

/// The most secrets of other integrations that are tried, 64.
const MAX_OTHERS: usize = 64;

/// What vendors write before secrets.
const PREFIXES: [&str; 3] = ["whsec_", "sk_", "Bearer "];

/// The same case with secrets that may have been meant.
pub(super) fn changes(case: &Case, given: &GivenSecrets, integration: &Integration, veil: &Veil) -> Vec<Change> {
    let mut changes = Vec::new();
    for (form, verification) in case.verification.in_other_key_forms() {
        changes.push(Change {
            says: format!(
                "the same secret matches if it is read as {form}: the file reads it otherwise; write key = \"{form}\" in a description of the signature, or store the secret as the file reads it"
            ),
            case: Case { verification, ..case.clone() },
        });
    }
    for (at, (name, value)) in case.secrets.iter().enumerate() {
        for (says, text) in other_texts(value.expose()) {
            let mut case = case.clone();
            if let Some((_, value)) = case.secrets.get_mut(at) {
                *value = SecretValue::new(text);
                veil.learn_secret(value);
            }
            changes.push(Change { says: format!("the secret {name} matches {says}; store it so"), case });
        }
    }
    for (name, owner) in of_others(case, integration) {
        let Some(value) = given.find(&name) else { continue };
        veil.learn_secret(&value);
        let mut case = case.clone();
        case.secrets.iter_mut().for_each(|(_, known)| *known = value.clone());
        changes.push(Change {
            says: format!("it is signed with the secret {name} of {owner}: is it that integration's delivery?"),
            case,
        });
    }
    changes
}

/// What is odd about secrets, whether or not it does harm.
pub(super) fn oddities(case: &Case) -> Vec<String> {
    let odd = case.secrets.iter().filter(|(_, value)| value.expose().trim() != value.expose());
    odd.map(|(name, _)| {
        format!(
            "the secret {name} has white space around it, or a line break behind it; it is left out when it is read"
        )
    })
    .collect()
}

/// Other texts that a secret may have been meant as.
fn other_texts(text: &str) -> Vec<(String, String)> {
    let text = text.trim();
    let mut texts = Vec::new();
    for quote in ['"', '\'', '`'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            texts.push(("without the quotes around it".to_owned(), inner.to_owned()));
        }
    }
    for prefix in PREFIXES {
        match text.strip_prefix(prefix) {
            Some(rest) => texts.push((format!("without {prefix:?} before it"), rest.to_owned())),
            None => texts.push((format!("with {prefix:?} before it"), format!("{prefix}{text}"))),
        }
    }
    // A line of a file of variables that was pasted as a whole.
    if let Some((_, value)) = text.split_once('=').filter(|(name, _)| is_variable(name)) {
        texts.push(("without the name and `=` before it".to_owned(), value.trim_matches(['"', '\'']).to_owned()));
    }
    if let Ok(Value::Object(members)) = serde_json::from_str(text) {
        let values = members.into_iter().take(MAX_MEMBERS);
        texts.extend(values.filter_map(|(name, value)| {
            Some((format!("if it is the value of {name:?} alone, not the whole JSON"), value.as_str()?.to_owned()))
        }));
    }
    let inner: String = text.split_whitespace().collect();
    if inner != text {
        texts.push(("without the white space within it".to_owned(), inner));
    }
    texts
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// The signing secrets of the other integrations here, with their owners.
fn of_others(case: &Case, integration: &Integration) -> Vec<(String, String)> {
    let mut names: BTreeSet<String> = case.verification.secrets.iter().map(|secret| secret.name.clone()).collect();
    let mut others = Vec::new();
    // Where there is no such folder, there are no others.
    for file in files::read(&[PathBuf::from("integrations")]).unwrap_or_default() {
        let Ok(other) = Integration::parse(&file.name, &file.text) else { continue };
        let verify = other.callback.filter(|_| other.name != integration.name).and_then(|callback| callback.verify);
        for secret in verify.into_iter().flat_map(|verify| verify.secrets) {
            if others.len() < MAX_OTHERS && names.insert(secret.name.clone()) {
                others.push((secret.name, other.name.to_string()));
            }
        }
    }
    others
}
