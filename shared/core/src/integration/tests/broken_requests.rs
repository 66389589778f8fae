//! What a user sees when a request is described wrongly.

use super::broken_files::assert_says;

const BODY: &str = "body = { scene = \"{request:/scene}\" }";
const STATUS_PATH: &str = "[status]\npath = \"/v1/jobs/{job_id}\"";

#[test]
fn an_address_that_could_mean_something_else_is_refused() {
    let path = "path = \"/v1/jobs\"";
    assert_says(&[
        (
            (path, "path = \"//evil.example\""),
            r#"submit.path: "//evil.example" must start with one "/": it is appended to `base_url`"#,
        ),
        (
            (path, "path = \"/v1/jobs#x\""),
            r##"submit.path: "/v1/jobs#x" has a fragment ("#"), which is never sent; leave it out"##,
        ),
        (
            (path, "path = '/v1\\jobs'"),
            r#"submit.path: "/v1\\jobs" has a backslash or a control character, which URLs do not have; leave it out"#,
        ),
        (
            (path, "path = \"/v1/../jobs\""),
            r#"submit.path: "/v1/../jobs" has the segment "..", which is not sent as it stands; write the path it leads to"#,
        ),
        (
            (path, "path = \"/v1/%2E/jobs\""),
            r#"submit.path: "/v1/%2E/jobs" has the segment "%2E", which is not sent as it stands; write the path it leads to"#,
        ),
        ((path, ""), "submit: needs a `path` or a `url` to send its request to"),
        (
            (path, "path = \"/v1/jobs\"\nurl = \"https://render.example.com/x\""),
            "submit.url: there is a `path` as well; keep one of them",
        ),
        (
            (path, "url = \"https://{request:/host}/x\""),
            "submit.url: must be https://HOST/… with the host written out, or one placeholder that stands for a whole URL",
        ),
        (
            (path, "url = \"https://render.example.com{request:/host}/x\""),
            "submit.url: must be https://HOST/… with the host written out, or one placeholder that stands for a whole URL",
        ),
        (
            (path, "url = \"{request:/url}/x\""),
            "submit.url: must be https://HOST/… with the host written out, or one placeholder that stands for a whole URL",
        ),
        (
            (path, "url = \"http://render.example.com/x\""),
            "submit.url: must be https://HOST/… with the host written out, or one placeholder that stands for a whole URL",
        ),
        (
            (path, "url = \"https://render.example.com/x#y\""),
            r##"submit.url: has a fragment ("#"), which is never sent; leave it out"##,
        ),
    ]);
}

#[test]
fn a_header_that_the_http_client_sets_cannot_be_set() {
    assert_says(&[
        (
            (BODY, "headers = { Host = \"evil.example\" }"),
            "submit.headers.Host: `host` is set by the HTTP client itself; leave it out",
        ),
        (
            (BODY, "headers = { Transfer-Encoding = \"chunked\" }"),
            "submit.headers.Transfer-Encoding: `transfer-encoding` is set by the HTTP client itself; leave it out",
        ),
        (
            ("\"Idempotency-Key\"", "\"Content-Length\""),
            "submit.idempotency_header: `content-length` is set by the HTTP client itself; leave it out",
        ),
        (
            ("bearer = { secret = \"render/api-token\" }", "headers = { Host = \"render/host\" }"),
            "auth.headers.Host: `host` is set by the HTTP client itself; leave it out",
        ),
        (
            (BODY, "headers = { \"X Y\" = \"1\" }"),
            r#"submit.headers.X Y: "X Y" is not a header's name: write for example "Idempotency-Key""#,
        ),
        (
            (BODY, "headers = { X = \"a\\nb\" }"),
            "submit.headers.X: holds a control character such as a line break; leave it out",
        ),
    ]);
}

#[test]
fn a_body_is_one_of_three_and_says_how_it_is_escaped() {
    assert_says(&[
        ((BODY, "body = {}\nform = {}"), "submit: has more than one body; keep one of `body`, `form` and `raw`"),
        (
            (BODY, "raw = { content_type = \"application/xml\", text = \"<a>{request:/x}</a>\" }"),
            r#"submit.raw: has placeholders, so it must say how their values are escaped: `escape = "json"`, "xml" or "url""#,
        ),
        (
            (BODY, "raw = { content_type = \"xml\", text = \"\" }"),
            r#"submit.raw.content_type: must be a content type such as "application/xml""#,
        ),
        (
            (BODY, "form = { a = \"{request:x}\" }"),
            r#"submit.form.a: "x" is not a JSON Pointer: start it with "/", for example "/data/id""#,
        ),
        (
            (BODY, "query = { a = \"{b}\" }"),
            "submit.query.a: {b} is no placeholder: there are {request:/pointer}, {job_id}, {job_ids}, {each_job_id}, {wait_id}, {callback_url}, {kept:name}, {value:name}, {secret:name}, {answer:/pointer} and {answer_header:Name}; double a brace that is meant as one",
        ),
    ]);
}

#[test]
fn a_placeholder_stands_only_where_it_has_a_value() {
    assert_says(&[
        (
            (STATUS_PATH, "[status]\npath = \"/v1/{kept:x}\""),
            "status.path: {kept:x} has no value in this place: submit.keep keeps no value of that name",
        ),
        (
            (BODY, "body = \"{kept:x}\""),
            "submit.body: {kept:x} has no value in this place: values are kept from the answer to [submit] on",
        ),
        (
            (BODY, "body = \"{answer:/x}\""),
            "submit.body: {answer:/x} has no value in this place: only [result] follows an answer that says that the job is done",
        ),
        (
            (STATUS_PATH, "[status]\npath = \"/{answer_header:X}\""),
            "status.path: {answer_header:X} has no value in this place: only [result] follows an answer that says that the job is done",
        ),
        ((BODY, "body = \"{value:x}\""), r#"submit.body: {value:x}: [values] has no "x""#),
        (
            (STATUS_PATH, "[status]\npath = \"/{request:/x}\""),
            "status.path: {request:/x} has no value in this place: the caller's payload is known in [submit] only; let submit.keep keep what later requests need",
        ),
    ]);
}

/// The status request, asking for many, with these lines.
fn asking(lines: &str) -> String {
    format!("[status]\nbatch = {{ most = 50, items = \"body:/jobs\", job_id = \"body:/id\" }}\n{lines}")
}

#[test]
fn a_request_for_many_jobs_names_them_together() {
    let jobs = asking("path = \"/v1/jobs\"");
    let of_one = asking("path = \"/v1/jobs/{job_id}\"");
    let in_path = asking("path = \"/v1/jobs/{each_job_id}\"");
    let within = asking("path = \"/v1/jobs\"\nquery = { id = \"x{each_job_id}\" }");
    let placed = "it stands in [status], in a file with a [status.batch] section";
    let repeats = "status: {each_job_id} repeats its query key or form field, so it stands alone in one: `query = { id = \"{each_job_id}\" }`";
    assert_says(&[
        (
            (STATUS_PATH, &jobs),
            "status: has a [status.batch], but its request names no jobs: put {job_ids} or {each_job_id} into it",
        ),
        (
            (STATUS_PATH, &of_one),
            "status: {job_id} belongs to one job, and [status.batch] asks for many in one request; name them by {job_ids} or {each_job_id}",
        ),
        ((STATUS_PATH, &in_path), repeats),
        ((STATUS_PATH, &within), repeats),
        (
            (STATUS_PATH, "[status]\npath = \"/v1/{job_ids}\""),
            &format!("status.path: {{job_ids}} has no value in this place: {placed}"),
        ),
        (
            (BODY, "body = \"{each_job_id}\""),
            &format!("submit.body: {{each_job_id}} has no value in this place: {placed}"),
        ),
        (
            (STATUS_PATH, &asking("path = \"/{job_ids}\"").replace("50", "1")),
            "status.batch.most: must lie between 2 and 500",
        ),
        (
            (STATUS_PATH, &asking("path = \"/{job_ids}\"").replace("body:/jobs", "header:X")),
            "status.batch.items: header:x is no place in a body; write for example \"body:/jobs\"",
        ),
        (
            (STATUS_PATH, &asking("path = \"/{job_ids}\"").replace("body:/id", "code")),
            "status.batch.job_id: code is no place in a job's part of the body; write for example \"body:/id\"",
        ),
    ]);
}
