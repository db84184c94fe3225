/// Calls a macro with arguments and with every behaviour of the suite, by verb.
#[doc(hidden)]
#[macro_export]
macro_rules! __contract_behaviours {
    ([$($callback:tt)+] $($argument:tt)*) => {
        $($callback)+! {
            $($argument)*
            get {
                a_missing_key_is_none,
                integers_survive,
                bytes_survive_in_every_format,
                empty_bytes_survive,
                every_byte_survives,
                line_ends_survive_at_both_ends,
                bytes_that_look_like_a_number_stay_bytes,
                almost_a_mebibyte_survives,
                reading_changes_nothing,
                another_backend_reads_what_this_one_wrote,
            }
            set {
                the_value_is_replaced,
                a_shorter_value_leaves_nothing_of_a_longer_one,
                the_kind_is_replaced,
                the_lifetime_is_replaced_by_for_ever,
                the_lifetime_is_replaced_by_a_shorter_one,
                a_lifetime_of_zero_removes_what_is_there,
                other_keys_stay_as_they_are,
                an_expired_entry_can_be_set_again,
            }
            add {
                a_free_key_is_taken,
                a_taken_key_keeps_its_value,
                an_integer_takes_a_key,
                a_taken_key_keeps_its_lifetime,
                an_expired_key_is_free,
                an_added_entry_expires,
                a_lifetime_of_zero_takes_a_free_key_and_is_gone,
                a_lifetime_of_zero_leaves_a_taken_key_alone,
                a_deleted_key_is_free,
                another_backend_finds_the_key_taken,
            }
            touch {
                a_missing_key_is_false_and_stays_missing,
                an_expired_key_is_false_and_stays_gone,
                a_lifetime_is_extended,
                a_lifetime_is_shortened,
                an_entry_without_expiry_gets_one,
                an_entry_is_made_to_stay_for_ever,
                for_ever_on_an_entry_without_expiry_is_true,
                the_same_lifetime_again_is_true,
                a_lifetime_of_zero_is_true_and_the_entry_gone,
                the_value_stays_as_it_is,
                other_keys_keep_their_lifetime,
            }
            delete {
                an_entry_is_gone,
                a_missing_key_is_false,
                an_expired_key_is_false,
                other_keys_stay,
                a_deleted_entry_leaves_no_lifetime_behind,
            }
            has_key {
                an_entry_is_there_whatever_its_value,
                a_missing_key_is_not_there,
                an_entry_is_there_until_it_expires,
            }
            incr {
                the_sum_is_returned_and_stored,
                the_sum_may_be_negative,
                a_sum_with_fewer_digits_is_stored_whole,
                zero_changes_nothing,
                the_ends_of_the_range_are_reached,
                a_missing_key_is_none_and_stays_missing,
                an_expired_key_is_none_and_stays_gone,
                bytes_are_no_integer_and_stay_as_they_are,
                digits_in_bytes_are_no_integer_and_stay_as_they_are,
                a_sum_past_the_range_is_an_error_and_changes_nothing,
                the_lifetime_stays_as_it_is,
                another_backend_counts_on,
            }
            many {
                values_come_in_the_order_of_the_keys,
                a_key_asked_for_twice_comes_twice,
                no_keys_give_no_values,
                missing_keys_are_none,
                expired_entries_are_none,
                several_are_stored,
                a_thousand_are_stored_read_and_deleted,
                nothing_to_store_is_no_error,
                the_last_of_two_values_for_a_key_wins,
                the_lifetime_holds_for_all,
                no_lifetime_replaces_the_one_there_was,
                a_lifetime_of_zero_removes_what_is_there,
                several_are_deleted_and_others_stay,
                nothing_to_delete_is_no_error,
            }
            clear {
                everything_is_gone,
                an_empty_store_is_cleared_without_error,
                a_cleared_store_goes_on,
                another_backend_sees_it_cleared,
            }
            close {
                a_closed_store_works_on,
                a_store_can_be_closed_before_it_is_used,
                the_identity_of_a_store_stays_the_same,
            }
            ttl {
                a_missing_key_is_none,
                the_value_comes_with_it,
                an_expired_key_is_none,
                a_lifetime_is_told,
                for_ever_is_told,
                a_lifetime_gets_shorter,
                touch_changes_it,
                set_replaces_it,
                incr_keeps_it,
                an_add_in_vain_keeps_it,
                reading_keeps_it,
            }
            expiry {
                a_lifetime_of_zero_is_over_at_once,
                an_entry_is_there_until_its_lifetime_is_over,
                a_lifetime_is_exact,
                an_entry_without_lifetime_stays,
                a_fraction_of_a_second_is_a_lifetime,
                a_fraction_beside_seconds_is_kept,
                thirty_days_and_a_second_are_a_lifetime,
                twenty_years_are_a_lifetime,
                a_hundred_years_are_a_lifetime,
                the_longest_lifetime_is_for_ever,
                an_expired_entry_is_none_for_every_verb,
            }
            keys {
                of_one_character,
                of_unicode,
                that_differ_in_case,
                of_up_to_250_characters,
                of_more_than_250_characters,
                of_many_characters_of_several_bytes,
                with_blanks,
                with_control_characters,
                with_a_nul,
                with_colons,
                that_look_like_paths,
                that_look_like_patterns_or_statements,
                one_is_the_start_of_another,
            }
            cull {
                sets_stay_within_the_maximum,
                adds_stay_within_the_maximum,
                writes_of_many_stay_within_the_maximum,
                a_frequency_larger_than_the_maximum_removes_one,
                a_maximum_of_one_keeps_the_last,
                a_maximum_of_zero_keeps_the_last_readable,
                a_frequency_of_zero_removes_everything,
                nothing_is_removed_below_the_maximum,
                deleted_entries_make_room,
                a_cleared_store_has_room,
            }
            concurrency {
                one_of_many_adds_is_true,
                one_of_many_adds_over_an_expired_entry_is_true,
                one_of_many_deletes_is_true,
                no_increment_is_lost,
                every_sum_is_returned_once,
                a_counter_that_is_added_and_incremented_counts_all,
                readers_see_the_old_value_or_the_new_one,
                readers_see_the_value_of_their_key,
                add_and_delete_make_a_lock,
                writes_of_many_at_once_all_arrive,
                writes_of_many_over_the_same_keys_in_any_order_end,
                every_verb_at_once_fails_nowhere,
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __contract_tests {
    ($mode:ident $($verb:ident { $($behaviour:ident,)* })*) => {
        $(
            mod $verb {
                use super::ContractFixture;
                use $crate::contract::{Mode, Subject, $verb};

                $(
                    #[test]
                    fn $behaviour() {
                        $verb::$behaviour(&Subject::new::<ContractFixture>(Mode::$mode));
                    }
                )*
            }
        )*
    };
}

/// Writes the tests of a store: every behaviour of [`contract`](mod@crate::contract), blocking and asynchronous.
///
/// Takes a type that implements [`Fixture`](crate::contract::Fixture). Use it once in a module.
#[macro_export]
macro_rules! contract {
    ($fixture:ty) => {
        type ContractFixture = $fixture;

        mod sync {
            use super::ContractFixture;
            $crate::__contract_behaviours! { [$crate::__contract_tests] Sync }
        }

        mod asynchronous {
            use super::ContractFixture;
            $crate::__contract_behaviours! { [$crate::__contract_tests] Asynchronous }
        }
    };
}

#[cfg(test)]
mod tests {
    macro_rules! sources {
        ($($verb:ident { $($behaviour:ident,)* })*) => {
            [$((
                stringify!($verb),
                include_str!(concat!(stringify!($verb), ".rs")),
                &[$(stringify!($behaviour)),*] as &[&str],
            )),*]
        };
    }

    #[test]
    fn every_public_function_of_a_verb_is_run() {
        for (verb, source, listed) in __contract_behaviours! { [sources] } {
            let written: Vec<_> = source
                .lines()
                .filter_map(|line| line.strip_prefix("pub fn ")?.split('(').next())
                .collect();
            assert_eq!(written, listed, "in {verb}.rs");
        }
    }

    #[test]
    fn every_public_module_is_run() {
        let mut written: Vec<_> = include_str!("mod.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
            .collect();
        let mut listed = (__contract_behaviours! { [sources] }).map(|(verb, ..)| verb);
        written.sort_unstable();
        listed.sort_unstable();
        assert_eq!(written, listed);
    }
}
