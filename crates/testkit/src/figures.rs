//! One figure for many measurements.

/// The nearest rank: the smallest of the values that so many percent do not exceed; zero
/// without any.
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        assert_eq!([0, 50, 95, 100].map(|percent| percentile(&values, percent)), [1.0, 10.0, 19.0, 20.0]);
        assert_eq!((percentile(&values[..1], 50), percentile(&[], 50)), (20.0, 0.0));
    }
}
