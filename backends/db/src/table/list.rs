use crate::{Bound, entry::Digest};

/// How many rows one statement has at most: with the values of a row each, fewer than the 65,535 that there may be.
pub(crate) const MOST: usize = 1024;

/// A list of so many digests, filled up with the last one to a power of two, so that there are few statements to prepare.
pub(crate) fn list(
    digests: impl ExactSizeIterator<Item = Digest>,
) -> (String, Vec<Bound<'static>>) {
    let len = digests.len().next_power_of_two();
    let mut values: Vec<_> = digests.map(Bound::Int).collect();
    if let Some(last) = values.last().copied() {
        values.resize(len, last);
    }
    (format!("({})", vec!["?"; values.len()].join(", ")), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_filled_up_to_a_power_of_two() {
        let (list, values) = list([1, 2, 3].into_iter());
        assert_eq!((list.as_str(), values.len()), ("(?, ?, ?, ?)", 4));
    }
}
