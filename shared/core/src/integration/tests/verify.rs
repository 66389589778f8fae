//! What is said of a `callback.verify` that could not verify anything, or too much.

use crate::test_support::try_render;

const SHIPPED: &str = r#"{ preset = "standard-webhooks", secrets = ["render/webhook"] }"#;

/// What is said after the file's name about `verify = { secrets = ["a"], … }`.
fn said(keys: &str) -> Option<String> {
    let verify = format!(r#"{{ secrets = ["a"], {keys} }}"#);
    let error = try_render(&[(SHIPPED, &verify)]).err()?.to_string();
    Some(error.strip_prefix("integrations/render.toml: ").unwrap().to_owned())
}

/// The same of a signature in hex with this content, and further keys.
fn said_of_content(content: &str, keys: &str) -> Option<String> {
    said(&format!(r#"hmac = "sha256", content = "{content}", signature = {{ header = "X-S" }}{keys}"#))
}

fn assert_says(cases: &[(&str, &str)]) {
    for (keys, says) in cases {
        assert_eq!(said(keys).as_deref(), Some(*says), "{keys}");
    }
}

#[test]
fn a_scheme_is_named_or_described_and_not_both() {
    let neither = "callback.verify: name a `preset`, for example \"standard-webhooks\", or describe the signature with `signature` and one of `hmac` and `public_key`, both with `content`, and `jwt`";
    let twice = "is part of what the preset says already; leave out the one or the other";
    let content = format!("callback.verify.content: {twice}");
    let tolerance = format!("callback.verify.timestamp: {twice}");
    assert_says(&[
        ("", neither),
        (r#"hmac = "sha256""#, neither),
        (r#"content = "{body}", signature = { header = "X-S" }"#, neither),
        (r#"preset = "stripe", content = "{body}""#, &content),
        (r#"preset = "stripe", timestamp = { field = "t", tolerance = "1h" }"#, &tolerance),
    ]);
}

#[test]
fn the_header_of_a_shared_secret_is_needed_there_and_nowhere_else() {
    let misplaced =
        "callback.verify.header: belongs to the preset \"shared-header\"; a signature's header is named in `signature`";
    assert_says(&[
        (r#"preset = "shared-header""#, "callback.verify.header: name the header that holds the secret"),
        (
            r#"preset = "shared-header", header = "X Secret""#,
            r#"callback.verify.header: "X Secret" is not a header's name: write for example "Idempotency-Key""#,
        ),
        (r#"preset = "github", header = "X-S""#, misplaced),
        (r#"preset = "basic", header = "X-S""#, misplaced),
        (r#"hmac = "sha256", content = "{body}", signature = { header = "X-S" }, header = "X-S""#, misplaced),
    ]);
}

#[test]
fn the_signed_content_must_cover_the_body_and_the_time() {
    let body = "callback.verify.content: must hold {body}, {body_sha256} or {sorted_form}, or any body could follow a signature that was seen once; if the third party signs no more, write covers_body = false here and thin = true in [callback]";
    for content in ["", "{url}", "{{body}}", "{header:X-Body}"] {
        assert_eq!(said_of_content(content, "").as_deref(), Some(body), "{content:?}");
    }
    let time = "callback.verify.content: must hold {timestamp}, or anybody could renew an old delivery; if the sender does not sign it, leave `timestamp` out";
    let timestamp = r#", timestamp = { header = "X-T" }"#;
    for content in ["{body}", "{body}{header:X-U}"] {
        assert_eq!(said_of_content(content, timestamp).as_deref(), Some(time), "{content:?}");
    }
    for content in ["{timestamp}{body}", "{header:x-t}{body_sha256}"] {
        assert_eq!(said_of_content(content, timestamp), None, "{content:?}");
    }
    assert_eq!(said_of_content("{body}", r#", timestamp = { body = "/at" }"#), None);
}

#[test]
fn a_placeholder_of_the_content_is_one_that_can_be_filled() {
    let cases = [
        (
            "{bodyy}",
            "{bodyy} is no placeholder: there are {body}, {body_sha256}, {body_crc32}, {body:/pointer}, {body?:/pointer}, {body_lines:A,B}, {timestamp}, {header:Name}, {field:name}, {query:name}, {form:name}, {sorted_form}, {method}, {path}, {url}, {full_url} and {value:name}; double a brace that is meant as one",
        ),
        ("{body}{timestamp}", "{timestamp} needs `timestamp`, which says where it stands"),
        (
            "{body}{field:t}",
            "{field:t} needs a signature header of fields: name the signature's own in `signature.field`",
        ),
        ("{body}{header:X T}", r#""X T" is not a header's name: write for example "Idempotency-Key""#),
        ("{body", r#""{body" has a brace without its partner; double a brace that is meant as one"#),
        ("body}", r#""body}" has a brace without its partner; double a brace that is meant as one"#),
    ];
    for (content, says) in cases {
        assert_eq!(said_of_content(content, ""), Some(format!("callback.verify.content: {says}")), "{content}");
    }
    let fields = r#"hmac = "sha256", content = "{body}{field:}", signature = { header = "X-S", field = "v1" }"#;
    assert_says(&[(fields, "callback.verify.content: {field:} names no field: write for example {field:t}")]);
    let in_body = said_of_content("{body}{timestamp}", r#", timestamp = { body = "/at" }"#);
    assert_eq!(in_body, None);
}

#[test]
fn a_signature_is_in_one_place_that_exists() {
    let headers =
        "callback.verify.signature: name one `header`, or 1 to 10 `headers`, or the place in `query` or `body`";
    let eleven = format!("headers = [{}]", r#""X-S", "#.repeat(11));
    let cases = [
        ("", headers),
        (r#"header = "X-S", headers = ["X-T"]"#, headers),
        (&eleven, headers),
        (
            r#"header = "X S""#,
            r#"callback.verify.signature: "X S" is not a header's name: write for example "Idempotency-Key""#,
        ),
        (
            r#"headers = ["X-S", "X-T"], field = "v1""#,
            "callback.verify.signature.field: is for one `header`; with `headers`, each is a signature of its own",
        ),
        (
            r#"header = "X-S", field = "v1=""#,
            r#"callback.verify.signature.field: "v1=" is not a field's name: write what stands before its "=", for example "v1""#,
        ),
    ];
    for (signature, says) in cases {
        let keys = format!(r#"hmac = "sha256", content = "{{body}}", signature = {{ {signature} }}"#);
        assert_eq!(said(&keys).as_deref(), Some(says), "{signature}");
    }
}

#[test]
fn a_timestamp_is_in_one_place_and_its_tolerance_in_bounds() {
    let place = "callback.verify.timestamp: say in exactly one of `header`, `field`, `query`, `form`, `body` and `claim` where it stands";
    let bounds = "callback.verify.timestamp.tolerance: must lie between 1s and 1day";
    let cases = [
        ("", place),
        (r#"header = "X-T", field = "t""#, place),
        (r#"header = "X-T", body = "/at""#, place),
        (
            r#"header = "X T""#,
            r#"callback.verify.timestamp.header: "X T" is not a header's name: write for example "Idempotency-Key""#,
        ),
        (
            r#"field = "t""#,
            "callback.verify.timestamp.field: needs a signature header of fields: name the signature's own field in `signature.field` as well",
        ),
        (r#"header = "X-T", tolerance = "0s""#, bounds),
        (r#"header = "X-T", tolerance = "25h""#, bounds),
        (
            r#"header = "X-T", tolerance = "300""#,
            r#"callback.verify.timestamp.tolerance: "300" is not a duration (time unit needed, for example 300sec or 300ms); write for example "30s", "2m" or "1h""#,
        ),
    ];
    for (timestamp, says) in cases {
        let timestamp = format!(", timestamp = {{ {timestamp} }}");
        assert_eq!(said_of_content("{timestamp}{body}", &timestamp).as_deref(), Some(says), "{timestamp}");
    }
}

#[test]
fn a_misspelt_key_or_value_is_pointed_at() {
    let first_lines = [
        (r#"preset = "github", secret = "a""#, "unknown field `secret`"),
        (r#"hmac = "md5""#, "unknown variant `md5`, expected one of `sha1`, `sha256`, `sha384`, `sha512`"),
        (
            r#"hmac = "sha256", key = "der""#,
            "unknown variant `der`, expected one of `text`, `base64`, `base64url`, `hex`, `pem`",
        ),
        (r#"signature = { header = "X-S", separator = "|" }"#, "unknown variant `|`, expected one of ` `, `,`, `;`"),
        (
            r#"signature = { header = "X-S", encoding = "base32" }"#,
            "unknown variant `base32`, expected one of `hex`, `base64`, `base64url`",
        ),
        (
            r#"timestamp = { header = "X-T", unit = "s" }"#,
            "unknown variant `s`, expected one of `seconds`, `milliseconds`, `rfc3339`",
        ),
        (r#"timestamp = { body = "at" }"#, r#""at" is not a JSON Pointer: start it with "/", for example "/data/id""#),
        (
            r#"preset = "github", id = "x-id""#,
            r#""x-id" says no place: write "body:/pointer", "header:Name" or "code""#,
        ),
    ];
    for (keys, says) in first_lines {
        let said = said(keys).unwrap();
        let (_, message) = said.lines().next().unwrap().split_once(": ").unwrap();
        assert!(message.starts_with(says), "{keys}: {said}");
        assert!(said.starts_with("line 32, column "), "{said}");
    }
}
