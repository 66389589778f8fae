//! Any text is an integration file or is refused with a place in it; what is
//! accepted means the same to a function, which reads it as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stepwait_core::integration::{Bundled, ConfigError, Integration};
use stepwait_core::learn::Learning;

const NAME: &str = "any";

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Integration::parse(NAME, text) {
        Ok(parsed) => {
            let Bundled { digest, json } = Integration::bundle(NAME, text).expect("what is accepted can be bundled");
            let bundled = Integration::from_bundle(NAME, &digest, &json).expect("what is bundled can be read");
            assert_eq!(format!("{bundled:?}"), format!("{parsed:?}"), "bundled as {json}");
            assert_eq!(bundled.learned(), parsed.learned(), "bundled as {json}");
            // A function calculates nothing of it: what was learned comes with its plan.
            assert!(bundled.schedule.learning.as_ref().is_none_or(Learning::is_planned));
            look_at(&parsed);
        }
        Err(error) => {
            assert_eq!(Integration::bundle(NAME, text), Err(error.clone()));
            explained(&error, text);
        }
    }
    // What a store holds may be anything as well: the same bytes as a bundle.
    match Integration::from_bundle(NAME, "0123456789abcdef0123456789abcdef", text) {
        Ok(integration) => look_at(&integration),
        Err(error) => assert!(!error.at.is_empty() && !error.what.is_empty(), "{error:?}"),
    }
});

/// What must hold of every integration, however it was written.
fn look_at(integration: &Integration) {
    let (least, most) = (stepwait_core::integration::MIN_DEADLINE, stepwait_core::integration::MAX_DEADLINE);
    assert!((least..=most).contains(&integration.deadline), "{:?}", integration.deadline);
    assert!(integration.base_url.host_str().is_some(), "{}", integration.base_url);
    assert!(integration.base_url.password().is_none(), "a password stands in base_url");
    // What was learned is written as it was read.
    if let Some(learning) = &integration.schedule.learning {
        let written = learning.jobs().to_string();
        assert_eq!(written.parse(), Ok(learning.jobs().clone()));
    }
    // What people are shown of it.
    if let Some(verify) = integration.callback.as_ref().and_then(|callback| callback.verify.as_ref()) {
        assert!(!verify.to_string().is_empty());
    }
}

/// A refusal says where and what.
fn explained(error: &ConfigError, text: &str) {
    assert!(!error.at.is_empty() && !error.what.is_empty(), "{error:?}");
    assert!(!error.to_string().is_empty());
    if let Some(span) = &error.span {
        assert!(text.get(span.clone()).is_some(), "{span:?} is no part of the text");
    }
}
