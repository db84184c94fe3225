/// The candidate that was probably meant.
pub(crate) fn suggest<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let given = folded(given);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let folded = folded(candidate);
            let distance = strsim::damerau_levenshtein(&given, &folded);
            let longer = given.chars().count().max(folded.chars().count());
            (distance <= (longer / 3).min(3)).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A name as it is compared: without case, `-` as `_`.
pub(crate) fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// Names in backticks, with commas.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_meant_and_a_far_one_is_not() {
        let names = ["MAX_ENTRIES", "CULL_FREQUENCY", "COMPRESSOR"];
        assert_eq!(suggest("MAX_ENTRY", names), Some("MAX_ENTRIES"));
        assert_eq!(suggest("max-entries", names), Some("MAX_ENTRIES"));
        assert_eq!(suggest("LOCATION", names), None);
        assert_eq!(suggest("x", ["y"]), None);
    }
}
