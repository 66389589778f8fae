//! Error names are API: a state machine catches and retries by them, alarms
//! count them, users search for them. They are therefore one enum, and a test
//! compares it with the definitions.

use std::fmt;

/// Declares the enum, its text and the list of all variants in one place.
macro_rules! error_names {
    ($($(#[$doc:meta])+ $name:ident $retry:ident,)+) => {
        /// The name of an error as Step Functions sees it (`Error` in a Catch's
        /// output, `ErrorEquals` in a Retry).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum ErrorName { $($(#[$doc])+ $name,)+ }

        impl ErrorName {
            /// Every name, in the order of declaration.
            pub const ALL: &[ErrorName] = &[$(ErrorName::$name,)+];

            /// The name as the state machines spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(ErrorName::$name => stringify!($name),)+ }
            }

            /// The name that a text spells, if it is one of ours.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|name| name.as_str() == text)
            }

            /// Whether asking again later may succeed: these, and no others,
            /// stand in the state machines' Retry lists.
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self { $(ErrorName::$name => retryable!($retry),)+ }
            }
        }
    };
}
macro_rules! retryable {
    (retry) => {
        true
    };
    (final_) => {
        false
    };
}

error_names! {
    // Before anything was sent.
    /// The main workflow's input is not a list of requests with a subject.
    InvalidInput final_,
    /// No integration file of that name was deployed.
    UnknownIntegration final_,
    /// The payload lacks what the integration's placeholders need.
    InvalidRequest final_,
    /// The schedule could take more rounds than the execution's history holds.
    TooManyRounds final_,
    /// A workflow of one's own waits in a way that its integration file no longer asks for.
    OutdatedFragment final_,
    /// The integration pinned to the wait is no longer to be found.
    IntegrationLost final_,

    // While submitting.
    /// The third party is busy, down or unreachable, and has not taken the job.
    ThirdPartyUnavailable retry,
    /// The third party has as much to do as its limits allow, or is to be left
    /// alone; nothing was sent, and the submit stands in line.
    AtCapacity retry,
    /// Another attempt of the same task is sending the request now.
    SubmitInProgress retry,
    /// The wait's table did not answer.
    StoreUnavailable retry,
    /// Step Functions did not take an outcome.
    TaskUnavailable retry,
    /// A secret could not be read.
    SecretUnavailable retry,
    /// The third party refused the request.
    SubmitRefused final_,
    /// The request may or may not have arrived, and sending it twice is not safe.
    SubmitUnknown final_,
    /// The answer lacks what the integration file says is in it.
    BadAnswer final_,
    /// The third party gave the id of a job that belongs to another wait.
    JobIdTaken final_,
    /// A later attempt of the same task has taken over.
    Superseded final_,
    /// The wait has its outcome already; `Close` returns it.
    OutcomeStored final_,

    // How a wait ends badly.
    /// The job failed at the third party.
    JobFailed final_,
    /// The third party refuses to say how the job is doing.
    CheckRefused final_,
    /// The result does not fit into an execution.
    ResultTooLarge final_,
    /// The deadline passed and the job was not done.
    DeadlinePassed final_,
    /// The wait was given up for another reason, which the cause names.
    WaitCancelled final_,

    // Raised by the main workflow itself.
    /// A polling round failed several times in a row.
    RoundsFailed final_,
    /// The planned number of rounds, or of looks, is used up.
    RoundsExhausted final_,
    /// The result could not be written to the result table.
    ResultNotKept final_,
    /// At least one request did not succeed; the cause lists them.
    RequestsFailed final_,
    /// A defect of stepwait itself.
    Defect final_,
}

impl fmt::Display for ErrorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorName;

    #[test]
    fn a_name_is_serialized_and_parsed_as_the_state_machines_spell_it() {
        for name in ErrorName::ALL {
            assert_eq!(serde_json::to_value(name).unwrap(), name.as_str());
            assert_eq!(ErrorName::parse(name.as_str()), Some(*name));
        }
    }
}
