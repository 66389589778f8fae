//! What there is to see in a trial. Nothing here holds a secret: texts passed
//! under the veil when the event was made.

use serde::{Deserialize, Serialize};
use stepwait_core::wait::OutcomeKind;

/// Which request of an integration is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// For an access token.
    Token,
    /// Starts the job.
    Submit,
    /// Finds out whether a job was started.
    LookUp,
    /// Looks at the job.
    Status,
    /// Fetches the result.
    Result,
    /// Calls the job off.
    Cancel,
}

impl Leg {
    /// The leg as fixtures spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Submit => "submit",
            Self::LookUp => "look_up",
            Self::Status => "status",
            Self::Result => "result",
            Self::Cancel => "cancel",
        }
    }
}

/// A request as it may be shown: credentials, secrets and kept values redacted,
/// secret query values left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownRequest {
    /// The method.
    pub method: &'static str,
    /// The URL.
    pub url: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// A value that the integration file points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Located {
    /// The key that points to it.
    pub key: String,
    /// Where it stands.
    pub at: String,
    /// The value, cut to a line.
    pub value: String,
}

/// What a look at the job found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The job is under way.
    Pending,
    /// The answer says nothing about the job; ask again.
    AskAgain,
    /// The third party refuses to say.
    Refused,
    /// The job has ended, and its result is there if it has one.
    Ended,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A request is sent.
    Sent {
        /// Which one.
        leg: Leg,
        /// The request.
        request: ShownRequest,
    },
    /// It was answered.
    Answered {
        /// Which one.
        leg: Leg,
        /// The HTTP status code.
        status: u16,
        /// The body's size in bytes, decoded.
        bytes: usize,
        /// How long it took, in milliseconds.
        took_ms: u64,
        /// What the file points to in it.
        located: Vec<Located>,
    },
    /// It was not answered.
    NotAnswered {
        /// Which one.
        leg: Leg,
        /// Why.
        why: String,
        /// Whether it was not even sent, as its address may not be called from here.
        refused: bool,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// Nothing is sent to start the job: the request names it.
    NothingToSend,
    /// The third party has the job.
    Taken {
        /// Its id.
        job_id: String,
        /// The names of the values that are kept for later requests.
        kept: Vec<String>,
    },
    /// The third party has done the job at once.
    DoneAtOnce,
    /// The request to start the job is to be repeated, or looked up.
    NotTaken {
        /// Why.
        why: String,
        /// Whether it is certain that there is no job.
        certain: bool,
    },
    /// What a look found.
    Looked {
        /// Which look, from 1.
        check: u32,
        /// What it means.
        meaning: Meaning,
        /// Which rule of the file decided.
        rule: String,
        /// The status value.
        value: Option<String>,
        /// How far the job is.
        progress: Option<String>,
        /// What was wrong, if something was.
        reason: Option<String>,
    },
    /// Nothing happens for a while.
    Waiting {
        /// How long, in seconds.
        seconds: u64,
        /// Whether the third party asked for that.
        asked: bool,
    },
    /// The wait is given up.
    GivenUp {
        /// Why.
        why: String,
    },
    /// What became of the request that calls the job off.
    CalledOff {
        /// The HTTP status code; absent if the file has no `[cancel]`.
        status: Option<u16>,
        /// Why there was no answer.
        why_not: Option<String>,
    },
    /// The end.
    Ended {
        /// How it ended.
        end: OutcomeKind,
        /// How often the job was looked at.
        checks: u32,
    },
}

/// Who is told.
pub trait Observer: Sync {
    /// Something happened.
    fn saw(&self, event: &Event);
}

impl<F: Fn(&Event) + Sync> Observer for F {
    fn saw(&self, event: &Event) {
        self(event);
    }
}
