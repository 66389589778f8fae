//! Prices of AWS in us-east-1, without free tiers, as of November 2026:
//! [Step Functions](https://aws.amazon.com/step-functions/pricing/),
//! [Lambda](https://aws.amazon.com/lambda/pricing/) on arm64,
//! [DynamoDB](https://aws.amazon.com/dynamodb/pricing/on-demand/) on demand.

/// When and where the prices were read, for people.
pub const AS_OF: &str = "us-east-1, November 2026";

/// A price: so many nano-dollars for so many units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Nano-dollars for `per` units.
    nano_dollars: u64,
    /// The units that they buy.
    per: u64,
}

/// Megabyte-milliseconds of a gigabyte-second: memory is counted in the former,
/// in which all that is billed is whole.
const MB_MS_PER_GB_S: u64 = 1024 * 1000;

/// A state transition of a Standard workflow; each retry is one: $0.025 per 1,000.
pub const TRANSITION: Price = Price { nano_dollars: 25_000_000, per: 1_000 };

/// A start of an Express workflow: $1.00 per million.
pub const EXPRESS_REQUEST: Price = Price { nano_dollars: 1_000_000_000, per: 1_000_000 };

/// A megabyte-millisecond of an Express workflow, waiting included: $0.00001667 per GB-s.
pub const EXPRESS_MEMORY: Price = Price { nano_dollars: 16_670, per: MB_MS_PER_GB_S };

/// An invocation of a function: $0.20 per million.
pub const LAMBDA_REQUEST: Price = Price { nano_dollars: 200_000_000, per: 1_000_000 };

/// A megabyte-millisecond of a function on arm64: $0.0000133334 per GB-s.
pub const LAMBDA_MEMORY: Price = Price { nano_dollars: 133_334, per: 10 * MB_MS_PER_GB_S };

/// A write of up to 1 KB: $0.625 per million.
pub const WRITE: Price = Price { nano_dollars: 625_000_000, per: 1_000_000 };

/// A consistent read of up to 4 KB: $0.125 per million.
pub const READ: Price = Price { nano_dollars: 125_000_000, per: 1_000_000 };

impl Price {
    /// What `units` cost, in nano-dollars, rounded down; few enough not to overflow.
    pub(crate) const fn nano_dollars_of(self, units: u64) -> u64 {
        units * self.nano_dollars / self.per
    }

    /// What `units` cost, in nano-dollars, rounded up to a whole one.
    #[must_use]
    pub fn of(self, units: u64) -> u64 {
        let exact = u128::from(units) * u128::from(self.nano_dollars);
        u64::try_from(exact.div_ceil(u128::from(self.per))).unwrap_or(u64::MAX)
    }
}
