//! Keys that a third party publishes: which are asked for, and what is made of the answer.

use super::cases::{CASES, Case, RSA_CERTIFICATE, SENT};
use super::verification;
use crate::SecretValue;
use crate::answer::Answer;
use crate::integration::Method;
use crate::test_support::at;
use crate::webhook::{KeyError, KeyRequest, Refusal};
use serde_json::{Value, json};

fn case(preset: &str) -> &'static Case {
    CASES.iter().find(|case| case.preset == preset).unwrap()
}

fn request(preset: &str) -> KeyRequest {
    case(preset).verification().key_request(&case(preset).genuine()).unwrap().unwrap()
}

fn answer(status: u16, body: &[u8]) -> Answer {
    Answer { status, headers: Vec::new(), body: body.to_vec(), truncated: false }
}

#[test]
fn a_certificate_is_asked_for_on_the_hosts_of_the_preset_only() {
    let sns = "/SimpleNotificationService-01d088a6.pem";
    for (preset, hosts) in [
        (
            "aws-sns",
            [
                format!("https://sns.evil.com{sns}"),
                format!("https://sns.us-east-1.amazonaws.com.evil.com{sns}"),
                format!("https://sns.us-east-1.amazonaws.com@evil.com{sns}"),
                format!("http://sns.us-east-1.amazonaws.com{sns}"),
                format!("https://sns.us-east-1.amazonaws.com:444{sns}"),
                format!("https://sns.us-east-1.amazonaws.com/?x={sns}"),
            ],
        ),
        (
            "paypal",
            [
                "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1".to_owned(),
                "https://api.paypal.com.evil.com/v1/notifications/certs/CERT-1".to_owned(),
                "https://api.paypal.com@evil.com/v1/notifications/certs/CERT-1".to_owned(),
                "http://api.paypal.com/v1/notifications/certs/CERT-1".to_owned(),
                "https://api.paypal.com/v1/notifications/certs/../../CERT-1".to_owned(),
                "https://www.paypal.com/v1/notifications/certs/CERT-1".to_owned(),
            ],
        ),
    ] {
        let case = case(preset);
        for url in hosts {
            let mut delivery = case.genuine();
            if preset == "paypal" {
                delivery.headers.insert("paypal-cert-url".to_owned(), url.clone());
            } else {
                let mut body: Value = serde_json::from_slice(&delivery.body).unwrap();
                body["SigningCertURL"] = json!(url);
                delivery.body = body.to_string().into_bytes();
            }
            let asked = case.verification().key_request(&delivery);
            assert!(matches!(asked, Err(Refusal::ForeignKeyHost { .. })), "{url}: {asked:?}");
            // Even with the right key at hand.
            assert_eq!(case.check(&delivery, at(SENT)).unwrap_err(), asked.unwrap_err(), "{url}");
        }
    }
}

#[test]
fn a_foreign_address_is_refused_without_repeating_it() {
    let mut delivery = case("paypal").genuine();
    delivery.headers.insert("paypal-cert-url".to_owned(), "https://evil.com/x".to_owned());
    let refusal = case("paypal").verification().key_request(&delivery).unwrap_err();
    let says = "the header \"paypal-cert-url\" is not an address on api.paypal.com under /v1/notifications/certs/*";
    assert_eq!((refusal.to_string().as_str(), refusal.is_ours()), (says, false));
}

#[test]
fn what_is_asked_follows_no_redirect_carries_no_credentials_and_is_bounded() {
    let urls = [
        ("fal", "https://rest.alpha.fal.ai/.well-known/jwks.json"),
        ("paypal", "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594"),
        ("aws-sns", "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-01d088a6.pem"),
    ];
    for (preset, url) in urls {
        let request = request(preset);
        assert_eq!((request.name().as_str(), request.key_id(), request.secrets()), (url, None, vec![]), "{preset}");
        let outgoing = request.request(&[]).unwrap();
        assert_eq!((outgoing.method, outgoing.url.as_str(), &outgoing.body), (Method::Get, url, &None));
        assert_eq!((outgoing.credentials, outgoing.redirects, outgoing.most_bytes), (false, false, 65_536));
    }
}

#[test]
fn plaids_keys_are_asked_for_one_by_one_with_its_credentials() {
    let request = request("plaid");
    assert_eq!(request.name(), "https://production.plaid.com/webhook_verification_key/get#k1");
    assert_eq!((request.key_id(), request.secrets()), (Some("k1"), vec!["plaid/id", "plaid/secret"]));
    let secrets = [("plaid/id", SecretValue::new("id")), ("plaid/secret", SecretValue::new(" hush\n"))];
    let outgoing = request.request(&secrets).unwrap();
    assert_eq!(outgoing.url, "https://production.plaid.com/webhook_verification_key/get");
    let body: Value = serde_json::from_str(outgoing.body.as_deref().unwrap()).unwrap();
    assert_eq!(body, json!({"client_id": "id", "secret": "hush", "key_id": "k1"}));
    assert_eq!((outgoing.method, outgoing.redirects), (Method::Post, false));
    assert_eq!(request.request(&secrets[..1]), Err(KeyError::NoSecret("plaid/secret".to_owned())));
    assert!(!format!("{outgoing:?}").contains("hush"));
}

#[test]
fn a_token_without_a_key_id_names_no_key_to_ask_for() {
    let case = case("plaid");
    let unnamed = crate::webhook::Signing { key_id: None, ..case.signing(case.signs) };
    let plain = super::delivery(&[], b"{}");
    let delivery = crate::webhook::sign(&case.verification(), &plain, &unnamed).unwrap();
    assert_eq!(case.verification().key_request(&delivery), Err(Refusal::NoKeyId));
    assert_eq!(case.check(&delivery, at(SENT)), Err(Refusal::NoKeyId));
}

#[test]
fn an_answer_without_keys_is_told_by_what_it_should_have_been() {
    let (jwks, certificate) = (request("fal"), request("paypal"));
    assert_eq!(jwks.read(&answer(404, b"{}")), Err(KeyError::Status(404)));
    assert_eq!(jwks.read(&Answer { truncated: true, ..answer(200, b"{}") }), Err(KeyError::TooLarge));
    assert_eq!(jwks.read(&answer(200, &[b' '; 65_537])), Err(KeyError::TooLarge));
    for body in ["", "<html>", "{}", r#"{"keys":{}}"#] {
        assert_eq!(jwks.read(&answer(200, body.as_bytes())), Err(KeyError::NoKeys("a set of keys")), "{body}");
    }
    for body in ["", "<html>", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] {
        let none = Err(KeyError::NoKeys("a certificate in PEM"));
        assert_eq!(certificate.read(&answer(200, body.as_bytes())), none, "{body}");
    }
    let chain = format!("{RSA_CERTIFICATE}{}", super::cases::RSA_OTHER);
    assert_eq!(
        certificate.read(&answer(200, chain.as_bytes())),
        certificate.read(&answer(200, RSA_CERTIFICATE.as_bytes()))
    );
}

#[test]
fn a_key_that_is_not_published_has_expired_or_is_for_something_else_verifies_nothing() {
    let case = case("plaid");
    let genuine = case.genuine();
    let jwk: Value = serde_json::from_str(case.document.unwrap()).unwrap();
    let checked = |name: &str, value: Value| {
        let mut document = jwk.clone();
        document["key"][name] = value;
        case.check_with(&case.verification(), &genuine, None, Some(&document.to_string()), at(SENT))
    };
    // 2021-02-25T15:02:10Z is 1614265330.
    assert!(checked("expired_at", json!(1_614_265_331)).is_ok());
    let unknown = Refusal::UnknownKey("production.plaid.com".to_owned());
    for (name, value) in [
        ("expired_at", json!(1_614_265_330)),
        ("kid", json!("k2")),
        ("kid", Value::Null),
        ("use", json!("enc")),
        ("kty", json!("RSA")),
        ("crv", json!("P-384")),
        ("x", json!("AAAA")),
    ] {
        assert_eq!(checked(name, value.clone()), Err(unknown.clone()), "{name} {value}");
    }
    assert!(!unknown.is_ours());
}

#[test]
fn no_more_keys_of_a_set_are_looked_at_than_the_limit() {
    let case = case("fal");
    let set = |others: usize| {
        let other = json!({"kty": "OKP", "crv": "Ed25519", "x": "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"});
        let mine = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let mut keys = vec![other; others];
        keys.push(mine);
        let document = json!({ "keys": keys }).to_string();
        case.check_with(&case.verification(), &case.genuine(), None, Some(&document), at(SENT)).is_ok()
    };
    assert_eq!((set(63), set(64)), (true, false));
}

#[test]
fn a_set_of_rsa_keys_is_read_too() {
    // The modulus of keys/rsa.pem.
    let verification = verification(
        r#"{ public_key = "rsa-sha256", content = "{body}", signature = { header = "X-S", encoding = "base64" }, jwks = { url = "https://keys.example.com/certs/jwks.json", key_id = "header:X-K" } }"#,
    );
    let case = Case { signs: super::cases::RSA_PRIVATE, ..*case("paypal") };
    let plain = super::delivery(&[("x-k", "k1")], b"{}");
    let delivery = crate::webhook::sign(&verification, &plain, &case.signing(case.signs)).unwrap();
    let set = |n: &str| json!({"keys": [{"kid": "k1", "kty": "RSA", "n": n, "e": "AQAB"}]}).to_string();
    let checked = |n: &str| case.check_with(&verification, &delivery, None, Some(&set(n)), at(SENT));
    let modulus = MODULUS.to_owned();
    assert!(checked(&modulus).is_ok());
    assert_eq!(checked(&modulus.replacen('w', "x", 1)), Err(Refusal::NoMatch { signatures: 1, secrets: 1 }));
}

const MODULUS: &str = "9e9gZhJ1PrFol9-GfjCG1dUROr4QV9_rPHG3kr9y7_odbWTOclgemDZzDRjNNG0Nynq8Czdwnm7_l60A5p1mAZ26sW9dbCjdFETkvXQavUJPYObxl7EIihqvd5JnBZ82GWMfWX8OjzwSgeuf1D_j0IuWWkoBqR0Qof1DYatfLS-29iD9nglOMHfNZF_pcL5qUSLOu7xHqlbnkFkk1l63gtnUluoN2hOXwZJeHErlZNRCTSatzm5KFJH35l7qZUoEjef9t8C8Co96zTRxlvfEC0dVL3t3o025_gTBgDOK9AEiCMK_tsT815PH4tah99saWC9BDSZQhfqNd0CX2K1s4w";
