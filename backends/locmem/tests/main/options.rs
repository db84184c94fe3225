use std::num::NonZeroU64;

use cachemere_base::{Asynchrony, Backend, Context, Open};
use cachemere_locmem::{LocMem, Options};
use serde_json::{from_value, json};

use crate::{open, settings};

#[test]
fn max_bytes_is_read_in_django_s_case() {
    let options: Options = from_value(json!({ "MAX_BYTES": 1024 })).unwrap();
    assert_eq!(options.max_bytes, NonZeroU64::new(1024));
    assert!(from_value::<Options>(json!({ "MAX_BYTES": 0 })).is_err());
}

#[test]
fn there_is_no_limit_by_default() {
    let options: Options = from_value(json!({})).unwrap();
    assert_eq!(options.max_bytes, None);
}

#[test]
fn an_unknown_option_is_refused() {
    let error = from_value::<Options>(json!({ "MAX_BYTE": 1 })).unwrap_err();
    assert!(error.to_string().contains("`MAX_BYTE`"), "{error}");
}

#[test]
fn a_list_of_locations_is_refused() {
    let settings = settings().with_location(["a", "b"]);
    let error = LocMem::open(&settings, Options::default(), &Context::default()).unwrap_err();
    assert_eq!(error.setting_path(), Some("LOCATION"));
}

#[test]
fn it_never_waits() {
    let cache = open(&settings(), &Context::default());
    assert!(matches!(cache.asynchronous(), Asynchrony::Inline));
}

#[test]
fn its_names_are_ours_and_django_s() {
    assert_eq!(
        LocMem::NAMES,
        ["locmem", "django.core.cache.backends.locmem.LocMemCache"]
    );
}

#[test]
fn debug_shows_no_values() {
    let cache = open(&settings(), &Context::default());
    let value = cachemere_base::Value::raw("secret");
    cache.set(&"key".into(), value, None).unwrap();
    assert!(!format!("{cache:?}").contains("secret"));
}
