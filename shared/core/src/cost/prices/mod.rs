//! Every unit price that the model knows, in one table, [`TABLE`]: those of
//! us-east-1, without free tiers. Those of another region come from a file of the
//! same shape ([`Prices::parse`]).
//!
//! A price is written as AWS writes it, in dollars with decimals, and kept as a
//! whole number of femto-dollars (10⁻¹⁵), as a gigabyte-second costs less than
//! whole nano-dollars can say. What is billed is rounded up to whole nano-dollars,
//! once for each kind of thing.

mod file;

pub use file::PricesError;

/// Where the table's prices hold.
pub const REGION: &str = "us-east-1";

/// When the table's prices were read.
pub const AS_OF: &str = "November 2026";

/// Femto-dollars of a nano-dollar.
const FEMTO_PER_NANO: u128 = 1_000_000;

/// The most decimals of a price: a whole number of femto-dollars.
const DECIMALS: u32 = 15;

/// Megabyte-milliseconds of a gigabyte-second: memory is counted in the former,
/// in which all that is billed is whole.
pub(super) const MB_MS_PER_GB_S: u64 = 1024 * 1000;

/// Bytes of the gigabyte by which logs and durable data are billed, 10⁹: the
/// smaller one, so that no byte is too cheap.
const BYTES_PER_GB: u64 = 1_000_000_000;

const MILLION: u64 = 1_000_000;

/// A kind of thing that is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// A state transition of a Standard workflow; each retry is one.
    Transition,
    /// A start of an Express workflow.
    ExpressRequest,
    /// A megabyte-millisecond of an Express workflow, waiting included.
    ExpressMemory,
    /// An invocation of a function.
    LambdaRequest,
    /// A megabyte-millisecond of a function on arm64.
    LambdaArm64,
    /// A megabyte-millisecond of a function on `x86_64`.
    LambdaX86,
    /// A request to an HTTP API.
    HttpApiRequest,
    /// A write of up to 1 KB.
    Write,
    /// A consistent read of up to 4 KB.
    Read,
    /// A byte of logs.
    LogByte,
    /// An operation of a Lambda durable function.
    DurableOperation,
    /// A byte that a Lambda durable function writes.
    DurableByte,
}

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is billed.
    pub item: Item,
    /// The key of its price in a file.
    pub key: &'static str,
    /// What the price buys, for people.
    pub what: &'static str,
    /// How many units that are.
    per: u64,
    /// The price, in dollars.
    pub dollars: &'static str,
    /// Where it was read.
    pub source: &'static str,
}

const STEP_FUNCTIONS: &str = "https://aws.amazon.com/step-functions/pricing/";
const LAMBDA: &str = "https://aws.amazon.com/lambda/pricing/";
const API_GATEWAY: &str = "https://aws.amazon.com/api-gateway/pricing/";
const DYNAMODB: &str = "https://aws.amazon.com/dynamodb/pricing/on-demand/";
const CLOUDWATCH: &str = "https://aws.amazon.com/cloudwatch/pricing/";

/// The table, in the order of [`Item`].
#[rustfmt::skip]
pub const TABLE: [Line; 12] = [
    Line { item: Item::Transition, key: "transitions_thousand", what: "1,000 state transitions, Standard", per: 1_000, dollars: "0.025", source: STEP_FUNCTIONS },
    Line { item: Item::ExpressRequest, key: "express_requests_million", what: "a million Express requests", per: MILLION, dollars: "1.00", source: STEP_FUNCTIONS },
    Line { item: Item::ExpressMemory, key: "express_gb_second", what: "a GB-second, Express", per: MB_MS_PER_GB_S, dollars: "0.00001667", source: STEP_FUNCTIONS },
    Line { item: Item::LambdaRequest, key: "lambda_requests_million", what: "a million Lambda requests", per: MILLION, dollars: "0.20", source: LAMBDA },
    Line { item: Item::LambdaArm64, key: "lambda_arm64_gb_second", what: "a GB-second, Lambda on arm64", per: MB_MS_PER_GB_S, dollars: "0.0000133334", source: LAMBDA },
    Line { item: Item::LambdaX86, key: "lambda_x86_64_gb_second", what: "a GB-second, Lambda on x86_64", per: MB_MS_PER_GB_S, dollars: "0.0000166667", source: LAMBDA },
    Line { item: Item::HttpApiRequest, key: "http_api_requests_million", what: "a million HTTP API requests", per: MILLION, dollars: "1.00", source: API_GATEWAY },
    Line { item: Item::Write, key: "write_units_million", what: "a million DynamoDB write units, on demand", per: MILLION, dollars: "0.625", source: DYNAMODB },
    Line { item: Item::Read, key: "read_units_million", what: "a million DynamoDB read units, on demand", per: MILLION, dollars: "0.125", source: DYNAMODB },
    Line { item: Item::LogByte, key: "logs_gb", what: "a GB of CloudWatch Logs", per: BYTES_PER_GB, dollars: "0.50", source: CLOUDWATCH },
    Line { item: Item::DurableOperation, key: "durable_operations_million", what: "a million durable operations", per: MILLION, dollars: "8.00", source: LAMBDA },
    Line { item: Item::DurableByte, key: "durable_written_gb", what: "a GB written by durable functions", per: BYTES_PER_GB, dollars: "0.25", source: LAMBDA },
];

/// What functions are built for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Architecture {
    /// Graviton, as the template has it.
    #[default]
    Arm64,
    /// Intel and AMD.
    X86,
}

impl Architecture {
    /// Whose memory is billed.
    #[must_use]
    pub const fn memory(self) -> Item {
        match self {
            Self::Arm64 => Item::LambdaArm64,
            Self::X86 => Item::LambdaX86,
        }
    }
}

/// The table's prices, in femto-dollars.
const FEMTO_DOLLARS: [u64; TABLE.len()] = of_table();

/// The prices of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// The region.
    pub region: String,
    /// When they were read.
    pub as_of: String,
    /// Where they were read; for the table, each line says so itself.
    pub source: String,
    /// Femto-dollars for each line of the table.
    femto_dollars: [u64; TABLE.len()],
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            region: REGION.to_owned(),
            as_of: AS_OF.to_owned(),
            source: "AWS's price lists".to_owned(),
            femto_dollars: FEMTO_DOLLARS,
        }
    }
}

impl Prices {
    /// When and where they were read, for people.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}, {}", self.region, self.as_of)
    }

    /// What `units` cost, in nano-dollars, rounded up to a whole one.
    #[must_use]
    pub fn of(&self, item: Item, units: u64) -> u64 {
        let (femto, per) = (self.femto_dollars[item as usize], TABLE[item as usize].per);
        let exact = u128::from(units) * u128::from(femto);
        u64::try_from(exact.div_ceil(u128::from(per) * FEMTO_PER_NANO)).unwrap_or(u64::MAX)
    }

    /// How long an Express execution with `mb` of memory may wait before that costs
    /// more than `transitions` of a Standard workflow and another start of the Express
    /// one, in milliseconds.
    #[must_use]
    pub const fn break_even_ms(&self, transitions: u64, mb: u64) -> u64 {
        break_even_ms(&self.femto_dollars, transitions, mb)
    }
}

/// The same by the table's prices, for what is decided before anything runs.
pub(crate) const fn break_even_ms_of_table(transitions: u64, mb: u64) -> u64 {
    break_even_ms(&FEMTO_DOLLARS, transitions, mb)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "in a constant nothing can be converted by a trait; what is too much is seen before"
)]
const fn break_even_ms(femto_dollars: &[u64; TABLE.len()], transitions: u64, mb: u64) -> u64 {
    let out_and_back =
        exact(femto_dollars, Item::Transition, transitions) + exact(femto_dollars, Item::ExpressRequest, 1);
    // A gigabyte-second has so many megabyte-milliseconds, and that many milliseconds cost this:
    let waited = exact(femto_dollars, Item::ExpressMemory, mb * MB_MS_PER_GB_S);
    let Some(ms) = (out_and_back * MB_MS_PER_GB_S as u128).checked_div(waited) else { return u64::MAX };
    if ms > u64::MAX as u128 { u64::MAX } else { ms as u64 }
}

/// What so many units cost, in femto-dollars, rounded down.
const fn exact(femto_dollars: &[u64; TABLE.len()], item: Item, units: u64) -> u128 {
    units as u128 * femto_dollars[item as usize] as u128 / TABLE[item as usize].per as u128
}

const fn of_table() -> [u64; TABLE.len()] {
    let mut all = [0; TABLE.len()];
    let mut n = 0;
    while n < TABLE.len() {
        if let Some(price) = femto_dollars(TABLE[n].dollars) {
            all[n] = price;
        }
        n += 1;
    }
    all
}

/// A decimal number of dollars as femto-dollars, exactly; `None` if it is none, has
/// more than 15 decimals, or is over 18,000.
const fn femto_dollars(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let (mut value, mut decimals, mut is_fraction, mut digits, mut n) = (0_u64, 0, false, 0, 0);
    while n < bytes.len() {
        match bytes[n] {
            b'.' if !is_fraction && digits > 0 && n + 1 < bytes.len() => is_fraction = true,
            digit @ b'0'..=b'9' => {
                let Some(shifted) = value.checked_mul(10) else { return None };
                let Some(next) = shifted.checked_add((digit - b'0') as u64) else { return None };
                value = next;
                digits += 1;
                decimals += is_fraction as u32;
            }
            _ => return None,
        }
        n += 1;
    }
    if digits == 0 || decimals > DECIMALS {
        return None;
    }
    value.checked_mul(10_u64.pow(DECIMALS - decimals))
}

#[cfg(test)]
mod tests;
