//! Requests as a function URL hands them to its function
//! (<https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>).

use serde_json::{Value, json};

/// The gateway's name, in the form in which AWS gives one.
const DOMAIN: &str = "measured.lambda-url.us-east-1.on.aws";

/// The event of a POST of JSON to a path; these headers are beside those that
/// each has.
#[must_use]
pub fn function_url_event(path: &str, headers: &[(&str, &str)], body: &str) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "accept-encoding": "gzip",
            "content-length": body.len().to_string(),
            "content-type": "application/json",
            "host": DOMAIN,
            "user-agent": "third-party/1.0",
            "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
            "x-amzn-tls-version": "TLSv1.3",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "measured",
            "domainName": DOMAIN,
            "domainPrefix": "measured",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "third-party/1.0",
            },
            "requestId": "00000000-0000-4000-8000-000000000000",
            "routeKey": "$default",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": false,
    });
    for (name, value) in headers {
        event["headers"][*name] = Value::from(*value);
    }
    event
}
