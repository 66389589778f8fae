//! What a delivery is verified with: secrets, and the keys that third parties publish.

use std::path::Path;

use stepwait_aws::http::{HttpEdge, Reach};
use stepwait_core::SecretValue;
use stepwait_core::answer::Answer;
use stepwait_core::integration::Verification;
use stepwait_core::webhook::{Delivery, KeyDocument, KeyRequest, MAX_KEY_DOCUMENT_BYTES};
use stepwait_flow::ports::ThirdParty as _;
use stepwait_trial::Veil;

use super::arguments::Common;
use super::received;
use crate::trial::TryError;
use crate::trial::secrets::{GivenSecret, GivenSecrets, missing};

/// The status of an answer that is a success.
const OK: u16 = 200;

/// The secrets that were given, `NAME=@FILE` read.
pub(super) fn given(common: &Common) -> Result<GivenSecrets, TryError> {
    let read = common.secret.iter().cloned().map(GivenSecret::loaded).collect::<Result<Vec<_>, _>>()?;
    GivenSecrets::read(common.secrets.as_deref(), &read)
}

/// Those that may have signed, as far as they are there. Whatever is shown
/// later, they are not in it.
pub(super) fn secrets(verification: &Verification, given: &GivenSecrets, veil: &Veil) -> Vec<(String, SecretValue)> {
    let named = verification.secrets.iter().map(|secret| secret.name.clone());
    let found: Vec<_> = named.filter_map(|name| given.find(&name).map(|value| (name, value))).collect();
    found.iter().for_each(|(_, value)| veil.learn_secret(value));
    found
}

/// The keys that the third party publishes: those of the file, or fetched.
///
/// # Errors
/// [`TryError`] when they are needed and cannot be had.
pub(super) async fn document(
    verification: &Verification,
    delivery: &Delivery,
    file: Option<&Path>,
    secrets: &GivenSecrets,
    veil: &Veil,
) -> Result<Option<KeyDocument>, TryError> {
    // A delivery that names no admitted address is refused for that.
    let Ok(Some(request)) = verification.key_request(delivery) else {
        return Ok(None);
    };
    let Some(path) = file else {
        return fetch(&request, secrets, veil).await.map(Some);
    };
    let most = u64::try_from(MAX_KEY_DOCUMENT_BYTES).unwrap_or(u64::MAX);
    let body = received::read(path, most);
    let body = body.map_err(|why| TryError::Usage(format!("cannot read {}: {why}", path.display())))?;
    let answer = Answer { status: OK, headers: Vec::new(), body, truncated: false };
    let document = request.read(&answer);
    document.map(Some).map_err(|_| {
        TryError::Usage(format!(
            "{} holds no keys as {} publishes them; take its answer as it is",
            path.display(),
            request.host()
        ))
    })
}

async fn fetch(request: &KeyRequest, given: &GivenSecrets, veil: &Veil) -> Result<KeyDocument, TryError> {
    let failed = |why: String| {
        TryError::Out(format!(
            "the keys of {} could not be fetched: {why}; give the document that it publishes by --key",
            request.host()
        ))
    };
    let mut secrets = Vec::new();
    for name in request.secrets() {
        let value = given.find(name).ok_or_else(|| TryError::Out(missing(name)))?;
        veil.learn_secret(&value);
        secrets.push((name, value));
    }
    let outgoing = request.request(&secrets).map_err(|error| failed(error.to_string()))?;
    // The host is pinned by the file: nothing else is in reach.
    let edge = HttpEdge::new(Reach::PUBLIC).map_err(|error| failed(error.to_string()))?;
    let answer = edge.send(outgoing).await.map_err(|error| failed(error.to_string()))?;
    request.read(&answer).map_err(|error| failed(error.to_string()))
}
