//! One wait of one integration, without AWS: is the file right?
//!
//! A [`Trial`] does what the functions do for one request: it starts the job,
//! looks at it until it has ended, collects its result, and calls it off if its
//! time is up. It holds no rule of its own. The requests, the reading of answers
//! and the schedule are `stepwait-core`'s, the exchanges with their credentials
//! and the collecting of results are `stepwait-flow`'s; what is left out is what
//! only several attempts of several executions need, the table of waits. Read it
//! beside `shared/flow/src/submit/send.rs`, `check.rs` and `close.rs`.
//!
//! # The run
//!
//! Whoever runs a trial supplies its [`World`]: who is called (`ThirdParty`), what
//! the secrets are (`Secrets`), what time it is and how to let it pass ([`Time`]),
//! and who is told ([`Observer`]). On the command line these are the internet, the
//! environment, the clock and the terminal; in a replay all of them are a file,
//! and no time passes.
//!
//! An [`Observer`] sees each request, each answer and what was made of it as an
//! [`Event`], while it happens. Events hold no secret: whatever a trial learns
//! that must not be shown (secrets, access tokens, kept values, signatures in
//! addresses) goes under its [`Veil`] first, and every text passes under the veil
//! before anybody sees it.
//!
//! # Recordings
//!
//! A [`Tape`] keeps the exchanges of a run, and becomes a [`Fixture`]: a file that
//! says what was asked, what was answered, and how it ended. A [`Replay`] plays
//! one back: it compares each request with the recorded one and answers what was
//! answered then, so that a changed integration file can be tried against
//! yesterday's conversation without anybody being called.
//!
//! - `trial`: what is tried, and how far; `submit` and `watch`: the run.
//! - `outside`: the ports, which tell the observer.
//! - `event`, `places`, `veil`: what can be seen.
//! - `dry`: the requests that would be sent.
//! - `fixture`: recordings, how they are made, compared and played back.

mod dry;
mod event;
mod fixture;
mod outside;
mod places;
mod submit;
mod time;
mod trial;
mod veil;
mod watch;

pub use dry::{DryRequest, dry_run};
pub use event::{Event, Leg, Located, Meaning, Observer, ShownRequest};
pub use fixture::{
    Difference, Exchange, Expected, Fixture, FixtureError, Names, RecordedAnswer, RecordedError, RecordedEvent,
    RecordedRequest, Replay, StandIns, Tape, Unplayable,
};
pub use time::{Pause, Time, VirtualTime};
pub use trial::{Ended, Options, Trial, TrialError, World};
pub use veil::{REDACTED, Veil};
