//! The URL of an object.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{ParseError, Url};

/// What a key is written with, as S3 computes signatures (`UriEncode` in its
/// documentation of Signature Version 4); a slash stays a slash.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Where an object is. An endpoint of one's own is addressed by path, as its
/// name has no room for the bucket's; so is a bucket whose dots would not fit into
/// S3's certificate.
pub(super) fn object_url(bucket: &str, key: &str, region: &str, endpoint: Option<&str>) -> Result<Url, ParseError> {
    let key = utf8_percent_encode(key, KEY);
    // The partition of China has a domain of its own.
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    Url::parse(&match endpoint {
        Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
        None if bucket.contains('.') => format!("https://s3.{region}.{suffix}/{bucket}/{key}"),
        None => format!("https://{bucket}.s3.{region}.{suffix}/{key}"),
    })
}

#[cfg(test)]
mod tests {
    use super::object_url;

    fn url(bucket: &str, key: &str, region: &str, endpoint: Option<&str>) -> String {
        object_url(bucket, key, region, endpoint).unwrap().to_string()
    }

    #[test]
    fn a_bucket_is_part_of_the_host_name() {
        let expected = "https://kept.s3.eu-central-1.amazonaws.com/waits/w-1.json";
        assert_eq!(url("kept", "waits/w-1.json", "eu-central-1", None), expected);
    }

    #[test]
    fn the_partition_of_china_has_a_domain_of_its_own() {
        assert_eq!(url("kept", "a", "cn-north-1", None), "https://kept.s3.cn-north-1.amazonaws.com.cn/a");
    }

    #[test]
    fn a_bucket_with_dots_and_an_endpoint_of_ones_own_are_addressed_by_path() {
        assert_eq!(url("a.b", "k", "us-east-1", None), "https://s3.us-east-1.amazonaws.com/a.b/k");
        assert_eq!(url("kept", "k", "us-east-1", Some("http://127.0.0.1:4566/")), "http://127.0.0.1:4566/kept/k");
    }

    #[test]
    fn a_key_is_percent_encoded_and_keeps_its_slashes() {
        let expected = "https://kept.s3.us-east-1.amazonaws.com/a/b%20c%3F%23%25%2B%24~-_.%C3%A9";
        assert_eq!(url("kept", "a/b c?#%+$~-_.é", "us-east-1", None), expected);
    }
}
