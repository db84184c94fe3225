//! The verbs as Django documents them. What stores share below the API is in the behaviour suite of `backends/base`.

use std::time::Duration;

use cachemere::{DEFAULT_TIMEOUT, ErrorKind, Remaining};

use crate::site::on_every_store;

type Text = Option<String>;

on_every_store! {
    fn get_returns_what_set_stored(site) {
        let cache = &site["default"];
        cache.set("key", "value", DEFAULT_TIMEOUT).unwrap();
        assert_eq!(cache.get::<String>("key").unwrap().as_deref(), Some("value"));
        assert_eq!(cache.get::<String>("missing").unwrap(), None);
    }

    fn a_stored_none_is_not_a_miss(site) {
        let cache = &site["default"];
        cache.set("none", &None::<String>, 60).unwrap();
        assert_eq!(cache.get::<Text>("none").unwrap(), Some(None));
        assert_eq!(cache.get::<Text>("missing").unwrap(), None);
        assert!(cache.has_key("none").unwrap());
    }

    fn add_keeps_the_first_value(site) {
        let cache = &site["default"];
        assert!(cache.add("key", &1, 60).unwrap());
        assert!(!cache.add("key", &2, 60).unwrap());
        assert_eq!(cache.get::<i32>("key").unwrap(), Some(1));
    }

    fn an_omitted_timeout_is_the_aliass_own(site) {
        site["default"].set("key", &1, DEFAULT_TIMEOUT).unwrap();
        site["never"].set("for_ever", &1, DEFAULT_TIMEOUT).unwrap();
        site["at_once"].set("gone", &1, DEFAULT_TIMEOUT).unwrap();
        assert_eq!(site["default"].ttl("key").unwrap(), Some(Remaining::For(Duration::from_secs(300))));
        assert_eq!(site["never"].ttl("for_ever").unwrap(), Some(Remaining::Never));
        assert_eq!(site["at_once"].ttl("gone").unwrap(), None);
    }

    fn entries_expire_at_their_timeout(site) {
        let cache = &site["default"];
        cache.set("seconds", &1, 1).unwrap();
        cache.set("float", &1, 1.5).unwrap();
        cache.set("duration", &1, Duration::from_millis(1750)).unwrap();
        cache.set("for_ever", &1, None).unwrap();
        cache.set("zero", &1, 0).unwrap();
        cache.set("negative", &1, -1).unwrap();
        let live = || {
            let mut keys: Vec<_> = cache
                .get_many::<i32, _>(["seconds", "float", "duration", "for_ever", "zero", "negative"])
                .unwrap()
                .into_keys()
                .collect();
            keys.sort_unstable();
            keys
        };
        site.advance(0.999);
        assert_eq!(live(), ["duration", "float", "for_ever", "seconds"]);
        site.advance(0.001);
        assert_eq!(live(), ["duration", "float", "for_ever"]);
        site.advance(0.5);
        assert_eq!(live(), ["duration", "for_ever"]);
        site.advance(1e9);
        assert_eq!(live(), ["for_ever"]);
    }

    fn nan_is_no_timeout(site) {
        let error = site["default"].set("key", &1, f64::NAN).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidTimeout);
        assert!(error.to_string().starts_with("cache `default` ("), "{error}");
    }

    fn touch_gives_a_new_timeout(site) {
        let cache = &site["default"];
        cache.set("key", &1, 1).unwrap();
        assert!(cache.touch("key", 10).unwrap());
        site.advance(5.0);
        assert!(cache.has_key("key").unwrap());
        assert!(cache.touch("key", DEFAULT_TIMEOUT).unwrap());
        site.advance(299.0);
        assert!(cache.has_key("key").unwrap());
        assert!(!cache.touch("missing", 10).unwrap());
    }

    fn delete_says_whether_there_was_an_entry(site) {
        let cache = &site["default"];
        cache.set_many([("a", 1), ("b", 2)], 60).unwrap();
        assert!(cache.delete("a").unwrap());
        assert!(!cache.delete("a").unwrap());
        assert!(cache.has_key("b").unwrap());
    }

    fn many_at_once_keep_the_users_keys(site) {
        let cache = &site["prefix"];
        let failed = cache.set_many([("a".to_owned(), 1), ("b".to_owned(), 2)], 60).unwrap();
        assert!(failed.is_empty());
        assert_eq!(cache.get_many::<i32, _>(["a", "b", "c"]).unwrap(), [("a", 1), ("b", 2)].into());
        cache.delete_many(["a", "c"]).unwrap();
        assert_eq!(cache.get_many::<i32, _>(["a", "b"]).unwrap(), [("b", 2)].into());
        assert!(cache.set_many([("a", 1); 0], 60).unwrap().is_empty());
        assert!(cache.get_many::<i32, _>([""; 0]).unwrap().is_empty());
        cache.delete_many([""; 0]).unwrap();
    }

    fn incr_and_decr_count(site) {
        let cache = &site["default"];
        cache.set("answer", &41, 60).unwrap();
        assert_eq!(cache.incr("answer", 1).unwrap(), 42);
        assert_eq!(cache.incr("answer", 10).unwrap(), 52);
        assert_eq!(cache.decr("answer", 10).unwrap(), 42);
        assert_eq!(cache.incr("answer", -50).unwrap(), -8);
        assert_eq!(cache.get::<i64>("answer").unwrap(), Some(-8));
    }

    fn incr_of_a_missing_key_is_an_error_that_names_it(site) {
        let error = site["default"].incr("missing", 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KeyNotFound);
        assert!(error.to_string().contains("key `:1:missing` not found"), "{error}");
    }

    fn incr_of_something_else_is_an_error_and_leaves_it(site) {
        let cache = &site["default"];
        cache.set("text", "1", 60).unwrap();
        assert_eq!(cache.incr("text", 1).unwrap_err().kind(), ErrorKind::NotAnInteger);
        cache.set("large", &i64::MAX, 60).unwrap();
        assert_eq!(cache.incr("large", 1).unwrap_err().kind(), ErrorKind::Overflow);
        assert_eq!(cache.decr("large", i64::MIN).unwrap_err().kind(), ErrorKind::Overflow);
        assert_eq!(cache.get::<String>("text").unwrap().as_deref(), Some("1"));
        assert_eq!(cache.get::<i64>("large").unwrap(), Some(i64::MAX));
    }

    fn versions_are_apart(site) {
        site["default"].set("answer", &42, 60).unwrap();
        site["v2"].set("answer", &43, 60).unwrap();
        assert_eq!(site["default"].get::<i32>("answer").unwrap(), Some(42));
        assert_eq!(site["default"].version(2).get::<i32>("answer").unwrap(), Some(43));
        assert_eq!(site["v2"].version(1).get::<i32>("answer").unwrap(), Some(42));
        assert_eq!(site["text_version"].get::<i32>("answer").unwrap(), None);
        site["default"].version("v-text").set("answer", &44, 60).unwrap();
        assert_eq!(site["text_version"].get::<i32>("answer").unwrap(), Some(44));
        assert!(site["v2"].delete("answer").unwrap());
        assert_eq!(site["default"].get::<i32>("answer").unwrap(), Some(42));
    }

    fn incr_version_moves_the_value_with_its_remaining_timeout(site) {
        let cache = &site["default"];
        cache.set("key", "value", 100).unwrap();
        site.advance(40.0);
        assert_eq!(cache.incr_version("key", 2).unwrap(), 3);
        assert_eq!(cache.get::<String>("key").unwrap(), None);
        assert_eq!(cache.version(3).get::<String>("key").unwrap().as_deref(), Some("value"));
        assert_eq!(cache.version(3).ttl("key").unwrap(), Some(Remaining::For(Duration::from_secs(60))));
        assert_eq!(cache.version(3).decr_version("key", 1).unwrap(), 2);
        assert!(site["v2"].has_key("key").unwrap());
    }

    fn incr_version_by_zero_changes_nothing(site) {
        let cache = &site["default"];
        cache.set("key", &1, 60).unwrap();
        assert_eq!(cache.incr_version("key", 0).unwrap(), 1);
        assert_eq!(cache.get::<i32>("key").unwrap(), Some(1));
    }

    fn incr_version_needs_an_entry_and_a_number(site) {
        let cache = &site["default"];
        assert_eq!(cache.incr_version("missing", 1).unwrap_err().kind(), ErrorKind::KeyNotFound);
        assert_eq!(cache.incr_version("missing", 0).unwrap_err().kind(), ErrorKind::KeyNotFound);
        assert_eq!(site["text_version"].incr_version("key", 1).unwrap_err().kind(), ErrorKind::InvalidVersion);
        assert_eq!(cache.version(i64::MAX).incr_version("key", 1).unwrap_err().kind(), ErrorKind::Overflow);
    }

    fn incr_version_keeps_an_entry_whose_key_has_no_version(site) {
        site["custom_key"].set("key", &1, 60).unwrap();
        assert_eq!(site["custom_key"].incr_version("key", 1).unwrap(), 2);
        assert_eq!(site["custom_key"].version(2).get::<i32>("key").unwrap(), Some(1));
    }

    fn clear_empties_the_store_for_every_prefix_and_version(site) {
        site["default"].set("key", &1, 60).unwrap();
        site["prefix"].set("key", &1, 60).unwrap();
        site["v2"].set("key", &1, 60).unwrap();
        site["default"].clear().unwrap();
        for alias in ["default", "prefix", "v2"] {
            assert!(!site[alias].has_key("key").unwrap(), "{alias}");
        }
    }

    fn a_closed_cache_opens_again(site) {
        site["default"].set("key", &1, 60).unwrap();
        site.close_all().unwrap();
        site["default"].close().unwrap();
        assert_eq!(site["default"].get::<i32>("key").unwrap(), Some(1));
    }
}
