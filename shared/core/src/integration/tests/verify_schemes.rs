//! What is said of a `callback.verify` with public keys, tokens, fetched keys and windows.

use crate::test_support::try_render;

const SHIPPED: &str = r#"{ preset = "standard-webhooks", secrets = ["render/webhook"] }"#;

/// What is said after the file's name about a thin callback with `verify = { … }`.
fn said(keys: &str) -> Option<String> {
    said_in_full(&format!("{{ {keys} }}\nthin = true"))
}

fn said_in_full(verify: &str) -> Option<String> {
    let error = try_render(&[(SHIPPED, verify)]).err()?.to_string();
    Some(error.strip_prefix("integrations/render.toml: ").unwrap().to_owned())
}

fn assert_says(cases: &[(&str, &str)]) {
    for (keys, says) in cases {
        assert_eq!(said(keys).as_deref(), Some(*says), "{keys}");
    }
}

const SIGNED: &str = r#"content = "{body}", signature = { header = "X-S" }"#;
const ED25519_HEX: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

#[test]
fn what_does_not_cover_the_body_needs_a_word_and_a_look_at_the_job() {
    let thin = "callback.thin: must be true, as what callback.verify describes does not cover the body: whoever saw one event could send others, so an event may only cause a look at the job";
    let uncovered = r#"hmac = "sha256", secrets = ["a"], content = "{body:/a}{body_crc32}", signature = { header = "X-S" }, covers_body = false"#;
    for verify in [
        uncovered,
        r#"preset = "mailgun", secrets = ["a"]"#,
        r#"preset = "adyen", secrets = ["a"]"#,
        r#"preset = "paypal", values = { webhook_id = "1" }"#,
        r#"preset = "aws-sns", values = { topic_arn = "arn" }"#,
        r#"preset = "aws-sns-v1", values = { topic_arn = "arn" }"#,
    ] {
        assert_eq!(said_in_full(&format!("{{ {verify} }}")).as_deref(), Some(thin), "{verify}");
        assert_eq!(said(verify), None, "{verify}");
    }
    let needless = "callback.verify.covers_body: is not so: another body would need another signature; leave it out";
    assert_says(&[(&format!(r#"hmac = "sha256", secrets = ["a"], covers_body = false, {SIGNED}"#), needless)]);
    // A checksum is no proof.
    let body = "callback.verify.content: must hold {body}, {body_sha256} or {sorted_form}, or any body could follow a signature that was seen once; if the third party signs no more, write covers_body = false here and thin = true in [callback]";
    let checksum = r#"hmac = "sha256", secrets = ["a"], content = "{body_crc32}", signature = { header = "X-S" }"#;
    assert_says(&[(checksum, body), (&format!("{checksum}, covers_body = true"), body)]);
}

#[test]
fn public_keys_are_written_as_the_file_says_and_are_for_the_algorithm() {
    let bad = "callback.verify.keys: holds a key that is not a public key of Ed25519, written as `key` says";
    let signed = |keys: &str| format!(r#"public_key = "ed25519", {SIGNED}, {keys}"#);
    assert_eq!(said(&signed(&format!(r#"key = "hex", keys = ["{ED25519_HEX}"]"#))), None);
    for keys in [
        r#"key = "hex", keys = ["00"]"#.to_owned(),
        format!(r#"key = "base64", keys = ["{ED25519_HEX}"]"#),
        format!(r#"keys = ["{ED25519_HEX}"]"#),
        // A key of P-256.
        r#"key = "base64", keys = ["MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="]"#.to_owned(),
    ] {
        assert_says(&[(&signed(&keys), bad)]);
    }
    let five = format!(r#"key = "hex", keys = [{}]"#, format!(r#""{ED25519_HEX}", "#).repeat(5));
    assert_says(&[
        (&signed(&five), "callback.verify.keys: write 1 to 4 keys"),
        (&signed(""), "callback.verify.secrets: name 1 to 4 secrets, or write public `keys`"),
        (
            &signed(r#"key = "text", secrets = ["a"]"#),
            "callback.verify.key: is for secrets; a public key is \"pem\", \"base64\", \"base64url\" or \"hex\"",
        ),
        (
            &format!(r#"hmac = "sha256", secrets = ["a"], key = "pem", {SIGNED}"#),
            "callback.verify.key: is for public keys; a secret of `hmac` is \"text\", \"base64\", \"base64url\" or \"hex\"",
        ),
        (
            &format!(r#"hmac = "sha256", secrets = ["a"], keys = ["x"], {SIGNED}"#),
            "callback.verify.keys: is for public keys; with `hmac`, name the `secrets`",
        ),
        (
            r#"preset = "github", keys = ["x"]"#,
            "callback.verify.keys: is for public keys; with `hmac`, name the `secrets`",
        ),
        (r#"preset = "basic", keys = ["x"], secrets = ["a"]"#, "callback.verify.secrets: name 1 to 4 secrets"),
    ]);
}

#[test]
fn a_token_signs_itself_and_says_where_the_bodys_hash_is() {
    let hash = r#"body_hash = { claim = "/h" }"#;
    let token = r#"jwt = "ES256", secrets = ["a"], signature = { header = "X-S" }"#;
    assert_eq!(said(&format!("{token}, {hash}")), None);
    let covers = "callback.verify.jwt: must hold {body}, {body_sha256} or {sorted_form}, or any body could follow a signature that was seen once; if the third party signs no more, write covers_body = false here and thin = true in [callback]";
    assert_says(&[
        (token, covers),
        (
            &format!(r#"{token}, {hash}, content = "{{body}}""#),
            "callback.verify.content: is what a token signs of itself; say in `body_hash` which claim holds the body's hash",
        ),
        (
            &format!(r#"{token}, body_hash = {{ header = "X-H" }}"#),
            "callback.verify.body_hash: must be a `claim` of a token, and a `header` or `query` of anything else",
        ),
        (
            &format!(r#"{token}, {hash}, timestamp = {{ header = "X-T" }}"#),
            "callback.verify.timestamp: must be a `claim` of the token, which signs nothing else",
        ),
        (
            &format!(r#"jwt = "ES256", secrets = ["a"], signature = {{ query = "s" }}, {hash}"#),
            "callback.verify.signature: is the token itself: name the `header` that holds it, and no fields",
        ),
        (
            &format!(r#"hmac = "sha256", secrets = ["a"], {SIGNED}, timestamp = {{ claim = "/iat" }}"#),
            "callback.verify.timestamp.claim: is for tokens, which `jwt` describes",
        ),
        (
            &format!(r#"hmac = "sha256", secrets = ["a"], {SIGNED}, body_hash = {{ query = "h" }}"#),
            "callback.verify.content: must hold the hash that `body_hash` names, or any hash could follow the signature",
        ),
    ]);
    for algorithm in ["none", "HS256", "es256"] {
        let said = said(&format!(r#"jwt = "{algorithm}", secrets = ["a"], signature = {{ header = "X-S" }}, {hash}"#));
        assert!(said.unwrap().contains("expected one of `ES256`, `RS256`, `EdDSA`"), "{algorithm}");
    }
}

#[test]
fn keys_are_fetched_from_where_the_file_says_and_by_https() {
    let signed = |keys: &str| format!(r#"public_key = "ed25519", {SIGNED}, {keys}"#);
    let address = "callback.verify.jwks.url: is not an address: write it whole, with https://";
    for url in
        ["http://keys.example.com/jwks", "keys.example.com/jwks", "https://user@keys.example.com/jwks", "file:///keys"]
    {
        assert_says(&[(&signed(&format!(r#"jwks = {{ url = "{url}" }}"#)), address)]);
    }
    let jwks = r#"jwks = { url = "https://keys.example.com/jwks""#;
    assert_says(&[
        (
            &signed(&format!(r#"{jwks}, post = {{ id = "{{key_id}}" }} }}"#)),
            "callback.verify.jwks.post: needs `key_id`, as one key is asked for",
        ),
        (
            &signed(&format!(r#"{jwks}, key_id = "header:X-K", post = {{ id = "k1" }} }}"#)),
            "callback.verify.jwks.post: must hold {key_id}, as one key is asked for",
        ),
        (
            &signed(&format!(
                r#"{jwks}, key_id = "header:X-K", post = {{ id = "{{key_id}}", s = "{{credential:s}}" }} }}"#
            )),
            "callback.verify.jwks.post: {credential:s} stands for no secret: write credentials = { s = \"vendor/secret\" } in verify",
        ),
        (
            r#"preset = "plaid""#,
            "callback.verify.jwks.post: {credential:client_id} stands for no secret: write credentials = { client_id = \"vendor/secret\" } in verify",
        ),
        (
            &signed(&format!(
                r#"{jwks} }}, certificate = {{ url = "header:X-C", hosts = ["api.example.com"], path = "/c" }}"#
            )),
            "callback.verify.certificate: is another source of keys than `jwks`; leave out the one or the other",
        ),
        (
            &signed(r#"certificate = { url = "header:X-C", hosts = ["*.com"], path = "/c" }"#),
            "callback.verify.certificate: \"*.com\" is not a host: write its name in lower case, \"*\" for one of its labels, for example \"sns.*.amazonaws.com\"",
        ),
        (
            &signed(r#"certificate = { url = "code", hosts = ["api.example.com"], path = "/c" }"#),
            "callback.verify.certificate.url: a delivery has no code: write \"header:Name\" or \"body:/pointer\"",
        ),
    ]);
}

#[test]
fn a_value_of_the_file_is_named_in_it() {
    let webhook_id = "callback.verify.content: {value:webhook_id} stands for nothing: write values = { webhook_id = \"…\" } beside it";
    assert_says(&[(r#"preset = "paypal""#, webhook_id)]);
    let lines = r#"hmac = "sha256", secrets = ["a"], covers_body = false, signature = { header = "X-S" }, content = "{body_lines:A,,B}""#;
    let says = "callback.verify.content: {body_lines:A,,B} does not name 1 to 32 members of the body: write for example {body_lines:Message,MessageId}";
    assert_says(&[(lines, says)]);
}

#[test]
fn a_secret_counts_within_a_window_that_exists() {
    let window = |window: &str| format!(r#"preset = "github", secrets = [{{ name = "a", {window} }}]"#);
    assert_eq!(said(&window(r#"from = "2026-01-01T00:00:00Z", until = "2026-02-01T00:00:00+01:00""#)), None);
    assert_says(&[
        (
            &window(r#"from = "2026-02-01T00:00:00Z", until = "2026-02-01T00:00:00Z""#),
            "callback.verify.secrets: \"a\" would never count, as it counts from 2026-02-01T00:00:00Z until 2026-02-01T00:00:00Z",
        ),
        (
            &window(r#"until = "2026-02-01""#),
            "callback.verify.secrets: \"2026-02-01\" is not a date and time: write for example \"2026-12-31T00:00:00Z\"",
        ),
    ]);
    let unknown = said(&window(r#"til = "2026-02-01T00:00:00Z""#)).unwrap();
    assert!(unknown.contains("unknown field `til`, expected one of `name`, `from`, `until`"), "{unknown}");
    let number = said(r#"preset = "github", secrets = [7]"#).unwrap();
    assert!(number.contains("expected a secret's name such as \"vendor/webhook\""), "{number}");
}
