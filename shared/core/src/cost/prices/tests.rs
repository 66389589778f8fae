//! The table against the price list, and files of prices against the table.

use super::Item::{
    DurableByte, DurableOperation, ExpressMemory, ExpressRequest, HttpApiRequest, LambdaArm64, LambdaRequest,
    LambdaX86, LogByte, Read, Transition, Write,
};
use super::{Prices, PricesError, TABLE, femto_dollars};
use crate::decide::round::BREAK_EVEN;

const EXAMPLE: &str = include_str!("../../../../../docs/prices.toml");

#[test]
fn each_price_is_that_of_the_price_list() {
    let prices = Prices::default();
    let million = |item| prices.of(item, 1_000_000);
    assert_eq!(
        [Transition, ExpressRequest, LambdaRequest, HttpApiRequest, Write, Read, DurableOperation].map(million),
        [25_000_000_000, 1_000_000_000, 200_000_000, 1_000_000_000, 625_000_000, 125_000_000, 8_000_000_000]
    );
    let ten_gb_seconds = |item| prices.of(item, 10 * 1024 * 1000);
    assert_eq!([ExpressMemory, LambdaArm64, LambdaX86].map(ten_gb_seconds), [166_700, 133_334, 166_667]);
    assert_eq!([LogByte, DurableByte].map(|item| prices.of(item, 1_000_000_000)), [500_000_000, 250_000_000]);
    assert_eq!(prices.of(Read, 0), 0);
    assert_eq!(prices.of(ExpressMemory, 1), 1, "a part of a nano-dollar counts as one");
}

#[test]
fn the_table_stands_in_the_order_of_its_items_and_is_readable() {
    for (n, line) in TABLE.iter().enumerate() {
        assert_eq!(line.item as usize, n, "{}", line.key);
        assert!(femto_dollars(line.dollars).is_some_and(|price| price > 0), "{}", line.key);
        assert!(line.source.starts_with("https://aws.amazon.com/"), "{}", line.source);
    }
}

#[test]
fn decimals_are_read_exactly_or_not_at_all() {
    let read = ["0.0000133334", "8", "18000.5", "0.000000000000001"].map(femto_dollars);
    assert_eq!(read, [Some(13_333_400_000), Some(8_000_000_000_000_000), Some(18_000_500_000_000_000_000), Some(1)]);
    for text in ["", ".", ".5", "5.", "1.2.3", "-1", "+1", "1e-3", "1,5", " 1", "0.0000000000000001", "99999"] {
        assert_eq!(femto_dollars(text), None, "{text:?}");
    }
}

#[test]
fn three_transitions_and_a_start_buy_seventy_two_seconds_of_a_round() {
    let prices = Prices::default();
    // $0.000076 by $0.00001667 x 64 / 1024 a second.
    assert_eq!(prices.break_even_ms(3, 64), 72_945);
    assert_eq!(BREAK_EVEN.as_secs(), 72, "the functions go by a constant, in whole seconds");
}

#[test]
fn the_shipped_example_is_the_table() {
    let example = Prices::parse(EXAMPLE).unwrap();
    assert_eq!(example, Prices { source: example.source.clone(), ..Prices::default() });
}

#[test]
fn a_file_with_other_prices_counts() {
    let dearer = EXAMPLE.replace("us-east-1", "eu-west-1").replace("\"0.025\"", "\"0.0279\"");
    let prices = Prices::parse(&dearer).unwrap();
    assert_eq!(prices.of(Transition, 1_000), 27_900_000);
    assert_eq!(prices.origin(), "eu-west-1, November 2026");
}

#[test]
fn what_a_file_lacks_or_has_too_much_is_named() {
    let refused = |from: &str, to: &str| {
        assert_eq!(EXAMPLE.matches(from).count(), 1, "{from}");
        Prices::parse(&EXAMPLE.replace(from, to)).unwrap_err()
    };
    assert_eq!(
        refused("transitions_thousand = \"0.025\"", "").to_string(),
        "the price `transitions_thousand` is missing: what 1,000 state transitions, Standard costs, in dollars, such as transitions_thousand = \"0.025\""
    );
    assert_eq!(
        refused("\"0.025\"", "\"0,025\""),
        PricesError::NotDecimal { key: "transitions_thousand", text: "0,025".to_owned() }
    );
    assert_eq!(refused("[prices]", "[prices]\nsqs = \"0.40\""), PricesError::Unknown("sqs".to_owned()));
    assert!(matches!(refused("\"0.025\"", "0.025"), PricesError::Shape(_)), "numbers would be read as floats");
    assert!(matches!(refused("as_of", "as_off"), PricesError::Shape(_)));
}
