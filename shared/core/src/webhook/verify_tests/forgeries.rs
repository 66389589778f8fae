//! What is refused of an otherwise genuine delivery, for every preset.

use super::presets::{SAMPLES, Sample};
use super::{accepted, check, flips, header_flips, missing, no_match, preset};
use crate::test_support::at;
use crate::webhook::{Delivery, Refusal, Verified};

const OTHER: &str = "0123456789abcdef0123456789abcdef";

/// Checks deliveries as the sample's own is checked.
fn checker(sample: &Sample) -> impl Fn(&Delivery) -> Result<Verified, Refusal> {
    let verification = preset(sample.preset);
    move |delivery| check(&verification, delivery, &[sample.secret], at(sample.sent))
}

fn with_header(sample: &Sample, name: &str, value: String) -> Delivery {
    let mut delivery = sample.delivery();
    delivery.headers.insert(name.to_owned(), value).expect("only headers that are there are changed");
    delivery
}

/// How many signatures the sample carries.
fn signatures(sample: &Sample) -> usize {
    if matches!(sample.preset, "docusign" | "box") { 2 } else { 1 }
}

#[test]
fn a_flip_of_any_bit_of_the_body_is_refused() {
    for sample in SAMPLES {
        let checked = checker(&sample);
        for body in flips(sample.body.as_bytes()) {
            let delivery = Delivery { body, ..sample.delivery() };
            assert_eq!(checked(&delivery), no_match(signatures(&sample), 1), "{}", sample.preset);
        }
    }
}

#[test]
fn a_body_that_is_longer_shorter_or_empty_is_refused() {
    for sample in SAMPLES {
        let checked = checker(&sample);
        let body = sample.body.as_bytes();
        for body in [[body, b"\n"].concat(), body[1..].to_vec(), Vec::new()] {
            let delivery = Delivery { body, ..sample.delivery() };
            assert_eq!(checked(&delivery), no_match(signatures(&sample), 1), "{}", sample.preset);
        }
    }
}

#[test]
fn a_flip_of_any_bit_of_a_signed_header_is_refused() {
    for sample in SAMPLES {
        let checked = checker(&sample);
        for name in sample.covered {
            for value in header_flips(sample.delivery().header(name).unwrap()) {
                let delivery = with_header(&sample, name, value);
                assert_eq!(checked(&delivery), no_match(signatures(&sample), 1), "{}: {name}", sample.preset);
            }
        }
    }
}

#[test]
fn a_flip_of_any_bit_of_the_signatures_header_is_refused() {
    for sample in SAMPLES {
        let checked = checker(&sample);
        let genuine = sample.delivery().header(sample.signed_in).unwrap().to_owned();
        let is_hex = !genuine.ends_with('=');
        for value in header_flips(&genuine) {
            let signature = value.strip_prefix(sample.before);
            // Hex says the same in capitals.
            let is_same = is_hex && signature.is_some_and(|s| s.eq_ignore_ascii_case(&genuine[sample.before.len()..]));
            let verified = checked(&with_header(&sample, sample.signed_in, value.clone()));
            if is_same {
                assert_eq!(verified, accepted(sample.id), "{}: {value:?}", sample.preset);
            } else {
                let refusal = verified.unwrap_err();
                let is_expected = matches!(
                    refusal,
                    Refusal::NoMatch { .. } | Refusal::NoSignature { .. } | Refusal::MissingField { .. }
                );
                assert!(is_expected, "{}: {value:?}: {refusal:?}", sample.preset);
            }
        }
    }
}

#[test]
fn a_delivery_without_its_signature_or_a_signed_header_is_refused_with_its_name() {
    // Where a second header carries a signature, the first is missed once both are.
    for sample in SAMPLES.iter().filter(|sample| signatures(sample) == 1) {
        let checked = checker(sample);
        for name in [sample.signed_in].iter().chain(sample.covered) {
            let mut without = sample.delivery();
            without.headers.remove(*name);
            assert_eq!(checked(&without), missing(name), "{}", sample.preset);
            let empty = with_header(sample, name, String::new());
            assert_eq!(checked(&empty), missing(name), "{}", sample.preset);
        }
    }
    let mut docusign = SAMPLES[6].delivery();
    docusign.headers.clear();
    assert_eq!(checker(&SAMPLES[6])(&docusign), missing("x-docusign-signature-1"));
    let mut boxed = SAMPLES[11].delivery();
    boxed.headers.remove("box-delivery-timestamp");
    assert_eq!(checker(&SAMPLES[11])(&boxed), missing("box-delivery-timestamp"));
}

#[test]
fn a_header_that_holds_no_signature_is_refused_with_the_form_that_was_expected() {
    let forms = [
        ("standard-webhooks", r#""v1," and base64"#),
        ("stripe", r#""v1=" and hex"#),
        ("github", r#""sha256=" and hex"#),
        ("slack", r#""v0=" and hex"#),
        ("zoom", r#""v0=" and hex"#),
        ("shopify", "base64"),
        ("docusign", "base64"),
        ("onfido", "hex"),
        ("square", "base64"),
        ("paddle", r#""h1=" and hex"#),
        ("linear", "hex"),
        ("box", "base64"),
    ];
    for (sample, (name, form)) in SAMPLES.iter().zip(forms) {
        assert_eq!(sample.preset, name);
        let checked = checker(sample);
        let mut delivery = sample.delivery();
        for (name, value) in &mut delivery.headers {
            if !sample.covered.contains(&name.as_str()) {
                "%%%".clone_into(value);
            }
        }
        let header = delivery.headers.keys().find(|name| name.contains("signature") || name.contains("hmac"));
        let refusal =
            Refusal::NoSignature { place: format!("the header {:?}", header.unwrap()), form: form.to_owned() };
        assert_eq!(checked(&delivery), Err(refusal), "{}", sample.preset);
    }
}

#[test]
fn a_signature_that_is_cut_short_or_empty_is_refused() {
    for sample in SAMPLES {
        let checked = checker(&sample);
        // 16 of 32 bytes, in hex and in base64 a whole number of digits.
        let genuine = sample.delivery().header(sample.signed_in).unwrap().to_owned();
        let (before, signature) = genuine.split_at(sample.before.len());
        let half = if signature.ends_with('=') { &signature[..20] } else { &signature[..32] };
        let cut = with_header(&sample, sample.signed_in, format!("{before}{half}"));
        assert_eq!(checked(&cut), no_match(signatures(&sample), 1), "{}", sample.preset);
        if !before.is_empty() {
            let empty = checked(&with_header(&sample, sample.signed_in, before.to_owned()));
            assert_eq!(empty, no_match(1, 1), "{}", sample.preset);
        }
    }
}

#[test]
fn while_secrets_rotate_either_may_have_signed_and_no_third() {
    for sample in SAMPLES {
        let verification = preset(sample.preset);
        let check = |secrets: &[&str]| check(&verification, &sample.delivery(), secrets, at(sample.sent));
        assert_eq!(check(&[sample.secret, OTHER]), accepted(sample.id), "{}", sample.preset);
        assert_eq!(check(&[OTHER, sample.secret]), accepted(sample.id), "{}", sample.preset);
        assert_eq!(check(&[OTHER]), no_match(signatures(&sample), 1), "{}", sample.preset);
        assert_eq!(check(&[OTHER, OTHER]), no_match(signatures(&sample), 2), "{}", sample.preset);
        assert_eq!(check(&[]), Err(Refusal::NoKey), "{}", sample.preset);
    }
}

#[test]
fn a_secret_that_is_too_short_is_our_fault_unless_another_vouches() {
    for sample in SAMPLES {
        let verification = preset(sample.preset);
        for secrets in [vec![""], vec!["seven!!"], vec![OTHER, " "], vec!["\n", OTHER]] {
            let refusal = check(&verification, &sample.delivery(), &secrets, at(sample.sent)).unwrap_err();
            assert!(matches!(refusal, Refusal::BadSecret(_)) && refusal.is_ours(), "{}: {refusal}", sample.preset);
        }
        for (secrets, unusable) in [([sample.secret, " "], "s1"), (["\n", sample.secret], "s0")] {
            let verified = check(&verification, &sample.delivery(), &secrets, at(sample.sent)).unwrap();
            assert_eq!(verified.unusable, [unusable], "{}", sample.preset);
        }
    }
}
