//! What must hold, and whether it does.

use serde::Serialize;

/// One count, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    phase: String,
    what: &'static str,
    at_least: u64,
    at_most: u64,
    found: u64,
    holds: bool,
}

impl Check {
    pub(super) fn exactly(
        phase: impl Into<String>,
        what: &'static str,
        expected: impl TryInto<u64>,
        found: impl TryInto<u64>,
    ) -> Self {
        let expected = number(expected);
        Self::between(phase, what, expected, expected, found)
    }

    pub(super) fn between(
        phase: impl Into<String>,
        what: &'static str,
        at_least: impl TryInto<u64>,
        at_most: impl TryInto<u64>,
        found: impl TryInto<u64>,
    ) -> Self {
        let (at_least, at_most, found) = (number(at_least), number(at_most), number(found));
        Self { phase: phase.into(), what, at_least, at_most, found, holds: (at_least..=at_most).contains(&found) }
    }

    pub(super) const fn holds(&self) -> bool {
        self.holds
    }

    /// A line that says what is wrong.
    pub(super) fn complaint(&self) -> String {
        let Self { phase, what, at_least, at_most, found, .. } = self;
        if at_least == at_most {
            format!("{phase}: {what}: there must be {at_least}, and there are {found}")
        } else {
            format!("{phase}: {what}: there must be {at_least} to {at_most}, and there are {found}")
        }
    }
}

fn number(count: impl TryInto<u64>) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Check;

    #[test]
    fn a_count_beside_its_bounds_does_not_hold_and_is_complained_of() {
        let twice = Check::exactly("duplicates", "claims", 1, 2);
        assert!(!twice.holds());
        assert_eq!(twice.complaint(), "duplicates: claims: there must be 1, and there are 2");
        let never = Check::between("duplicates", "calls", 1, 4, 0);
        assert!(!never.holds());
        assert_eq!(never.complaint(), "duplicates: calls: there must be 1 to 4, and there are 0");
        assert!(Check::between("duplicates", "calls", 1, 4, 4).holds());
    }
}
