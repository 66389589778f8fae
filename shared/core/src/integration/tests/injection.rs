//! No value that is filled in gets out of the place where it stands: whoever
//! reads the request finds exactly the value there, and the same parts around it.

use crate::integration::{Bindings, Integration, MissingValue};
use crate::request::{Job, OutgoingRequest, status_request, submit_request};
use crate::test_support::{bindings, render, wait_id};
use crate::wait::Kept;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;
use url::Url;

const PATH: &str = "path = \"/v1/jobs\"";
const BODY: &str = "body = { scene = \"{request:/scene}\" }\n";

/// An integration whose submit has this path and these lines.
fn submitting(path: &str, lines: &str) -> Integration {
    render(&[(PATH, &format!("path = \"{path}\"")), (BODY, &format!("{lines}\n"))])
}

fn submit(integration: &Integration, value: &str) -> Result<OutgoingRequest, MissingValue> {
    let (payload, kept) = (json!({"v": value}), Kept::default());
    let bindings = Bindings { callback_url: None, ..bindings(&payload, &kept) };
    Ok(submit_request(integration, &integration.base_url, &bindings, None)?.unwrap())
}

fn body(integration: &Integration, value: &str) -> String {
    submit(integration, value).unwrap().body.unwrap()
}

/// Any text, often of what means something to one reader or another.
fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => any::<String>(),
        2 => "(?s).{0,24}",
        1 => "[./\\\\%2eE?#&=;:@+\"'<>{}\\[\\]\r\n\t\u{0} ]{0,12}",
    ]
}

// Parsed once, for 10,000 cases each.
static IN_PATH: LazyLock<Integration> = LazyLock::new(|| submitting("/a/{request:/v}.x/b?q={request:/v}&r=1", ""));
static AFTER_A_DOT: LazyLock<Integration> = LazyLock::new(|| submitting("/a/.{request:/v}/%2{request:/v}/b", ""));
static IN_QUERY: LazyLock<Integration> =
    LazyLock::new(|| submitting("/a?z=0", "query = { p = \"<{request:/v}>\", \"q[]\" = \"{request:/v}\" }"));
static IN_HEADER: LazyLock<Integration> = LazyLock::new(|| submitting("/a", "headers = { X-V = \"<{request:/v}>\" }"));
static IN_FORM: LazyLock<Integration> =
    LazyLock::new(|| submitting("/a", "form = { a = \"<{request:/v}>\", \"b[c]\" = \"{request:/v}\", c = \"1\" }"));
static IN_JSON: LazyLock<Integration> =
    LazyLock::new(|| submitting("/", r#"body = { a = "<{request:/v}>", b = ["{request:/v}"], c = 1 }"#));
static IN_RAW_JSON: LazyLock<Integration> = LazyLock::new(|| raw("json", r#"{{"a": "<{request:/v}>", "b": 1}}"#));
static IN_RAW_XML: LazyLock<Integration> = LazyLock::new(|| raw("xml", "<a b=\"{request:/v}\">{request:/v}</a>"));
static IN_RAW_URL: LazyLock<Integration> = LazyLock::new(|| raw("url", "a={request:/v}&b=1"));
static GIVEN: LazyLock<Integration> = LazyLock::new(|| {
    render(&[
        ("job_id = \"body:/id\"", "job_id = \"body:/id\"\nkeep = { status_url = \"header:Location\" }"),
        ("[status]\npath = \"/v1/jobs/{job_id}\"", "[status]\nurl = \"{kept:status_url}\""),
    ])
});

fn raw(escape: &str, text: &str) -> Integration {
    submitting("/", &format!("raw = {{ content_type = \"text/x\", escape = \"{escape}\", text = '''{text}''' }}"))
}

/// What XML 1.0 cannot hold becomes U+FFFD, as do the other control characters.
fn as_xml_holds(value: &str) -> String {
    value
        .chars()
        .map(|c| if c.is_control() && !"\t\n\r".contains(c) || "\u{fffe}\u{ffff}".contains(c) { '\u{fffd}' } else { c })
        .collect()
}

fn unescape_xml(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#9;", "\t"),
        ("&#10;", "\n"),
        ("&#13;", "\r"),
    ];
    let text = named.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain));
    text.replace("&amp;", "&")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_value_leaves_its_path_segment(value in any_value()) {
        let Ok(request) = submit(&IN_PATH, &value) else {
            prop_assert!(["", ".", ".."].contains(&value.as_str()));
            return Ok(());
        };
        let url = Url::parse(&request.url).unwrap();
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 4, "{}", url);
        prop_assert_eq!((segments[0], segments[1], segments[3]), ("api", "a", "b"));
        prop_assert_eq!(percent_decode_str(segments[2]).decode_utf8().unwrap(), format!("{value}.x"));
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        prop_assert_eq!(query, [("q".to_owned(), value), ("r".to_owned(), "1".to_owned())]);
        prop_assert_eq!((url.host_str(), url.port(), url.fragment()), (Some("render.example.com"), None, None));
        prop_assert_eq!((url.username(), url.password()), ("", None));
    }

    #[test]
    fn no_run_of_dots_and_slashes_changes_the_path(value in "[./\\\\%2eE?#]{0,6}") {
        if let Ok(request) = submit(&AFTER_A_DOT, &value) {
            let url = Url::parse(&request.url).unwrap();
            prop_assert_eq!(url.path_segments().unwrap().count(), 5, "{}", url);
        }
    }

    #[test]
    fn no_value_leaves_its_query_key(value in any_value()) {
        let url = Url::parse(&submit(&IN_QUERY, &value).unwrap().url).unwrap();
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let expected = [("z", "0".to_owned()), ("p", format!("<{value}>")), ("q[]", value)];
        prop_assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value)));
        prop_assert_eq!((url.path(), url.fragment()), ("/api/a", None));
    }

    #[test]
    fn no_value_leaves_its_header(value in any_value()) {
        match submit(&IN_HEADER, &value) {
            Ok(request) => {
                let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
                let expected = format!("<{value}>");
                prop_assert_eq!(headers, [("x-v", expected.as_str()), ("accept", "application/json")]);
                prop_assert!(!expected.contains(['\r', '\n', '\0']));
            }
            Err(error) => {
                prop_assert_eq!(error, MissingValue::Control("request:/v".to_owned()));
                prop_assert!(value.chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn no_value_leaves_its_form_field(value in any_value()) {
        let body = body(&IN_FORM, &value);
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let expected = [("a", format!("<{value}>")), ("b[c]", value), ("c", "1".to_owned())];
        prop_assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn no_value_leaves_its_json_string(value in any_value()) {
        let sent: Value = serde_json::from_str(&body(&IN_JSON, &value)).unwrap();
        prop_assert_eq!(sent, json!({"a": format!("<{value}>"), "b": [value], "c": 1}));
    }

    #[test]
    fn no_value_leaves_its_string_in_json_written_as_text(value in any_value()) {
        let sent: Value = serde_json::from_str(&body(&IN_RAW_JSON, &value)).unwrap();
        prop_assert_eq!(sent, json!({"a": format!("<{value}>"), "b": 1}));
    }

    #[test]
    fn no_value_leaves_its_element_or_attribute_in_xml(value in any_value()) {
        let sent = body(&IN_RAW_XML, &value);
        let inner = sent.strip_prefix("<a b=\"").and_then(|rest| rest.strip_suffix("</a>")).unwrap();
        let (attribute, text) = inner.split_once("\">").unwrap();
        for part in [attribute, text] {
            prop_assert!(!part.contains(['<', '>', '"', '\'']), "{}", part);
            prop_assert_eq!(unescape_xml(part), as_xml_holds(&value));
        }
    }

    #[test]
    fn no_value_leaves_its_field_in_a_url_written_as_text(value in any_value()) {
        let body = body(&IN_RAW_URL, &value);
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        prop_assert_eq!(fields, [("a".to_owned(), value), ("b".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn no_given_address_leads_to_a_host_that_the_file_does_not_name(
        prefix in prop::sample::select(vec!["", "/", "//", "\\\\", "https:", "https://", "https://render.example.com", "http://render.example.com/"]),
        value in any_value(),
    ) {
        let kept = [("status_url".to_owned(), format!("{prefix}{value}"))].into_iter().collect();
        let job = Job { wait_id: Some(&wait_id()), job_id: "j1", kept: &kept };
        if let Ok(request) = status_request(&GIVEN, &GIVEN.base_url, job) {
            let url = Url::parse(&request.url).unwrap();
            prop_assert_eq!(url.origin().ascii_serialization(), "https://render.example.com");
            prop_assert_eq!((url.username(), url.password()), ("", None));
        }
    }
}
