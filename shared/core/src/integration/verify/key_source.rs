//! Where a third party publishes the keys that it signs with: a set of keys at
//! an address that the file names, or a certificate at one that comes with the
//! delivery and must be on a host that the file names.

use super::scheme::Place;
use crate::integration::{JsonPointer, braces, secret_name};
use std::collections::BTreeMap;
use std::fmt;
use url::Url;

/// The most patterns of hosts, 4: a third party has one for each kind of region.
const MAX_HOSTS: usize = 4;

/// The most fields of a request for a key, 8.
const MAX_FIELDS: usize = 8;

/// Where public keys are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// JSON Web Keys ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
    Jwks {
        url: Url,
        /// Where a delivery names its key; a token does so itself.
        key_id: Option<Place>,
        /// What is sent for one key, where a key must be asked for by name.
        post: Option<Vec<(String, Vec<PostPart>)>>,
        /// Where the answer holds the one key, if it holds no set.
        key: Option<JsonPointer>,
    },
    /// An X.509 certificate in PEM.
    Certificate {
        /// Where a delivery says where it is.
        url: Place,
        rule: AddressRule,
    },
}

/// A part of a field's value in a request for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PostPart {
    Text(String),
    /// A secret, by its name.
    Secret(String),
    /// The name of the key that is asked for.
    KeyId,
}

impl PostPart {
    /// Reads a field's value. `credentials` are names of secrets by the names of placeholders.
    pub(super) fn parse(text: &str, credentials: &BTreeMap<String, String>) -> Result<Vec<Self>, String> {
        braces::read(text, Self::Text, |inner| match inner.split_once(':') {
            None if inner == "key_id" => Ok(Self::KeyId),
            Some(("credential", name)) => credentials.get(name).cloned().map(Self::Secret).ok_or_else(|| {
                format!(
                    "{{{inner}}} stands for no secret: write credentials = {{ {name} = \"vendor/secret\" }} in verify"
                )
            }),
            None | Some(_) => {
                Err(format!("{{{inner}}} is not known here: there are {{key_id}} and {{credential:name}}"))
            }
        })
    }
}

/// Checks the fields of a request for a key.
pub(super) fn check_post(
    fields: BTreeMap<String, String>,
    credentials: BTreeMap<String, String>,
) -> Result<Vec<(String, Vec<PostPart>)>, String> {
    if fields.len() > MAX_FIELDS || fields.is_empty() {
        return Err(format!("must have 1 to {MAX_FIELDS} fields"));
    }
    let credentials = credentials.into_iter().map(|(key, name)| Ok((key, secret_name::parse(name)?)));
    let credentials = credentials.collect::<Result<BTreeMap<_, _>, String>>()?;
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, text)| Ok((name, PostPart::parse(&text, &credentials)?)))
        .collect::<Result<_, String>>()?;
    if fields.iter().any(|(_, parts)| parts.contains(&PostPart::KeyId)) {
        Ok(fields)
    } else {
        Err("must hold {key_id}, as one key is asked for".to_owned())
    }
}

/// Which addresses may be asked for a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AddressRule {
    hosts: Vec<Wild>,
    path: Wild,
}

impl AddressRule {
    pub(super) fn parse(hosts: &[String], path: &str) -> Result<Self, String> {
        if hosts.is_empty() || hosts.len() > MAX_HOSTS {
            return Err(format!("name 1 to {MAX_HOSTS} hosts, for example [\"api.vendor.com\"]"));
        }
        let hosts = hosts.iter().map(|host| {
            let labels = host.split('.').collect::<Vec<_>>();
            // The last two labels are bought; what stands before them is the owner's.
            let owned = labels.len().saturating_sub(2);
            let fits = labels.len() >= 2
                && labels.iter().enumerate().all(|(at, label)| {
                    (at < owned && *label == "*")
                        || (!label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'))
                });
            if fits {
                Ok(Wild(host.clone()))
            } else {
                Err(format!("{host:?} is not a host: write its name in lower case, \"*\" for one of its labels, for example \"sns.*.amazonaws.com\""))
            }
        });
        let hosts = hosts.collect::<Result<_, _>>()?;
        if !path.starts_with('/') || path.contains(['?', '#', '%']) {
            return Err(format!(
                "{path:?} is not a path: write for example \"/certs/*\", \"*\" for letters, digits, \"-\" and \"_\""
            ));
        }
        Ok(Self { hosts, path: Wild(path.to_owned()) })
    }

    /// The address, if it may be asked: https, at the usual port, on one of the
    /// hosts, with the path, and with nothing else in it.
    pub(crate) fn admit(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let plain = url.scheme() == "https"
            && url.username().is_empty()
            && url.password().is_none()
            && url.port().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        let host = url.host_str()?;
        let admitted =
            plain && self.hosts.iter().any(|wild| wild.matches(host, ".")) && self.path.matches(url.path(), "/");
        // Written otherwise than it is understood, it would be another address to somebody else.
        (admitted && url.as_str() == text).then_some(url)
    }
}

impl AddressRule {
    /// An address that is admitted, and that nobody publishes anything at.
    pub(crate) fn sample(&self) -> String {
        let host = self.hosts.first().map_or("", |host| host.0.as_str());
        format!("https://{host}{}", self.path.0).replace('*', "sample")
    }
}

/// For people: the hosts.
impl fmt::Display for AddressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<&str> = self.hosts.iter().map(|wild| wild.0.as_str()).collect();
        write!(f, "{} under {}", hosts.join(" or "), self.path.0)
    }
}

/// A text in which `*` stands for one or more letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wild(String);

impl Wild {
    /// Whether the text is meant, compared piece by piece between separators, so
    /// that no star stands for more than one.
    fn matches(&self, text: &str, separator: &str) -> bool {
        let (pattern, text) = (self.0.split(separator).collect::<Vec<_>>(), text.split(separator).collect::<Vec<_>>());
        pattern.len() == text.len() && pattern.iter().zip(text).all(|(pattern, text)| piece_matches(pattern, text))
    }
}

fn piece_matches(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let rest = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::AddressRule;

    fn sns() -> AddressRule {
        let hosts = ["sns.*.amazonaws.com".to_owned(), "sns.*.amazonaws.com.cn".to_owned()];
        AddressRule::parse(&hosts, "/SimpleNotificationService-*.pem").unwrap()
    }

    #[test]
    fn an_address_on_a_pinned_host_is_admitted() {
        for url in [
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0123abcd.pem",
        ] {
            assert_eq!(sns().admit(url).unwrap().as_str(), url);
        }
    }

    #[test]
    fn an_address_that_only_looks_like_one_is_not() {
        for url in [
            "https://sns.evil.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com.evil.com/SimpleNotificationService-0123abcd.pem",
            "https://evil.com/sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com@evil.com/SimpleNotificationService-0123abcd.pem",
            "https://user@sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://user:pw@sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://evil.com\\@sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://evil.com#@sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "ftp://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "//sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com:443/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com./SimpleNotificationService-0123abcd.pem",
            "https://sns.a.b.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns..amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://xsns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://SNS.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem?x",
            "https://sns.us-east-1.amazonaws.com/?Action=x&y=/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem#x",
            "https://sns.us-east-1.amazonaws.com/x/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com/x/../SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-%2e%2e.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-.pem",
            "https://sns.us-east-1.amazonaws.com/other.pem",
            " https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com\t/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-\u{212a}ast-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "",
            "https://",
        ] {
            assert_eq!(sns().admit(url), None, "{url}");
        }
    }

    #[test]
    fn a_pattern_that_would_admit_strangers_is_an_error() {
        for host in [
            "*",
            "*.com",
            "*.amazonaws.com.*",
            "sns.*.com.*",
            "*.*.com.",
            "*.b",
            "Api.vendor.com",
            "a*b.vendor.com",
            "",
        ] {
            let said = AddressRule::parse(&[host.to_owned()], "/certs/*").unwrap_err();
            assert!(said.starts_with(&format!("{host:?} is not a host")), "{host}: {said}");
        }
        assert!(AddressRule::parse(&[], "/").unwrap_err().starts_with("name 1 to 4 hosts"));
        assert!(AddressRule::parse(&["api.vendor.com".to_owned()], "certs").unwrap_err().contains("is not a path"));
    }
}
