//! What functions are bundled with: the file, and all that is calculated from it.

use crate::integration::{Bundled, ConfigError, Integration, Strategy};
use crate::test_support::{EVERYTHING, JOBS, RENDER, everything, render, render_text};
use std::time::Duration;

const POLL: &str = r#"strategy = "poll""#;

/// The file with looks that go by [`JOBS`], and with that in place of its strategy.
fn learned(strategy: &str) -> String {
    let schedule = format!("first = \"5s\"\nlearned = {{ jobs = \"{JOBS}\" }}");
    render_text(&[(POLL, strategy), ("first = \"5s\"", &schedule)])
}

fn bundle(text: &str) -> Bundled {
    Integration::bundle("render", text).unwrap()
}

fn read(json: &str) -> Result<Integration, ConfigError> {
    Integration::from_bundle("render", "d", json)
}

/// The plan that a bundle holds.
fn plan(json: &str) -> String {
    let file: serde_json::Value = serde_json::from_str(json).unwrap();
    file["schedule"]["learned"]["plan"].as_str().unwrap().to_owned()
}

/// The bundle of that file, with another plan than comes of it.
fn with_plan(text: &str, other: &str) -> String {
    let Bundled { json, .. } = bundle(text);
    let key = |plan: &str| format!("\"plan\":\"{plan}\"");
    assert_eq!(json.matches(&key(&plan(&json))).count(), 1, "{json}");
    json.replace(&key(&plan(&json)), &key(other))
}

fn seconds(integration: &Integration) -> Vec<u64> {
    integration.learned().unwrap().times().map(|time| time.as_secs()).collect()
}

#[test]
fn a_bundled_file_means_what_the_written_one_means() {
    let Bundled { digest, json } = Integration::bundle("everything", EVERYTHING).unwrap();
    let bundled = Integration::from_bundle("everything", &digest, &json).unwrap();
    assert_eq!(format!("{bundled:#?}"), format!("{:#?}", everything(&[])));
}

#[test]
fn a_bundled_file_is_looked_at_when_the_written_one_is() {
    for strategy in [POLL, "strategy = \"poll\"\nengine = \"pooled\"", "strategy = \"poll\"\nengine = \"auto\""] {
        let text = learned(strategy);
        let (written, Bundled { digest, json }) = (Integration::parse("render", &text).unwrap(), bundle(&text));
        let bundled = Integration::from_bundle("render", &digest, &json).unwrap();
        assert!(bundled.schedule.learning.as_ref().unwrap().is_planned());
        assert_eq!(format!("{bundled:#?}"), format!("{written:#?}"));
        assert_eq!(bundled.schedule, written.schedule);
        assert_eq!(bundled.learned(), written.learned());
        assert!(written.learned().is_some(), "{strategy}");
    }
}

#[test]
fn the_plan_that_was_bundled_counts_and_none_is_made_beside_it() {
    for strategy in [POLL, "strategy = \"poll\"\nengine = \"pooled\""] {
        let kept = read(&with_plan(&learned(strategy), "90 600/3")).unwrap();
        assert_eq!(seconds(&kept), [90, 290, 490, 690]);
        let other = kept.schedule.no_closer_than(Duration::from_mins(7));
        assert_eq!(other.learned(), None);
        assert_eq!(other.delay_after(Some(Duration::ZERO), 3, 77), other.delay(3, 77));

        let as_written = read(&with_plan(&learned(strategy), "as written")).unwrap();
        assert_eq!(as_written.learned(), None);
        let schedule = &as_written.schedule;
        assert_eq!(schedule.delay_after(Some(Duration::ZERO), 3, 77), render(&[]).schedule.delay(3, 77));
    }
}

#[test]
fn a_file_whose_looks_go_by_nothing_learned_is_bundled_saying_so() {
    let too_few = learned(POLL).replace(JOBS, "128 per doubling, 5m: 19");
    let called_back = learned(r#"strategy = "callback""#);
    for text in [too_few, called_back] {
        let Bundled { json, .. } = bundle(&text);
        assert_eq!(plan(&json), "as written");
        let bundled = read(&json).unwrap();
        assert!(bundled.schedule.learning.as_ref().unwrap().is_planned());
        assert_eq!((bundled.learned(), bundled.schedule.learned()), (None, None));
    }
}

#[test]
fn a_bundle_from_before_plans_were_bundled_makes_its_own() {
    let Bundled { json, .. } = bundle(&learned(POLL));
    let before = json.replace(&format!(",\"plan\":\"{}\"", plan(&json)), "");
    assert!(before.len() < json.len() && !before.contains("plan"), "{before}");
    let earlier = read(&before).unwrap();
    assert!(!earlier.schedule.learning.as_ref().unwrap().is_planned());
    assert_eq!(earlier.learned(), read(&json).unwrap().learned());
}

#[test]
fn a_file_that_leaves_open_who_polls_is_bundled_with_the_choice() {
    let long = "strategy = \"poll\"\nengine = \"auto\"\nexpected = \"40m\"";
    let short = "strategy = \"poll\"\nengine = \"auto\"\nexpected = \"20s\"";
    for (head, strategy, engine) in [(long, Strategy::Pooled, "pooled"), (short, Strategy::Poll, "nested")] {
        let text = render_text(&[(POLL, head)]);
        assert_eq!(Integration::parse("render", &text).unwrap().strategy, strategy);
        let Bundled { json, .. } = bundle(&text);
        let key = format!("\"engine\":\"{engine}\"");
        assert!(json.contains(&key) && !json.contains("auto"), "{json}");
        // What it says is what is done, whichever would be chosen now.
        let (other, otherwise) = match strategy {
            Strategy::Pooled => ("nested", Strategy::Poll),
            Strategy::Poll | Strategy::Callback => ("pooled", Strategy::Pooled),
        };
        let changed = json.replace(&key, &format!("\"engine\":\"{other}\""));
        assert_eq!((read(&json).unwrap().strategy, read(&changed).unwrap().strategy), (strategy, otherwise));
    }
    let called_back = render_text(&[(POLL, "strategy = \"callback\"\nengine = \"auto\"")]);
    assert_eq!(read(&bundle(&called_back).json).unwrap().strategy, Strategy::Callback);
}

#[test]
fn nobody_writes_a_plan_into_a_file() {
    let text = learned(POLL).replace("learned = { ", "learned = { plan = \"90 600/3\", ");
    let error = Integration::parse("render", &text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "integrations/render.toml: schedule.learned.plan: is calculated when the file is bundled; leave it out"
    );
    assert_eq!(Integration::bundle("render", &text), Err(error));
    assert!(!crate::integration::schema().to_string().contains("\"plan\""));
}

#[test]
fn a_bundled_plan_that_cannot_be_read_is_refused() {
    let text = learned(POLL);
    let long = ["2"; 545].join(" ");
    let many = ["2"; 65].join(" ");
    let no_time = "is no time in seconds with a number of looks, such as \"60/5\"; bundle the file anew";
    let too_near = "has looks that are nearer to each other than schedule.interval allows; bundle the file anew";
    let beyond = "is beyond the end of any plan; bundle the file anew";
    let cases = [
        ("", format!("item 1 (\"\") {no_time}")),
        ("90  600/3", format!("item 2 (\"\") {no_time}")),
        ("90 +600/3", format!("item 2 (\"+600/3\") {no_time}")),
        ("90 -600", format!("item 2 (\"-600\") {no_time}")),
        ("90 600/", format!("item 2 (\"600/\") {no_time}")),
        ("90 600/3/1", format!("item 2 (\"600/3/1\") {no_time}")),
        ("18446744073709551616", format!("item 1 (\"18446744073709551616\") {no_time}")),
        ("As written", format!("item 1 (\"As\") {no_time}")),
        ("90 0", format!("item 2 (\"0\") {too_near}")),
        ("90 600/0", format!("item 2 (\"600/0\") {too_near}")),
        ("90 600/301", format!("item 2 (\"600/301\") {too_near}")),
        ("1", format!("item 1 (\"1\") {too_near}")),
        ("90 18446744073709551615", format!("item 2 (\"18446744073709551615\") {beyond}")),
        ("1073741824 2", format!("item 2 (\"2\") {beyond}")),
        ("40000/16384 2", format!("item 2 (\"2\") {beyond}")),
        (&many, format!("item 65 (\"2\") {beyond}")),
        (&long, "1089 bytes are more than the 1088 of any plan; bundle the file anew".to_owned()),
    ];
    for (plan, what) in cases {
        let error = read(&with_plan(&text, plan)).unwrap_err();
        assert_eq!(error.to_string(), format!("integrations/render.toml: schedule.learned.plan: {what}"));
    }
    assert_eq!(seconds(&read(&with_plan(&text, "90 600/300 1073741134")).unwrap()).len(), 302);
    let error = read(&bundle(&text).json.replace("\"plan\":\"", "\"plan\":1,\"was\":\"")).unwrap_err().to_string();
    assert!(error.starts_with("integrations/render.toml: (bundled): invalid type: integer `1`"), "{error}");
}

#[test]
fn the_digest_changes_with_all_that_a_file_says_and_all_that_comes_of_it() {
    let digest = |text: &str| Integration::parse("render", text).unwrap().digest;
    let Bundled { digest: bundled, json } = bundle(RENDER);
    assert_eq!((digest(RENDER), bundled.len()), (bundled.clone(), 32));
    assert_ne!(digest(&render_text(&[("first = \"5s\"", "first = \"6s\"")])), bundled);
    // What nobody goes by is no other version.
    assert_eq!(digest(&format!("{RENDER}\n# a remark\n")), bundled);
    assert_eq!(crate::encoding::short_digest(json.as_bytes()), bundled);

    let text = learned("strategy = \"poll\"\nengine = \"auto\"");
    let Bundled { digest: bundled, json } = bundle(&text);
    assert_eq!(digest(&text), bundled);
    for changed in [with_plan(&text, "90 600/3"), json.replace("\"engine\":\"pooled\"", "\"engine\":\"nested\"")] {
        assert_ne!(changed, json);
        assert_ne!(crate::encoding::short_digest(changed.as_bytes()), bundled);
    }
}

#[test]
fn a_bundle_of_another_version_is_refused_by_what_is_not_understood() {
    let Bundled { json, .. } = bundle(RENDER);
    let error = read(&json.replacen("\"strategy\"", "\"strategie\"", 1)).unwrap_err().to_string();
    assert!(error.starts_with("integrations/render.toml: (bundled): unknown field `strategie`"), "{error}");
}
