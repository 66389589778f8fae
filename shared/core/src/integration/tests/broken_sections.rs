//! What a user sees when a section contradicts itself or another one.

use super::broken_files::assert_says;

const AUTH: &str = "bearer = { secret = \"render/api-token\" }";
const KEY: &str = "idempotency_header = \"Idempotency-Key\"\n";
const OUTPUT: &str = "output = \"body:/film\"";
const MAP: &str =
    "value = \"body:/state\"\nsucceeded = [\"done\"]\nfailed = [\"broken\"]\npending = [\"queued\", \"running\"]\n";

#[test]
fn values_and_hosts_say_what_they_take() {
    assert_says(&[
        (("[auth]", "[values]\nx = [1]\n\n[auth]"), "values.x: must be a text, a number, true or false"),
        (
            ("[auth]", "[values]\nx = 1979-05-27\n\n[auth]"),
            "line 7, column 5: JSON has no dates; write 1979-05-27 as a text, in quotes\n  |\n7 | x = 1979-05-27\n  |     ^^^^^^^^^^",
        ),
        (
            ("[auth]", "[hosts]\nfollow = [\"https://a.example\"]\n\n[auth]"),
            r#"hosts.follow: "https://a.example" is not the name of a host: write for example "files.example.com""#,
        ),
        (
            ("[auth]", "[hosts]\nfollow = [\"a.example:8443\"]\n\n[auth]"),
            r#"hosts.follow: "a.example:8443" is not the name of a host: write for example "files.example.com""#,
        ),
        (
            ("[auth]", "[hosts]\nfollow = [\"10.0.0.1\"]\n\n[auth]"),
            r#"hosts.follow: "10.0.0.1" is not the name of a host: write for example "files.example.com""#,
        ),
        (
            ("[auth]", "[hosts]\nfollow = [\"*\"]\n\n[auth]"),
            r#"hosts.follow: "*" is not the name of a host: write for example "files.example.com""#,
        ),
        (
            ("[auth]", "[hosts]\nfollow = [\"*.com\"]\n\n[auth]"),
            r#"hosts.follow: "*.com" is not the name of a host: write for example "files.example.com""#,
        ),
        (
            ("[auth]", "[hosts]\ntrusted = [\"*.a.example\"]\n\n[auth]"),
            r#"hosts.trusted: "*.a.example" has a wildcard; whoever gets credentials is named in full"#,
        ),
        (("description", "docs = \"jobs.html\"\ndescription"), "docs: is not a URL (relative URL without a base)"),
    ]);
}

#[test]
fn credentials_are_of_one_kind_and_name_secrets() {
    let oauth = |url: &str| format!("oauth2 = {{ token_url = \"{url}\", client_id = \"a\", client_secret = \"b\" }}");
    let hmac = |content: &str, header: &str| {
        format!("hmac = {{ secret = \"a\", content = \"{content}\", headers = {{ X-Signature = \"{header}\" }} }}")
    };
    let says = |to: &str, what: &str| assert_says(&[((AUTH, to), what)]);
    says(
        "",
        r#"auth: says nothing: write for example bearer = { secret = "vendor/api-token" }, or leave the section out"#,
    );
    says(&format!("{AUTH}\nbasic = {{ secret = \"a\" }}"), "auth: keep one of `bearer`, `basic`, `oauth2` and `hmac`");
    says(
        "basic = { user = \"a:b\", secret = \"a\" }",
        "auth.basic.user: a user has no colon and no control characters",
    );
    says(
        "query = { key = \"sk live\" }",
        r#"auth.query.key: a secret is named by 1 to 256 letters, digits and any of /_+=.@-, for example "vendor/api-token""#,
    );
    says(
        &oauth("http://login.example.com/token"),
        "auth.oauth2.token_url: must be an absolute https URL without a user",
    );
    says(
        &oauth("https://me:pw@login.example.com/token"),
        "auth.oauth2.token_url: must be an absolute https URL without a user",
    );
    says(
        &hmac("{bodi}", "{signature}"),
        "auth.hmac.content: {bodi} is not known here: there are {method}, {host}, {path}, {query}, {path_and_query}, {timestamp}, {body_sha256} and {body}",
    );
    says(
        &hmac("{body}", "{body}"),
        "auth.hmac.headers.X-Signature: {body} is not known here: there are {method}, {host}, {path}, {query}, {path_and_query}, {timestamp}, {body_sha256} and {signature}",
    );
    says(
        &hmac("{body", "{signature}"),
        r#"auth.hmac.content: "{body" has a brace without its partner; double a brace that is meant as one"#,
    );
    says(&hmac("{body}", "x"), "auth.hmac.headers: needs 1 to 8 headers, one of them with {signature}");
}

#[test]
fn a_submit_whose_fate_is_unknown_is_sent_again_only_where_that_is_safe() {
    assert_says(&[
        (
            (KEY, "when_unknown = \"resend\"\n"),
            r#"submit.when_unknown: "resend" needs an `idempotency_header`, or {wait_id} where the third party takes an idempotency key; without one it could start two jobs"#,
        ),
        (
            (KEY, "when_unknown = \"look_up\"\n"),
            "submit.when_unknown: needs a [submit.look_up] section that finds the job by {wait_id}",
        ),
        (
            (KEY, "look_up = { path = \"/v1/jobs\", query = { r = \"{wait_id}\" }, job_id = \"body:/0/id\" }\n"),
            r#"submit.look_up: is used only with when_unknown = "look_up""#,
        ),
        (
            (KEY, "when_unknown = \"look_up\"\nlook_up = { path = \"/v1/jobs\", job_id = \"body:/0/id\" }\n"),
            "submit.look_up: must carry {wait_id}, or it could find another wait's job",
        ),
        (
            (
                KEY,
                "when_unknown = \"look_up\"\nlook_up = { path = \"/v1/jobs/{wait_id}\", job_id = \"body:/0/id\" }\nkeep = { url = \"header:Location\" }\n",
            ),
            "submit.keep.url: a job that a look-up finds never showed its answer to the submit, so there is no header:location to keep; take it from the payload, or use another when_unknown",
        ),
    ]);
}

#[test]
fn what_is_not_sent_has_no_answer() {
    let request = "path = \"/v1/jobs\"\nbody = { scene = \"{request:/scene}\" }\njob_id = \"body:/id\"\n";
    assert_says(&[
        (
            (request, "job_id = \"body:/id\"\n"),
            r#"submit.path: there is no `path` and no `url`, so nothing is sent, and `job_id` must come from the payload: write "request:/pointer""#,
        ),
        (
            (request, "job_id = \"request:/id\"\nkeep = { a = \"body:/a\" }\n"),
            r#"submit.keep: nothing is sent, so values can come from the payload only: write "request:/pointer""#,
        ),
        (
            (
                request,
                "job_id = \"request:/id\"\naccept = [{ state = \"retry\", when = { at = \"code\", equals = 1 } }]\n",
            ),
            "submit.accept: there is no `path` and no `url`, so nothing is sent and there is no answer; leave it out",
        ),
    ]);
}

#[test]
fn a_status_says_how_a_job_succeeds() {
    assert_says(&[
        (
            (MAP, ""),
            r#"status: says no success: write `value` and `succeeded`, or an acceptor with state = "success" in [[status.accept]]"#,
        ),
        (
            (MAP, "succeeded = [\"done\"]\n"),
            r#"status.value: is missing: it says in which field the values of `succeeded`, `failed` and `pending` stand, for example "body:/status""#,
        ),
    ]);
}

#[test]
fn a_condition_has_one_comparison() {
    let how = "write { at = PLACE, … } with one of equals, one_of, exists, matches or at_least/at_most, or { all = [ … ] }, or { any = [ … ] }";
    let at = |what: &str| format!("status.accept[1].when: {what}");
    let cases = [
        ("{ at = \"code\" }", at(how)),
        ("{ equals = 1 }", at(how)),
        ("{ at = \"code\", equals = 1, exists = true }", at(how)),
        ("{ at = \"code\", all = [{ at = \"code\", equals = 1 }] }", at(how)),
        ("{ all = [] }", at("a condition has 1 to 64 members")),
        ("{ at = \"code\", one_of = [] }", at("`one_of` has 1 to 64 values")),
        ("{ at = \"code\", at_least = 2, at_most = 1 }", at("no number is at least 2 and at most 1")),
        (
            "{ all = [{ any = [{ all = [{ any = [{ at = \"code\", equals = 1 }] }] }] }] }",
            at("conditions are nested deeper than 4; write several acceptors instead"),
        ),
    ];
    for (condition, says) in cases {
        let accept = format!("[[status.accept]]\nstate = \"retry\"\nwhen = {condition}\n\n[result]");
        assert_says(&[(("[result]", &accept), &says)]);
    }
}

#[test]
fn an_expression_is_short_and_has_one_group_where_it_finds_something() {
    let job_id = "job_id = \"body:/id\"";
    let long = format!("job_id = {{ from = \"body:/id\", pattern = \"({})\" }}", "x".repeat(255));
    let said =
        |to: &str| crate::test_support::try_render(&[(job_id, to)]).unwrap_err().what.lines().next().map(str::to_owned);
    assert_eq!(
        said("job_id = { from = \"body:/id\", pattern = \"a\" }").as_deref(),
        Some("\"a\" needs exactly one group in parentheses around the part that is meant; write (?:…) for others")
    );
    assert_eq!(
        said("job_id = { from = \"body:/id\", pattern = \"(a)(b)\" }").as_deref(),
        Some("\"(a)(b)\" needs exactly one group in parentheses around the part that is meant; write (?:…) for others")
    );
    assert_eq!(said(&long).as_deref(), Some("a regular expression has at most 256 characters"));
    assert_eq!(
        said("job_id = { from = \"body:/id\", pattern = \"(a\" }").as_deref(),
        Some("\"(a\" is no regular expression: found open group without closing ')'")
    );
}

#[test]
fn errors_name_codes_and_bounds() {
    let errors = |lines: &str| format!("[errors]\n{lines}\n\n[result]");
    let cases = [
        ("budget = 0", "errors.budget: must lie between 1 and 10000"),
        ("refusals = 10001", "errors.refusals: must lie between 1 and 10000"),
        ("missing_grace = \"2h\"", "errors.missing_grace: must be at most 1h"),
    ];
    for (lines, says) in cases {
        assert_says(&[(("[result]", &errors(lines)), says)]);
    }
    let said = |lines: &str| {
        crate::test_support::try_render(&[("[result]", &errors(lines))])
            .unwrap_err()
            .what
            .lines()
            .next()
            .map(str::to_owned)
    };
    assert_eq!(
        said("ask_again = [200]").as_deref(),
        Some("200 is no HTTP status code of an error: write one from 300 to 599")
    );
    assert_eq!(
        said("ask_again = [\"timeout\"]").as_deref(),
        Some(
            "\"timeout\" is no kind of error: write a code such as 503, a class such as \"5xx\", or \"connect\", \"broken\" or \"body\""
        )
    );
}

#[test]
fn a_result_in_pages_says_how_the_next_one_is_found() {
    let pages = |rest: &str| format!("path = \"/v1/films\"\npages = {{ items = \"body:/data\", {rest} }}");
    let cases = [
        (
            "format = \"text\"".to_owned(),
            "result.format: belongs to a request of its own: add `path` or `url`, or leave it out",
        ),
        (
            "output = \"body:/a\"\npath = \"/x\"\nformat = \"text\"".to_owned(),
            "result.output: stands in JSON only; leave it out, or write format = \"json\"",
        ),
        (pages("next = \"body:/n\""), "result.pages.query: is missing: name the query key that asks for the next page"),
        (
            pages("next = \"offset\", query = \"o\""),
            "result.pages.size: is missing: say how many items a full page has",
        ),
        (
            pages("next = \"link\", query = \"o\""),
            "result.pages.next: this way of finding the next page does not use all of `query` and `size`; leave out what it does not use",
        ),
        (pages("next = \"link\", most = 101"), "result.pages.most: must lie between 1 and 100"),
        (
            pages("next = \"next\""),
            "result.pages.next: \"next\" does not say how the next page is found: write the place of a cursor such as \"body:/next\", \"url:body:/next\", \"link\" or \"offset\"",
        ),
        (
            format!("{}\noutput = \"body:/a\"", pages("next = \"link\"")),
            "result.pages: pages are read as JSON and become one list; leave `format` and `output` out",
        ),
    ];
    for (lines, says) in cases {
        assert_says(&[((OUTPUT, &lines), says)]);
    }
}

#[test]
fn a_callback_says_what_its_events_mean() {
    let job_id = "job_id = \"body:/job/id\"";
    assert_says(&[
        (
            (job_id, "job_id = \"request:/id\""),
            r#"callback.job_id: an event holds no payload: write "body:/pointer" or "header:Name""#,
        ),
        (
            (MAP, "accept = [{ state = \"success\", when = { at = \"code\", equals = 200 } }]\n"),
            "callback: does not say what an event means, as [status] has acceptors only: write thin = true, or [[callback.accept]]",
        ),
    ]);
}

#[test]
fn a_schedule_allows_at_least_one_look() {
    assert_says(&[(("first = \"5s\"", "first = \"5s\"\nchecks = 0"), "schedule.checks: must be at least 1")]);
}

#[test]
fn what_is_learned_says_in_which_item_it_is_wrong() {
    let says = |learned: &str, says: &str| {
        assert_says(&[(("first = \"5s\"", &format!("first = \"5s\"\nlearned = {{ {learned} }}")), says)]);
    };
    says(
        r#"jobs = "5m: 30""#,
        r#"schedule.learned.jobs: item 1 ("5m: 30"): begin with "128 per doubling" (or 64, 32, 16 or 8)"#,
    );
    says(
        r#"jobs = "128 per doubling, 5m: 30, 4m: 1""#,
        r#"schedule.learned.jobs: item 3 ("4m: 1"): bounds ascend, and 5m stands before; sort them, each once"#,
    );
    says(
        r#"jobs = "128 per doubling, 5m: many""#,
        r#"schedule.learned.jobs: item 2 ("5m: many"): "many" is not a count up to 1000000 with at most two decimals; write for example "4m 58s: 12.5""#,
    );
    says(
        r#"jobs = "128 per doubling", until = "yesterday""#,
        r#"schedule.learned.until: "yesterday" is no moment; write for example "2026-11-24T09:30:00Z""#,
    );
    says(r#"jobs = "128 per doubling", delay = "0s""#, "schedule.learned.delay: must lie between 1s and 1day");
    says(r#"jobs = "128 per doubling", delay = "2days""#, "schedule.learned.delay: must lie between 1s and 1day");
    says(
        r#"jobs = "128 per doubling", delay = "soon""#,
        r#"schedule.learned.delay: "soon" is not a duration (expected number at 0); write for example "30s", "2m" or "1h""#,
    );
}
