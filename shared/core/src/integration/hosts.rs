//! `[hosts]`: which hosts requests may go to beside that of `base_url`, and
//! which of them get the credentials. A URL out of an answer is a third party's
//! word, so it is followed only as far as the file allows.

use super::KeyError;
use schemars::JsonSchema;
use serde::Deserialize;
use url::{Host, Url};

/// The most hosts of one list.
const MAX_HOSTS: usize = 16;

/// Hosts that requests may go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Hosts that get no credentials; `*.` stands for any names before the rest.
    pub follow: Vec<String>,
    /// Hosts that get the credentials as well.
    pub trusted: Vec<String>,
}

/// How far a host is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Requests go there with credentials.
    Credentials,
    /// Requests go there without.
    Plain,
}

impl Hosts {
    /// How far the host of `url` is trusted; `None` if nothing may go there.
    ///
    /// The address of `base_url` is its scheme, host and port; any other is
    /// https on the usual port.
    #[must_use]
    pub fn trust(&self, url: &Url, base_url: &Url) -> Option<Trust> {
        if url.origin() == base_url.origin() {
            return Some(Trust::Credentials);
        }
        let host = url.host_str()?.to_ascii_lowercase();
        if url.scheme() != "https" || url.port().is_some() {
            return None;
        }
        if self.trusted.contains(&host) {
            Some(Trust::Credentials)
        } else if self.follow.iter().any(|pattern| matches(pattern, &host)) {
            Some(Trust::Plain)
        } else {
            None
        }
    }
}

fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        // The rest begins with a dot, so that "*.a.com" matches "x.a.com", and neither "a.com" nor "xa.com".
        Some(rest) => host.len() > rest.len() && host.ends_with(rest),
        None => host == pattern,
    }
}

/// `[hosts]`: hosts that requests may go to, beside that of `base_url`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub(super) struct RawHosts {
    /// Hosts to which URLs out of answers may point; requests there carry no credentials. `*.` stands for any names before the rest, for example `*.blob.core.windows.net`.
    follow: Vec<String>,
    /// Hosts that get the credentials as well, named in full, for example the third party's other regions.
    trusted: Vec<String>,
}

impl RawHosts {
    pub(super) fn check(self) -> Result<Hosts, KeyError> {
        let follow = hosts(self.follow, true).map_err(|e| ("hosts.follow".to_owned(), e))?;
        let trusted = hosts(self.trusted, false).map_err(|e| ("hosts.trusted".to_owned(), e))?;
        Ok(Hosts { follow, trusted })
    }
}

fn hosts(list: Vec<String>, wildcards: bool) -> Result<Vec<String>, String> {
    if list.len() > MAX_HOSTS {
        return Err(format!("at most {MAX_HOSTS} hosts"));
    }
    list.into_iter()
        .map(|text| {
            let host = text.to_ascii_lowercase();
            let name = if wildcards { host.strip_prefix("*.").unwrap_or(&host) } else { &host };
            // A name is all that is meant: no scheme, no port, no path, no address, no star within.
            match Host::parse(name) {
                Ok(Host::Domain(parsed)) if parsed == name && name.contains('.') && !name.contains('*') => Ok(host),
                _ if !wildcards && host.starts_with("*.") => {
                    Err(format!("{text:?} has a wildcard; whoever gets credentials is named in full"))
                }
                _ => Err(format!("{text:?} is not the name of a host: write for example \"files.example.com\"")),
            }
        })
        .collect()
}
