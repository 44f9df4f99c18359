//! The negative binomial distribution: how likely so many arrivals are.
//!
//! `mean` arrivals are expected; `spread` is how far the mean itself varies (its squared coefficient of variation), so
//! that the variance is `mean + spread × mean²`. A spread of 0 would be Poisson's distribution.

/// Counts beyond this are not looked at; a desk never sees as many in an hour.
const COUNT_MAX: i64 = 200_000;

/// The smallest count that is reached with a chance below `chance`.
#[must_use]
pub fn limit(mean: f64, spread: f64, chance: f64) -> i64 {
    let mut each = none(mean, spread);
    let mut reached = 1.0;
    let failing = spread * mean / (1.0 + spread * mean);
    for count in 0..COUNT_MAX {
        if reached < chance {
            return count;
        }
        reached -= each;
        each *= (1.0 / spread + count as f64) / (count as f64 + 1.0) * failing;
    }
    COUNT_MAX
}

/// The chance of no arrival where `mean` are expected.
#[must_use]
pub fn none(mean: f64, spread: f64) -> f64 {
    (1.0 + spread * mean).powf(-1.0 / spread)
}

/// How many arrivals must be expected for none of them to come with a chance below `chance`.
#[must_use]
pub fn silence_mean(spread: f64, chance: f64) -> f64 {
    (chance.powf(-spread) - 1.0) / spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_tables() {
        // Nearly Poisson: P(X >= 16) = 6.9e-5 and P(X >= 15) = 2.3e-4 for a mean of 5.
        assert_eq!(limit(5.0, 1e-6, 1e-4), 16);
        assert_eq!(limit(5.0, 1e-6, 3e-4), 15);
        assert_eq!(limit(0.0, 0.2, 1e-4), 1);
        // The same mean with spread reaches further.
        assert!(limit(5.0, 0.2, 1e-4) > 20);
        assert!(limit(2_000.0, 0.05, 1e-5) > 3_500);
    }

    #[test]
    fn a_silence_is_as_unlikely_as_was_asked() {
        for (spread, chance) in [(0.05, 1e-4), (0.2, 1e-4), (0.5, 1e-3)] {
            let mean = silence_mean(spread, chance);
            assert!((none(mean, spread) / chance - 1.0).abs() < 1e-9, "{spread} {chance}");
        }
    }
}
