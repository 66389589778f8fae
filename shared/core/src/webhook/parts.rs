//! The values of a delivery that may be signed. They are data: nothing in them
//! is ever read as a placeholder, and one that is missing is never an empty text.

use super::{Delivery, Refusal};
use crate::answer::parse_json;
use crate::encoding::hex;
use crate::integration::scalar_text;
use crate::integration::verify::{Content, Layout, Part, Place, SignatureAt, SignatureRule, Signed};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::cell::OnceCell;

/// The most fields of a form that are signed as a whole, 1,000. No more are
/// read either ([`Delivery::form_fields`]).
const MAX_FORM_FIELDS: usize = 1_000;

/// The values of one delivery.
pub(super) struct Parts<'a> {
    pub(super) delivery: &'a Delivery,
    rule: &'a SignatureRule,
    callback_url: Option<&'a str>,
    body: OnceCell<Option<Value>>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(signed: &'a Signed, delivery: &'a Delivery, callback_url: Option<&'a str>) -> Self {
        Self { delivery, rule: &signed.signature, callback_url, body: OnceCell::new() }
    }

    /// The body as JSON, parsed once.
    pub(super) fn json(&self) -> Option<&Value> {
        self.body.get_or_init(|| parse_json(&self.delivery.body).ok()).as_ref()
    }

    /// The value at a place of the delivery, which must be there.
    pub(super) fn value(&self, place: &Place) -> Result<String, Refusal> {
        let missing = || Refusal::MissingValue(place.to_string());
        match place {
            Place::Header(name) => self.delivery.required(name).map(str::to_owned),
            Place::Field(name) => self.field(name).map(str::to_owned),
            Place::Query(name) => first(self.delivery.query_fields(), name).ok_or_else(missing),
            Place::Form(name) => first(self.delivery.form_fields(), name).ok_or_else(missing),
            Place::Body(pointer) => {
                self.json().and_then(|body| pointer.find(body)).and_then(scalar_text).ok_or_else(missing)
            }
            // Claims are those of a token that was verified, which this does not know.
            Place::Claim(_) => Err(missing()),
        }
    }

    /// The texts that stand where signatures do, with the place of each.
    pub(super) fn signature_texts(&self) -> Result<Vec<(String, String)>, Refusal> {
        match &self.rule.at {
            SignatureAt::Headers(names) => {
                let named = names.iter().filter_map(|name| self.delivery.required(name).ok().map(|text| (name, text)));
                let texts: Vec<_> =
                    named.map(|(name, text)| (format!("the header {name:?}"), text.to_owned())).collect();
                let first = names.first().cloned().unwrap_or_default();
                if texts.is_empty() { Err(Refusal::MissingHeader(first)) } else { Ok(texts) }
            }
            SignatureAt::Query(name) => {
                let place = Place::Query(name.clone());
                Ok(vec![(place.to_string(), self.value(&place)?)])
            }
            SignatureAt::Body(pointer) => {
                let place = Place::Body(pointer.clone());
                Ok(vec![(place.to_string(), self.value(&place)?)])
            }
        }
    }

    /// A field of the signature's header. The first of a name counts, both in what
    /// is signed and in what is checked, so that two of a name say nothing new.
    fn field(&self, name: &str) -> Result<&'a str, Refusal> {
        let SignatureAt::Headers(names) = &self.rule.at else {
            return Err(Refusal::MissingValue(format!("the field {name:?}")));
        };
        let header = names.first().map_or("", String::as_str);
        self.rule
            .layout
            .fields(self.delivery.required(header)?)
            .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
            .ok_or_else(|| Refusal::MissingField { header: header.to_owned(), field: name.to_owned() })
    }

    /// What is signed.
    pub(super) fn content(&self, content: &Content) -> (Vec<u8>, Vec<Refusal>) {
        let (mut bytes, mut missing) = (Vec::with_capacity(self.delivery.body.len()), Vec::new());
        for part in &content.0 {
            if let Err(refusal) = self.write(part, &mut bytes) {
                missing.push(refusal);
            }
        }
        (bytes, missing)
    }

    fn write(&self, part: &Part, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let delivery = self.delivery;
        match part {
            Part::Text(text) => out.extend_from_slice(text.as_bytes()),
            Part::Value(place) => out.extend_from_slice(self.value(place)?.as_bytes()),
            Part::Optional(pointer) => {
                let body = self.json().ok_or_else(|| Refusal::MissingValue("the JSON body".to_owned()))?;
                match pointer.find(body) {
                    None | Some(Value::Null) => {}
                    Some(value) => {
                        let missing = || Refusal::MissingValue(Place::Body(pointer.clone()).to_string());
                        out.extend_from_slice(scalar_text(value).ok_or_else(missing)?.as_bytes());
                    }
                }
            }
            Part::Body => out.extend_from_slice(&delivery.body),
            Part::BodySha256 => out.extend_from_slice(hex(&Sha256::digest(&delivery.body)).as_bytes()),
            Part::BodyCrc32 => out.extend_from_slice(crc32fast::hash(&delivery.body).to_string().as_bytes()),
            Part::SortedForm => self.sorted_form(out)?,
            Part::BodyLines(names) => self.lines(names, out)?,
            Part::Method if delivery.method.is_empty() => return Err(Refusal::NoMethod),
            Part::Method => out.extend_from_slice(delivery.method.as_bytes()),
            Part::Path => out.extend_from_slice(delivery.path.as_bytes()),
            Part::Url => out.extend_from_slice(self.callback_url.ok_or(Refusal::NoCallbackUrl)?.as_bytes()),
            Part::FullUrl => {
                out.extend_from_slice(self.callback_url.ok_or(Refusal::NoCallbackUrl)?.as_bytes());
                if !delivery.query.is_empty() {
                    out.push(b'?');
                    out.extend_from_slice(delivery.query.as_bytes());
                }
            }
        }
        Ok(())
    }

    /// Names and values of a form, in the order of both, each pair once.
    fn sorted_form(&self, out: &mut Vec<u8>) -> Result<(), Refusal> {
        if !self.delivery.is_form() {
            return Err(Refusal::NotAForm);
        }
        if self.delivery.body.iter().filter(|byte| **byte == b'&').count() >= MAX_FORM_FIELDS {
            return Err(Refusal::TooManyFields(MAX_FORM_FIELDS));
        }
        let mut fields: Vec<_> = self.delivery.form_fields().collect();
        fields.sort_unstable();
        fields.dedup();
        for (name, value) in fields {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(value.as_bytes());
        }
        Ok(())
    }

    /// Those of the members of a JSON body that are there, each as two lines.
    fn lines(&self, names: &[String], out: &mut Vec<u8>) -> Result<(), Refusal> {
        let body = self.json().and_then(Value::as_object);
        let body = body.ok_or_else(|| Refusal::MissingValue("the JSON body".to_owned()))?;
        for (name, value) in names.iter().filter_map(|name| body.get(name).map(|value| (name, value))) {
            let missing = || Refusal::MissingValue(format!("the body's \"/{name}\""));
            let text = scalar_text(value).ok_or_else(missing)?;
            out.extend_from_slice(format!("{name}\n{text}\n").as_bytes());
        }
        Ok(())
    }
}

impl Delivery {
    /// A header that must be there and not be empty.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.header(name).filter(|value| !value.is_empty()).ok_or_else(|| Refusal::MissingHeader(name.to_owned()))
    }
}

/// The first field of a name that is not empty.
fn first<'d>(
    mut fields: impl Iterator<Item = (std::borrow::Cow<'d, str>, std::borrow::Cow<'d, str>)>,
    name: &str,
) -> Option<String> {
    fields.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.into_owned())
}

impl Layout {
    /// The signatures in a header's value, each with its prefix.
    pub(super) fn signatures<'v>(&self, value: &'v str) -> Vec<&'v str> {
        match self {
            Self::Single => vec![value.trim()],
            Self::List(separator) => value.split(*separator).map(str::trim).collect(),
            Self::Fields { name, .. } => self.fields(value).filter(|(key, _)| key == name).map(|(_, v)| v).collect(),
        }
    }

    /// The fields in a header's value; none if it does not consist of fields.
    fn fields<'v>(&self, value: &'v str) -> impl Iterator<Item = (&'v str, &'v str)> {
        let separator = match self {
            Self::Fields { separator, .. } => Some(*separator),
            Self::Single | Self::List(_) => None,
        };
        separator
            .into_iter()
            .flat_map(move |separator| value.split(separator))
            .filter_map(|field| field.split_once('='))
            .map(|(key, value)| (key.trim(), value.trim()))
    }
}
