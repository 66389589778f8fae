//! Where requests may go, and which of them carry the credentials.

use crate::integration::{Hosts, Integration, MissingValue};
use crate::request::{Job, OutgoingRequest, status_request};
use crate::test_support::{at, render, wait_id};
use crate::{SecretValue, authorize::authorize};
use url::Url;

/// An integration whose status URL comes from the answer to the submit.
fn following(hosts: &str) -> Integration {
    render(&[
        ("[auth]", &format!("{hosts}\n[auth]")),
        ("job_id = \"body:/id\"", "job_id = \"body:/id\"\nkeep = { status_url = \"header:Operation-Location\" }"),
        ("[status]\npath = \"/v1/jobs/{job_id}\"", "[status]\nurl = \"{kept:status_url}\""),
    ])
}

const HOSTS: &str = r#"[hosts]
follow = ["Files.example.net", "*.blob.example.net"]
trusted = ["eu.render.example.com"]
"#;

/// The look at a job whose submit answered with this status URL.
fn look(integration: &Integration, status_url: &str) -> Result<OutgoingRequest, MissingValue> {
    let kept = [("status_url".to_owned(), status_url.to_owned())].into_iter().collect();
    status_request(integration, &integration.base_url, Job { wait_id: Some(&wait_id()), job_id: "j1", kept: &kept })
}

#[test]
fn a_given_url_may_be_absolute_or_relative() {
    let integration = following("");
    let cases = [
        ("https://render.example.com/api/v2/j1?sig=a%2Fb", "https://render.example.com/api/v2/j1?sig=a%2Fb"),
        ("https://render.example.com:443/x", "https://render.example.com/x"),
        ("/v2/j1", "https://render.example.com/v2/j1"),
        ("v2/j1", "https://render.example.com/api/v2/j1"),
        ("?job=j1", "https://render.example.com/api/?job=j1"),
        ("//render.example.com/x", "https://render.example.com/x"),
        ("https://render.example.com/x#fragment", "https://render.example.com/x"),
        ("HTTPS://RENDER.example.com/x", "https://render.example.com/x"),
    ];
    for (given, url) in cases {
        let request = look(&integration, given).unwrap();
        assert_eq!((request.url.as_str(), request.credentials), (url, true), "{given}");
    }
}

#[test]
fn a_host_of_the_file_is_followed_with_credentials_only_if_it_is_trusted() {
    let integration = following(HOSTS);
    let cases = [
        ("https://render.example.com/x", true),
        ("https://eu.render.example.com/x", true),
        ("https://files.example.net/x", false),
        ("https://a.blob.example.net/x", false),
        ("https://a.b.blob.example.net/x", false),
    ];
    for (given, credentials) in cases {
        assert_eq!(look(&integration, given).unwrap().credentials, credentials, "{given}");
    }
}

#[test]
fn any_other_address_is_refused_with_its_scheme_and_port() {
    let integration = following(HOSTS);
    let cases = [
        ("https://evil.example/x", "https://evil.example"),
        ("https://blob.example.net/x", "https://blob.example.net"),
        ("https://xblob.example.net/x", "https://xblob.example.net"),
        ("https://x.files.example.net/x", "https://x.files.example.net"),
        ("https://us.render.example.com/x", "https://us.render.example.com"),
        ("https://render.example.com.evil.example/", "https://render.example.com.evil.example"),
        ("https://render.example.com:8443/x", "https://render.example.com:8443"),
        ("https://eu.render.example.com:8443/x", "https://eu.render.example.com:8443"),
        ("https://files.example.net:8443/x", "https://files.example.net:8443"),
        ("http://render.example.com/x", "http://render.example.com"),
        ("http://files.example.net/x", "http://files.example.net"),
        ("http://169.254.169.254/latest/meta-data", "http://169.254.169.254"),
        ("https://[::1]/x", "https://[::1]"),
        ("//evil.example/x", "https://evil.example"),
        ("\\\\evil.example\\x", "https://evil.example"),
        ("ftp://render.example.com/x", "ftp://render.example.com"),
        ("gopher://render.example.com/x", "gopher:"),
    ];
    for (given, origin) in cases {
        assert_eq!(look(&integration, given), Err(MissingValue::ForeignHost(origin.to_owned())), "{given}");
    }
    assert_eq!(
        MissingValue::ForeignHost("https://evil.example".to_owned()).to_string(),
        r#"the address is on "https://evil.example", but requests go to that of `base_url` only, and by https to the hosts of [hosts]; name its host there if they may go to it"#
    );
}

#[test]
fn what_is_no_address_is_refused_without_being_quoted() {
    let integration = following(HOSTS);
    let none = MissingValue::NotAnUrl("kept:status_url".to_owned());
    for given in ["https://", "https://a b/", "mailto:me@example.com", "javascript:alert(1)", "data:,x", "https://[::1"]
    {
        assert_eq!(look(&integration, given), Err(none.clone()), "{given}");
    }
    for given in ["https://me@render.example.com/x", "https://:hunter2@render.example.com/x"] {
        assert_eq!(look(&integration, given), Err(none.clone()), "{given}");
    }
    assert_eq!(
        none.to_string(),
        "the value for {kept:status_url} is no address that can be called; it must be an absolute or relative https URL"
    );
}

#[test]
fn the_address_of_the_base_url_includes_its_port_and_its_scheme() {
    let base: Url = "http://127.0.0.1:8080/api/".parse().unwrap();
    let hosts = Hosts::default();
    let trusts = |url: &str| hosts.trust(&url.parse().unwrap(), &base).is_some();
    assert!(trusts("http://127.0.0.1:8080/other"));
    for url in ["http://127.0.0.1/", "http://127.0.0.1:8081/", "https://127.0.0.1:8080/", "http://localhost:8080/"] {
        assert!(!trusts(url), "{url}");
    }
}

#[test]
fn a_written_url_goes_to_its_host_whatever_is_filled_in() {
    let url = "url = \"https://eu.render.example.com/v1/{job_id}/x?q={job_id}\"";
    let integration = render(&[
        ("[auth]", &format!("{HOSTS}\n[auth]")),
        ("[status]\npath = \"/v1/jobs/{job_id}\"", &format!("[status]\n{url}")),
    ]);
    let job = |job_id| {
        let (id, kept) = (wait_id(), crate::wait::Kept::default());
        status_request(&integration, &integration.base_url, Job { wait_id: Some(&id), job_id, kept: &kept }).unwrap()
    };
    assert_eq!(
        job("@evil.example/a").url,
        "https://eu.render.example.com/v1/%40evil.example%2Fa/x?q=%40evil.example%2Fa"
    );
    assert!(job("j1").credentials);
}

#[test]
fn a_request_to_a_host_without_credentials_gets_none() {
    let integration = following(HOSTS);
    let secrets = [("render/api-token", SecretValue::new("t"))];
    let authorized = |given| {
        let mut request = look(&integration, given).unwrap();
        let auth = integration.auth.as_ref().unwrap();
        authorize(&mut request, auth, &secrets, None, at("2026-11-23T12:00:00Z")).unwrap();
        request.header("authorization").map(|value| value.expose().to_owned())
    };
    assert_eq!(authorized("https://files.example.net/x"), None);
    assert_eq!(authorized("https://eu.render.example.com/x"), Some("Bearer t".to_owned()));
}

#[test]
fn a_kept_value_goes_to_no_host_that_is_only_followed_but_as_its_address() {
    let with_header = {
        let text = crate::test_support::render_text(&[
            ("[auth]", &format!("{HOSTS}\n[auth]")),
            ("job_id = \"body:/id\"", "job_id = \"body:/id\"\nkeep = { status_url = \"header:Operation-Location\" }"),
            (
                "[status]\npath = \"/v1/jobs/{job_id}\"",
                "[status]\nurl = \"{kept:status_url}\"\nheaders = { X-Poll = \"{kept:status_url}\" }",
            ),
        ]);
        Integration::parse("render", &text).unwrap()
    };
    let refused = MissingValue::ForeignHost("files.example.net".to_owned());
    assert_eq!(look(&with_header, "https://files.example.net/x"), Err(refused));
    assert!(look(&with_header, "https://eu.render.example.com/x").is_ok());
    assert!(look(&following(HOSTS), "https://files.example.net/x").is_ok());
}
