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
    /// Nothing where signatures are looks like one.
    #[error("{place} holds no signature written as {form}")]
    NoSignature {
        /// Where one should be.
        place: String,
        /// How signatures are written.
        form: String,
    },
    /// Fields of a form are signed, and the body is none.
    #[error("the sender signs the fields of a form, and the body is not one by its content type")]
    NotAForm,
    /// A form has more fields than are read.
    #[error("the form has more than {0} fields")]
    TooManyFields(usize),
    /// A secret is not a key.
    #[error("a signing secret is not {0}")]
    BadSecret(&'static str),
    /// Secrets that may have signed could not be loaded, and no other key did.
    #[error("the signing secret {0} could not be loaded, and no other key has signed")]
    SecretsNotLoaded(String),
    /// There is no key at all at this time.
    #[error("no signing secret is valid at this time; look at `from` and `until` of callback.verify.secrets")]
    NoKey,
    /// The third party's public keys could not be fetched.
    #[error("the keys of {0} could not be fetched")]
    KeysNotFetched(String),
    /// The third party publishes no such key.
    #[error("{0} publishes no key that this delivery could be signed with")]
    UnknownKey(String),
    /// The delivery does not name its key.
    #[error("the delivery does not name the key that it is signed with")]
    NoKeyId,
    /// The keys' address is not where the third party publishes them.
    #[error("{place} is not an address on {expected}")]
    ForeignKeyHost {
        /// Where the address stands.
        place: String,
        /// Which addresses are admitted.
        expected: String,
    },
    /// The signed hash is another body's.
    #[error("{0} is not the SHA-256 of the body")]
    WrongBodyHash(String),
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
    /// A value is missing, or is none that could be signed.
    #[error("{0} is missing or no text or number")]
    MissingValue(String),
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
        "{place} lies {apart} s {side} now, at most {tolerance} s are accepted; look at the sender's clock, or send the delivery again",
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
            Self::BadSecret(_)
            | Self::SecretsNotLoaded(_)
            | Self::NoKey
            | Self::KeysNotFetched(_)
            | Self::NoCallbackUrl
            | Self::NoMethod => true,
            Self::MissingHeader(_)
            | Self::MissingField { .. }
            | Self::NoSignature { .. }
            | Self::NoMatch { .. }
            | Self::WrongSecret { .. }
            | Self::MissingValue(_)
            | Self::NotAForm
            | Self::TooManyFields(_)
            | Self::UnknownKey(_)
            | Self::NoKeyId
            | Self::ForeignKeyHost { .. }
            | Self::WrongBodyHash(_)
            | Self::BadTimestamp { .. }
            | Self::OutsideTolerance { .. } => false,
        }
    }
}
