//! Texts that are distributions, texts that are none, and the times they stand for.

use super::{Durations, DurationsError, QUANTILES};

fn read(text: &str) -> Durations {
    text.parse().unwrap()
}

fn refused(text: &str) -> DurationsError {
    text.parse::<Durations>().unwrap_err()
}

#[test]
fn each_way_to_write_it_is_read() {
    let shown = ["5m", "2m..10m", "lognormal:5m:1.0", "30s|1h:0.2"].map(|text| read(text).to_string());
    assert_eq!(
        shown,
        [
            "5m",
            "2m to 10m, evenly spread",
            "5m at the median, lognormal with a sigma of 1",
            "30s, and 1h in 20.0 % of the cases",
        ]
    );
}

#[test]
fn what_is_no_distribution_is_said_to_be_none() {
    assert_eq!(refused("soon"), DurationsError::Duration("soon".to_owned()));
    assert_eq!(refused("2m..soon"), DurationsError::Duration("soon".to_owned()));
    assert_eq!(refused("10m..2m"), DurationsError::Backwards("10m..2m".to_owned()));
    assert_eq!(refused("100ms"), DurationsError::Bounds("100ms".to_owned()));
    assert_eq!(refused("2years"), DurationsError::Bounds("2years".to_owned()));
    for text in ["lognormal:5m", "lognormal:5m:0", "lognormal:5m:4", "lognormal:5m:wide", "lognormal:5m:-1"] {
        assert_eq!(refused(text), DurationsError::Lognormal(text.to_owned()));
    }
    for text in ["30s|1h", "30s|1h:0", "30s|1h:1", "30s|1h:20%", "30s|1h:0.0001"] {
        assert_eq!(refused(text), DurationsError::Bimodal(text.to_owned()));
    }
}

#[test]
fn quantiles_stand_in_the_middle_of_equal_parts_and_rise() {
    let uniform = read("100s..300s").quantiles();
    assert_eq!((uniform.len() as u64, uniform[0], uniform[1], uniform[199]), (QUANTILES, 100_500, 101_500, 299_500));
    let kinds = read("1h|30s:0.2").quantiles();
    assert_eq!((kinds[0], kinds[39], kinds[40], kinds[199]), (30_000, 30_000, 3_600_000, 3_600_000));
    for text in ["5m", "2m..10m", "lognormal:5m:1.0", "lognormal:1day:3", "30s|1h:0.2"] {
        let times = read(text).quantiles();
        assert!(times.is_sorted() && times.len() as u64 == QUANTILES, "{text}: {times:?}");
    }
}

#[test]
fn a_lognormal_is_the_same_on_every_machine() {
    // exp(z) times five minutes, with z = -2.8070, -0.6824, ∓0.0063, 0.6666, 2.8070 from tables of the normal distribution.
    let times = read("lognormal:5m:1.0").quantiles();
    assert_eq!([0, 49, 99, 100, 149, 199].map(|n| times[n]), [18_115, 151_624, 298_126, 301_886, 584_307, 4_968_217]);
    // Half of the spread is the square root of the factor.
    let narrow = read("lognormal:5m:0.5").quantiles();
    assert_eq!(narrow[199], 1_220_846);
}
