//! How often in a row may a look at a job go wrong?

use super::check::Verdict;
use crate::ErrorName;
use crate::integration::ErrorPolicy;

/// Looks in a row that said nothing of the job. Whoever looks carries it on to
/// the next look, in the workflow or on the wait's row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InARow {
    /// Looks that got no usable answer.
    pub failures: u32,
    /// Looks that were refused.
    pub refusals: u32,
}

impl InARow {
    /// The counts after one more look, and by which error the wait fails if that
    /// was one look too many.
    #[must_use]
    pub fn after(self, verdict: &Verdict, policy: &ErrorPolicy) -> (Self, Option<ErrorName>) {
        match verdict {
            Verdict::Pending { .. } | Verdict::Ended(_) => (Self::default(), None),
            Verdict::AskAgain { .. } => {
                let failures = self.failures.saturating_add(1);
                let is_over = policy.budget.is_some_and(|budget| failures >= budget);
                (Self { failures, ..self }, is_over.then_some(ErrorName::ThirdPartyUnavailable))
            }
            Verdict::Refused { .. } => {
                let refusals = self.refusals.saturating_add(1);
                (Self { refusals, ..self }, (refusals >= policy.refusals).then_some(ErrorName::CheckRefused))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{InARow, Verdict};
    use crate::ErrorName;
    use crate::integration::ErrorPolicy;

    fn no_answer() -> Verdict {
        Verdict::AskAgain { reason: "HTTP 502".to_owned(), retry_after: None }
    }

    fn refused() -> Verdict {
        Verdict::Refused { reason: "HTTP 403".to_owned(), retry_after: None }
    }

    #[test]
    fn each_kind_of_trouble_is_counted_apart_and_fails_the_wait_at_its_own_number() {
        let policy = ErrorPolicy { budget: Some(2), refusals: 3, ..ErrorPolicy::default() };
        let (one, over) = InARow::default().after(&no_answer(), &policy);
        assert_eq!((one, over), (InARow { failures: 1, refusals: 0 }, None));
        let (both, over) = one.after(&refused(), &policy);
        assert_eq!((both, over), (InARow { failures: 1, refusals: 1 }, None));
        assert_eq!(both.after(&no_answer(), &policy).1, Some(ErrorName::ThirdPartyUnavailable));
        let (two, over) = both.after(&refused(), &policy);
        assert_eq!((two, over), (InARow { failures: 1, refusals: 2 }, None));
        assert_eq!(two.after(&refused(), &policy).1, Some(ErrorName::CheckRefused));
    }

    #[test]
    fn a_good_answer_begins_the_counts_anew_and_without_a_budget_no_failure_is_one_too_many() {
        let many = InARow { failures: 9_999, refusals: 9 };
        let pending = Verdict::Pending { retry_after: None };
        assert_eq!(many.after(&pending, &ErrorPolicy::default()), (InARow::default(), None));
        assert_eq!(many.after(&no_answer(), &ErrorPolicy::default()).1, None);
    }
}
