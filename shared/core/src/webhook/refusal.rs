//! Why a delivery is not accepted: enough to mend it, and nothing that a forger
//! could use. No text holds a secret, a signature or a part of the body.

/// Why a delivery was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header is missing or empty.
    #[error("the header {0:?} is missing")]
    MissingHeader(String),
    /// The signature's header has no such field.
    #[error("the header {header:?} has no field {field:?}")]
    MissingField {
        /// The header's name.
        header: String,
        /// The field's name.
        field: String,
    },
    /// The method is signed and unknown.
    #[error("the sender signs the request's method, which the gateway did not pass on")]
    NoMethod,
    /// The listener's URL is signed and unknown.
    #[error("the sender signs the listener's URL, which this deployment does not know")]
    NoCallbackUrl,
    /// Nothing in the header looks like a signature.
    #[error("the header {header:?} holds no signature written as {form}")]
    NoSignature {
        /// The header's name.
        header: String,
        /// How signatures are written.
        form: String,
    },
    /// A secret is not a key.
    #[error("a signing secret is not {0}")]
    BadSecret(&'static str),
    /// No signature matches.
    #[error("none of the {signatures} signatures matches any of the {secrets} secrets")]
    NoMatch {
        /// Signatures found.
        signatures: usize,
        /// Secrets tried.
        secrets: usize,
    },
    /// The header does not hold the secret that was agreed.
    #[error("the header {header:?} holds none of the {secrets} secrets")]
    WrongSecret {
        /// The header's name.
        header: String,
        /// Secrets tried.
        secrets: usize,
    },
    /// The body holds no timestamp.
    #[error("{0} is missing or no text or number")]
    MissingTimestamp(String),
    /// The timestamp cannot be read.
    #[error("{place} is not {unit}")]
    BadTimestamp {
        /// Where it stands.
        place: String,
        /// What it should be.
        unit: &'static str,
    },
    /// The delivery is too old, or from the future.
    #[error(
        "{place} lies {apart} s {side} now, at most {tolerance} s either way are accepted; look at the sender's clock, or send the delivery again",
        apart = .apart_ms.unsigned_abs().div_ceil(1_000), side = if *.apart_ms < 0 { "after" } else { "before" }
    )]
    OutsideTolerance {
        /// Where the timestamp stands.
        place: String,
        /// How long before now it lies, in milliseconds; after now if negative.
        apart_ms: i128,
        /// How long it may be, in seconds.
        tolerance: u64,
    },
}

impl Refusal {
    /// Whether the deployment is to blame and not the sender, who should try
    /// again once it is mended.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        match self {
            Self::BadSecret(_) | Self::NoCallbackUrl | Self::NoMethod => true,
            Self::MissingHeader(_)
            | Self::MissingField { .. }
            | Self::NoSignature { .. }
            | Self::NoMatch { .. }
            | Self::WrongSecret { .. }
            | Self::MissingTimestamp(_)
            | Self::BadTimestamp { .. }
            | Self::OutsideTolerance { .. } => false,
        }
    }
}
