//! Signature Version 4, as S3 wants it: the path is encoded once and left as it
//! is, and the body's digest is a header.

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningError, SigningSettings,
    UriPathNormalizationMode,
};
use aws_sigv4::sign::v4::{self, signing_params::BuildError};
use std::time::SystemTime;
use url::Url;

/// Who signs, for where, and when.
pub(super) struct Signer<'a> {
    pub(super) region: &'a str,
    pub(super) credentials: Credentials,
    pub(super) time: SystemTime,
}

/// A request that cannot be signed.
#[derive(Debug, thiserror::Error)]
#[error("the request cannot be signed")]
pub(super) enum Unsigned {
    /// A parameter is missing.
    Parameters(#[from] BuildError),
    /// The request is malformed.
    Request(#[from] SigningError),
}

/// The headers that sign a PUT, beside `headers`, which are signed as well.
pub(super) fn sign(
    signer: &Signer<'_>,
    url: &Url,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Vec<(String, String)>, Unsigned> {
    let identity = signer.credentials.clone().into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(signer.region)
        .name("s3")
        .time(signer.time)
        .settings(settings)
        .build()?
        .into();
    let request = SignableRequest::new("PUT", url.as_str(), headers.iter().copied(), SignableBody::Bytes(body))?;
    let (instructions, _) = aws_sigv4::http_request::sign(request, &parameters)?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::{Signer, sign};
    use aws_sdk_dynamodb::config::Credentials;
    use std::time::{Duration, UNIX_EPOCH};
    use url::Url;

    /// The example "PUT Object" of "Signature Calculations for the Authorization
    /// Header" in the Amazon S3 API Reference, with its published credentials.
    #[test]
    fn the_example_of_the_s3_documentation_is_signed_as_it_is_there() {
        let id = "AKIAIOSFODNN7EXAMPLE";
        let credentials = Credentials::new(id, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None, None, "example");
        // 2013-05-24T00:00:00Z
        let time = UNIX_EPOCH + Duration::from_secs(1_369_353_600);
        let signer = Signer { region: "us-east-1", credentials, time };
        let url = Url::parse("https://examplebucket.s3.amazonaws.com/test%24file.text").unwrap();
        let headers = [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")];
        let signed = sign(&signer, &url, &headers, b"Welcome to Amazon S3.").unwrap();
        let header = |name: &str| signed.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        assert_eq!(header("x-amz-date"), Some("20130524T000000Z"));
        let digest = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        assert_eq!(header("x-amz-content-sha256"), Some(digest));
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
            SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, \
            Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd";
        assert_eq!(header("authorization"), Some(authorization));
    }
}
