//! `[result]`: where the result of a job that is done comes from: the answer
//! that said so, a second request, or several pages.

use super::condition::{Condition, RawCondition};
use super::placeholder::{Leg, Scope};
use super::request::{RequestTemplate, leg};
use super::{KeyError, Locator, Method, Values};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most pages that a file may allow; each takes a request within one check.
const MAX_PAGES: u16 = 100;

/// The pages that are fetched unless the file says otherwise, 20.
const DEFAULT_PAGES: u16 = 20;

/// Where the result comes from.
#[derive(Clone, Debug, Default)]
pub struct ResultLeg {
    /// Where it stands in its answer; the whole body if absent.
    pub output: Option<Locator>,
    /// The request that fetches it; absent if it stands in the status answer.
    pub fetch: Option<Fetch>,
}

impl ResultLeg {
    /// How the body of a result is read.
    #[must_use]
    pub fn format(&self) -> Format {
        self.fetch.as_ref().map(|fetch| fetch.format).unwrap_or_default()
    }
}

/// A request for a result.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// The request.
    pub request: RequestTemplate,
    /// When it is sent; without it the result is the whole status answer. Always, if absent.
    pub when: Option<Condition>,
    /// How its body is read.
    pub format: Format,
    /// How further pages are found.
    pub pages: Option<Pages>,
}

/// How the body of a result is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Format {
    /// As JSON.
    #[default]
    Json,
    /// As text; bytes that are not UTF-8 are an error.
    Text,
    /// As one JSON document a line (JSON Lines), which become a list.
    Lines,
    /// As bytes, written in base64.
    Base64,
}

impl Format {
    /// Whether the body is read as JSON, which takes more memory than its bytes.
    pub(crate) const fn is_parsed(self) -> bool {
        match self {
            Self::Json | Self::Lines => true,
            Self::Text | Self::Base64 => false,
        }
    }
}

/// How a result in pages is put together.
#[derive(Clone, Debug, PartialEq)]
pub struct Pages {
    /// Where a page's items stand.
    pub items: Locator,
    /// How the next page is found.
    pub next: NextPage,
    /// The most pages.
    pub most: u16,
}

/// How the next page is found.
#[derive(Clone, Debug, PartialEq)]
pub enum NextPage {
    /// A cursor in the answer goes into a query key.
    Cursor {
        /// Where the cursor stands; nothing there ends the pages.
        from: Locator,
        /// The query key.
        query: String,
    },
    /// The `Link` header with `rel="next"` (RFC 8288).
    Link,
    /// A URL in the answer; nothing there ends the pages.
    Url {
        /// Where it stands.
        from: Locator,
    },
    /// The count of items so far goes into a query key.
    Offset {
        /// The query key.
        query: String,
        /// The items of a full page: fewer end the pages.
        size: u32,
    },
}

leg! {
    /// `[result]`: where the result comes from. Without `path` and `url` it is a part of the status answer, or the whole of it.
    RawResult {
        /// Where the result stands: in the answer to this section's request if there is one, else in the status answer. The whole body if absent.
        output: Option<Locator>,
        /// When this section's request is sent, by the status answer; otherwise the result is that answer. For third parties that have nothing to fetch when nothing was found.
        when: Option<RawCondition>,
        /// How the body of this section's answer is read: `json`, `text`, `lines` (one JSON document a line, which become a list) or `base64`.
        #[schemars(extend("default" = "json"))]
        format: Option<Format>,
        /// How a result in pages is put together; the result is the list of all items.
        pages: Option<RawPages>,
    }
}

/// How a result in pages is put together.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Pages")]
struct RawPages {
    /// Where a page's items stand.
    items: Locator,
    /// How the next page is found: the place of a cursor such as `body:/next_cursor` (with `query`), `link` for the `Link` header, `url:body:/next` for the place of a URL, or `offset` (with `query` and `size`).
    next: String,
    /// The query key that takes the cursor or the offset.
    query: Option<String>,
    /// How many items a full page has, for `offset`; a page with fewer is the last.
    size: Option<u32>,
    /// The most pages that are fetched, up to 100. More fail the wait with `ResultTooLarge` rather than return a part.
    #[schemars(extend("default" = 20))]
    most: Option<u16>,
}

impl RawResult {
    pub(super) fn check(mut self, kept: &[String], values: &Values) -> Result<ResultLeg, KeyError> {
        let raw = self.request();
        if raw.is_absent() {
            let unused = [
                ("result.when", self.when.is_some()),
                ("result.format", self.format.is_some()),
                ("result.pages", self.pages.is_some()),
            ];
            for (key, is_there) in unused {
                if is_there {
                    return Err((
                        key.to_owned(),
                        "belongs to a request of its own: add `path` or `url`, or leave it out".to_owned(),
                    ));
                }
            }
            return Ok(ResultLeg { output: self.output, fetch: None });
        }
        let scope = Scope { leg: Leg::Result, kept, values, has_callback: false, has_batch: false };
        let mut request = raw.check("result", scope, Method::Get)?;
        let when = self.when.map(RawCondition::check).transpose().map_err(|e| ("result.when".to_owned(), e))?;
        let format = self.format.unwrap_or_default();
        if format != Format::Json {
            request.accept = "*/*";
        }
        let pages = self.pages.map(RawPages::check).transpose()?;
        if pages.is_some() && (format != Format::Json || self.output.is_some()) {
            return Err((
                "result.pages".to_owned(),
                "pages are read as JSON and become one list; leave `format` and `output` out".to_owned(),
            ));
        }
        if self.output.is_some() && matches!(format, Format::Text | Format::Base64 | Format::Lines) {
            return Err((
                "result.output".to_owned(),
                "stands in JSON only; leave it out, or write format = \"json\"".to_owned(),
            ));
        }
        Ok(ResultLeg { output: self.output, fetch: Some(Fetch { request, when, format, pages }) })
    }
}

impl RawPages {
    fn check(self) -> Result<Pages, KeyError> {
        let fail = |key: &str, what: &str| Err((format!("result.pages.{key}"), what.to_owned()));
        let most = self.most.unwrap_or(DEFAULT_PAGES);
        if most == 0 || most > MAX_PAGES {
            return fail("most", &format!("must lie between 1 and {MAX_PAGES}"));
        }
        let needs_query = |query: Option<String>| {
            query.ok_or_else(|| {
                (
                    "result.pages.query".to_owned(),
                    "is missing: name the query key that asks for the next page".to_owned(),
                )
            })
        };
        let (query, size) = (self.query, self.size);
        let next = match self.next.as_str() {
            "link" => NextPage::Link,
            "offset" => match size {
                Some(size) if size > 0 => NextPage::Offset { query: needs_query(query.clone())?, size },
                Some(_) | None => return fail("size", "is missing: say how many items a full page has"),
            },
            text => match text.strip_prefix("url:") {
                Some(place) => {
                    NextPage::Url { from: Locator::parse(place).map_err(|e| ("result.pages.next".to_owned(), e))? }
                }
                None => {
                    let from = Locator::parse(text).map_err(|_| {
                        ("result.pages.next".to_owned(), format!("{text:?} does not say how the next page is found: write the place of a cursor such as \"body:/next\", \"url:body:/next\", \"link\" or \"offset\""))
                    })?;
                    NextPage::Cursor { from, query: needs_query(query.clone())? }
                }
            },
        };
        let is_unused = match next {
            NextPage::Link | NextPage::Url { .. } => query.is_some() || size.is_some(),
            NextPage::Cursor { .. } => size.is_some(),
            NextPage::Offset { .. } => false,
        };
        if is_unused {
            return fail(
                "next",
                "this way of finding the next page does not use all of `query` and `size`; leave out what it does not use",
            );
        }
        Ok(Pages { items: self.items, next, most })
    }
}
