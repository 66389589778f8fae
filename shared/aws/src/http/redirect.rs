//! Redirects, for those integrations that ask for them.

use reqwest::Response;
use reqwest::header::LOCATION;
use stepwait_core::integration::Method;
use stepwait_core::request::OutgoingRequest;
use url::Url;

/// The most redirects in a row, 3: one to a canonical path, one to a region's,
/// one to spare; more is a loop.
const MAX_HOPS: usize = 3;

/// How many redirects a request may follow. Only a GET may be repeated elsewhere
/// without asking what the first server has done with it.
pub(super) fn most_hops(request: &OutgoingRequest) -> usize {
    if request.redirects && request.method == Method::Get { MAX_HOPS } else { 0 }
}

/// Where an answer points to, if that is the same server: credentials are sent
/// along, and no other server may have them.
pub(super) fn target(from: &Url, answer: &Response) -> Option<Url> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    let next = from.join(location).ok()?;
    (next.origin() == from.origin()).then_some(next)
}
