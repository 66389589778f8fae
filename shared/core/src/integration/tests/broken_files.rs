//! What a user sees when a file is wrong: the whole message, so that a reviewer
//! can judge whether it says where, what, and what to do.

use crate::integration::Integration;
use crate::test_support::{RENDER, render_text, try_render};

/// A change to the file, and what is then said after the file's name.
type Case<'a> = ((&'a str, &'a str), &'a str);

pub(super) fn assert_says(cases: &[Case<'_>]) {
    for (change, says) in cases {
        let said = try_render(&[*change]).map_or_else(|error| error.to_string(), |_| "nothing".to_owned());
        assert_eq!(said, format!("integrations/render.toml: {says}"), "{change:?}");
    }
}

#[test]
fn a_misspelt_or_missing_key_is_pointed_at() {
    assert_says(&[
        (
            (r#"deadline = "1h""#, r#"deadlin = "1h""#),
            r#"line 3, column 1: unknown field `deadlin`, expected one of `description`, `docs`, `strategy`, `engine`, `expected`, `deadline`, `base_url`, `values`, `hosts`, `auth`, `submit`, `status`, `errors`, `result`, `cancel`, `callback`, `schedule`, `limits`
  |
3 | deadlin = "1h"
  | ^^^^^^^"#,
        ),
        (
            ("[status]", "[statuss]"),
            r#"line 15, column 2: unknown field `statuss`, expected one of `description`, `docs`, `strategy`, `engine`, `expected`, `deadline`, `base_url`, `values`, `hosts`, `auth`, `submit`, `status`, `errors`, `result`, `cancel`, `callback`, `schedule`, `limits`
   |
15 | [statuss]
   |  ^^^^^^^"#,
        ),
        (
            ("strategy = \"poll\"\n", ""),
            r#"line 1, column 1: missing field `strategy`; add it to the section shown
  |
1 | description = "Renders films"
  | ^"#,
        ),
        (
            ("job_id = \"body:/id\"\n", ""),
            r#"line 9, column 1: missing field `job_id`; add it to the section shown
  |
9 | [submit]
  | ^^^^^^^^"#,
        ),
        (
            ("[submit]", "[submit"),
            r#"line 9, column 8: unclosed table, expected `]`
  |
9 | [submit
  |        ^"#,
        ),
    ]);
}

#[test]
fn a_value_of_the_wrong_kind_is_pointed_at() {
    assert_says(&[
        (
            (r#"strategy = "poll""#, r#"strategy = "polling""#),
            r#"line 2, column 12: unknown variant `polling`, expected `poll` or `callback`
  |
2 | strategy = "polling"
  |            ^^^^^^^^^"#,
        ),
        (
            (r#"deadline = "1h""#, r#"deadline = "soon""#),
            r#"line 3, column 12: "soon" is not a duration (expected number at 0); write for example "30s", "2m" or "1h"
  |
3 | deadline = "soon"
  |            ^^^^^^"#,
        ),
        (
            (r#"deadline = "1h""#, "deadline = 3600"),
            r#"line 3, column 12: invalid type: integer `3600`, expected a string
  |
3 | deadline = 3600
  |            ^^^^"#,
        ),
        (
            (r#"bearer = { secret = "render/api-token" }"#, r#"bearer = "render/api-token""#),
            r#"line 7, column 10: invalid type: string "render/api-token", expected { secret = "vendor/api-token" }
  |
7 | bearer = "render/api-token"
  |          ^^^^^^^^^^^^^^^^^^"#,
        ),
        (
            (r#"bearer = { secret = "render/api-token" }"#, r#"header = { name = "X-Key", secret = "render/key" }"#),
            r#"line 7, column 1: unknown field `header`, expected one of `bearer`, `basic`, `oauth2`, `hmac`, `headers`, `query`
  |
7 | header = { name = "X-Key", secret = "render/key" }
  | ^^^^^^"#,
        ),
        (
            (r#"job_id = "body:/id""#, r#"job_id = "body.id""#),
            r#"line 12, column 10: "body.id" says no place: write "body:/pointer", "header:Name" or "code"; for an event also "query:name"
   |
12 | job_id = "body.id"
   |          ^^^^^^^^^"#,
        ),
        (
            (r#"job_id = "body:/id""#, r#"job_id = "body:id""#),
            r#"line 12, column 10: "id" is not a JSON Pointer: start it with "/", for example "/data/id"
   |
12 | job_id = "body:id"
   |          ^^^^^^^^^"#,
        ),
        (
            (r#"job_id = "body:/id""#, r#"job_id = "header:""#),
            r#"line 12, column 10: "" is not a header's name: write for example "Idempotency-Key"
   |
12 | job_id = "header:"
   |          ^^^^^^^^^"#,
        ),
        (
            (r#"succeeded = ["done"]"#, r#"succeeded = "done""#),
            r#"line 18, column 13: invalid type: string "done", expected a sequence
   |
18 | succeeded = "done"
   |             ^^^^^^"#,
        ),
        (
            (r#"failed = ["broken"]"#, "failed = [\"broken\"]\nunknown = \"ignore\""),
            r#"line 20, column 11: unknown variant `ignore`, expected `retry` or `failure`
   |
20 | unknown = "ignore"
   |           ^^^^^^^^"#,
        ),
        (
            (r#"method = "DELETE""#, r#"method = "HEAD""#),
            r#"line 27, column 10: unknown variant `HEAD`, expected one of `GET`, `POST`, `PUT`, `PATCH`, `DELETE`
   |
27 | method = "HEAD"
   |          ^^^^^^"#,
        ),
        (
            ("standard-webhooks", "strype"),
            r#"line 32, column 21: unknown variant `strype`, expected one of `standard-webhooks`, `standard-webhooks-ed25519`, `stripe`, `mux`, `github`, `slack`, `zoom`, `shopify`, `docusign`, `onfido`, `square`, `paddle`, `linear`, `box`, `twilio`, `twilio-json`, `adyen`, `assemblyai`, `authorize-net`, `hubspot`, `mailgun`, `sendgrid`, `discord`, `telnyx`, `fal`, `plaid`, `plaid-sandbox`, `paypal`, `paypal-sandbox`, `aws-sns`, `aws-sns-v1`, `shared-header`, `basic`
   |
32 | verify = { preset = "strype", secrets = ["render/webhook"] }
   |                     ^^^^^^^^"#,
        ),
        (
            (r#"interval = "2s..60s""#, "interval = \"2s..60s\"\njitter = \"some\""),
            r#"line 37, column 10: unknown variant `some`, expected `full` or `none`
   |
37 | jitter = "some"
   |          ^^^^^^"#,
        ),
    ]);
}

#[test]
fn a_value_that_makes_no_sense_is_named_by_its_key() {
    assert_says(&[
        ((r#"deadline = "1h""#, r#"deadline = "100days""#), "deadline: must lie between 1s and 90days"),
        ((r#"deadline = "1h""#, r#"deadline = "0s""#), "deadline: must lie between 1s and 90days"),
        (
            ("https://render.example.com/api/", "render.example.com"),
            r#"base_url: "render.example.com" is not an absolute URL (relative URL without a base); start it with https://"#,
        ),
        (
            ("https://render.example.com/api/", "ftp://render.example.com"),
            r#"base_url: "ftp://render.example.com" must start with https://"#,
        ),
        (
            ("https://render.example.com/api/", "http://render.example.com"),
            r#"base_url: "http://render.example.com" must start with https://"#,
        ),
        (
            ("https://render.example.com/api/", "https://me:hunter2@render.example.com"),
            "base_url: must not carry a user or a password; name a secret in [auth]",
        ),
        (
            ("https://render.example.com/api/", "https://render.example.com/?key=1"),
            r#"base_url: "https://render.example.com/?key=1" must not carry a query or a fragment; put them into `path`"#,
        ),
        (
            ("Idempotency-Key", "Idempotency Key"),
            r#"submit.idempotency_header: "Idempotency Key" is not a header's name: write for example "Idempotency-Key""#,
        ),
        (
            (r#"succeeded = ["done"]"#, "succeeded = []"),
            "status.succeeded: needs at least one value, or no wait could ever succeed",
        ),
        (
            (r#"failed = ["broken"]"#, r#"failed = ["broken", "done"]"#),
            r#"status.failed: "done" stands in both `succeeded` and `failed`; leave it in one of them"#,
        ),
        (
            (r#"pending = ["queued", "running"]"#, r#"pending = ["queued", "broken"]"#),
            r#"status.pending: "broken" stands in both `failed` and `pending`; leave it in one of them"#,
        ),
        ((r#"["render/webhook"]"#, "[]"), "callback.verify.secrets: name 1 to 4 secrets"),
        ((r#"["render/webhook"]"#, r#"["a", "b", "c", "d", "e"]"#), "callback.verify.secrets: name 1 to 4 secrets"),
        (
            (r#"["render/webhook"]"#, r#"["whsec a"]"#),
            r#"callback.verify.secrets: a secret is named by 1 to 256 letters, digits and any of /_+=.@-, for example "vendor/api-token""#,
        ),
        ((r#"first = "5s""#, r#"first = "0s""#), "schedule.first: must lie between 1s and 1day"),
        (
            (r#"first = "5s""#, r#"first = "5""#),
            r#"schedule.first: "5" is not a duration (time unit needed, for example 5sec or 5ms); write for example "30s", "2m" or "1h""#,
        ),
        (("2s..60s", "60s..2s"), r#"schedule.interval: "60s..2s" runs backwards: write the shorter time first"#),
        (("2s..60s", "0s"), "schedule.interval: must lie between 1s and 1day"),
        (
            ("2s..60s", "2s...60s"),
            r#"schedule.interval: ".60s" is not a duration (expected number at 0); write for example "30s", "2m" or "1h""#,
        ),
        (("2s..60s", "2s..2days"), "schedule.interval: must lie between 1s and 1day"),
        (
            (r#"interval = "2s..60s""#, "interval = \"2s..60s\"\ngrowth = 1"),
            "schedule.growth: 1 is no growth factor: write one from 1.01 to 10",
        ),
        (
            (r#"interval = "2s..60s""#, "interval = \"2s..60s\"\ngrowth = nan"),
            "schedule.growth: NaN is no growth factor: write one from 1.01 to 10",
        ),
    ]);
}

#[test]
fn a_placeholder_that_could_never_be_filled_is_refused_in_the_file() {
    assert_says(&[
        (
            (r#"path = "/v1/jobs""#, r#"path = "v1/jobs""#),
            r#"submit.path: "v1/jobs" must start with one "/": it is appended to `base_url`"#,
        ),
        (
            (r#"path = "/v1/jobs""#, r#"path = "/v1/{job_id}""#),
            "submit.path: {job_id} has no value in this place: the job gets its id by the answer to [submit]",
        ),
        (
            (r#"path = "/v1/jobs""#, r#"path = "/v1/{job""#),
            r#"submit.path: "/v1/{job" has a brace without its partner; double a brace that is meant as one"#,
        ),
        (
            (r#"path = "/v1/jobs""#, r#"path = "/v1/job}""#),
            r#"submit.path: "/v1/job}" has a brace without its partner; double a brace that is meant as one"#,
        ),
        (
            ("{request:/scene}", "{payload:/scene}"),
            "submit.body: {payload:/scene} is no placeholder: there are {request:/pointer}, {job_id}, {job_ids}, {each_job_id}, {wait_id}, {callback_url}, {kept:name}, {value:name}, {secret:name}, {answer:/pointer} and {answer_header:Name}; double a brace that is meant as one",
        ),
        (
            ("{request:/scene}", "{request:scene}"),
            r#"submit.body: "scene" is not a JSON Pointer: start it with "/", for example "/data/id""#,
        ),
        (
            ("{request:/scene}", "{request:/sc~ne}"),
            r#"submit.body: "/sc~ne" is not a JSON Pointer: write "~0" for "~" and "~1" for "/" within a name"#,
        ),
        (
            (r#"method = "DELETE""#, "method = \"DELETE\"\nbody = { to = \"{callback_url}\" }"),
            "cancel.body: {callback_url} has no value in this place: it stands in [submit], in a file with a [callback] section",
        ),
        (
            (r#""{request:/scene}""#, "2026-01-01"),
            "line 11, column 18: JSON has no dates; write 2026-01-01 as a text, in quotes\n   |\n11 | body = { scene = 2026-01-01 }\n   |                  ^^^^^^^^^^",
        ),
        (
            (r#""{request:/scene}""#, "nan"),
            "line 11, column 18: NaN does not exist in JSON; write a finite number\n   |\n11 | body = { scene = nan }\n   |                  ^^^",
        ),
        (
            (r#"method = "DELETE""#, "method = \"DELETE\"\nbody = { why = \"{request:/why}\" }"),
            "cancel.body: {request:/why} has no value in this place: the caller's payload is known in [submit] only; let submit.keep keep what later requests need",
        ),
    ]);
}

#[test]
fn a_file_whose_name_is_no_integration_name_is_refused() {
    let error = Integration::parse("Render", RENDER).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"integrations/Render.toml: (file name): "Render" is not an integration name: use 1 to 40 lower-case letters, digits and hyphens, starting with a letter"#
    );
}

#[test]
fn the_callback_strategy_without_a_callback_section_is_refused() {
    let text = render_text(&[(r#"strategy = "poll""#, r#"strategy = "callback""#)]);
    let (before, rest) = text.split_once("[callback]").unwrap();
    let (_, after) = rest.split_once("[schedule]").unwrap();
    let error = Integration::parse("render", &format!("{before}[schedule]{after}")).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"integrations/render.toml: strategy: "callback" needs a [callback] section that says how to verify and read webhooks"#
    );
}

#[test]
fn a_password_in_the_base_url_is_not_repeated_in_the_error() {
    let change = ("https://render.example.com/api/", "https://me:hunter2@render.example.com");
    let error = try_render(&[change]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
