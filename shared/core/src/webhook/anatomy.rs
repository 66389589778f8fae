//! What a description of signatures consists of, for people who look for a
//! mistake: the parts of what is signed, and what else a secret's text may mean.

use super::Delivery;
use super::parts::Parts;
use crate::integration::Verification;
use crate::integration::verify::{Content, Covered, KeyText, Part, Place, Scheme, Signed, Signer};
use serde::Serialize;

/// A part of the signed content, and what a delivery holds for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartSeen {
    /// The part as a file writes it: a placeholder, or a text of its own.
    pub part: String,
    /// How many bytes it came to; absent if the delivery lacks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
}

impl Verification {
    /// The parts of what is signed, in their order; none where no signature is
    /// made over parts of the delivery.
    #[must_use]
    pub fn parts(&self, delivery: &Delivery, callback_url: Option<&str>) -> Vec<PartSeen> {
        let Some((signed, content)) = self.content() else {
            return Vec::new();
        };
        let parts = Parts::new(signed, delivery, callback_url);
        let seen = content.0.iter().map(|part| {
            let one = Content(vec![part.clone()]);
            let (bytes, missing) = parts.content(&one);
            PartSeen { part: one.to_string(), bytes: missing.is_empty().then_some(bytes.len()) }
        });
        seen.collect()
    }

    /// Whether the URL is part of what is signed.
    #[must_use]
    pub fn signs_url(&self) -> bool {
        self.has_part(|part| matches!(part, Part::Url | Part::FullUrl))
    }

    /// Whether fields of a form are part of what is signed.
    #[must_use]
    pub fn signs_form(&self) -> bool {
        self.has_part(|part| matches!(part, Part::SortedForm | Part::Value(Place::Form(_))))
    }

    /// Whether a delivery shows the secret itself, so that nothing is signed.
    #[must_use]
    pub const fn shows_secret(&self) -> bool {
        match &self.scheme {
            Scheme::SharedHeader(_) | Scheme::Basic => true,
            Scheme::Signed(_) => false,
        }
    }

    /// Whether the sender signs with a private key, which only it has.
    #[must_use]
    pub const fn has_private_key(&self) -> bool {
        match &self.scheme {
            Scheme::SharedHeader(_) | Scheme::Basic => false,
            Scheme::Signed(signed) => matches!(signed.signer, Signer::PrivateKey(_)),
        }
    }

    /// The same with secrets written in each of the other forms that a secret of
    /// an HMAC may have, by the form's name in files.
    #[must_use]
    pub fn in_other_key_forms(&self) -> Vec<(&'static str, Self)> {
        let forms = [
            ("text", KeyText::Text),
            ("base64", KeyText::Base64),
            ("base64url", KeyText::Base64url),
            ("hex", KeyText::Hex),
        ];
        let Scheme::Signed(signed) = &self.scheme else {
            return Vec::new();
        };
        if matches!(signed.signer, Signer::PrivateKey(_)) {
            return Vec::new();
        }
        let others = forms.into_iter().filter(|(_, form)| *form != signed.signature.keys.text);
        let others = others.map(|(name, form)| {
            let mut signed = signed.clone();
            signed.signature.keys.text = form;
            (name, Self { scheme: Scheme::Signed(signed), ..self.clone() })
        });
        others.collect()
    }

    fn content(&self) -> Option<(&Signed, &Content)> {
        match &self.scheme {
            Scheme::SharedHeader(_) | Scheme::Basic => None,
            Scheme::Signed(signed) => match &signed.covered {
                Covered::Content(content) => Some((signed, content)),
                Covered::Token(_) => None,
            },
        }
    }

    fn has_part(&self, is_meant: impl Fn(&Part) -> bool) -> bool {
        self.content().is_some_and(|(_, content)| content.0.iter().any(is_meant))
    }
}
