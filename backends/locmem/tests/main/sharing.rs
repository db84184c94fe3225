use cachemere_base::{Backend, Context, Key, Value};

use crate::{open, settings};

#[test]
fn aliases_with_one_location_share_a_store() {
    let context = Context::default();
    let a = open(&settings().with_location(["x"]), &context);
    let b = open(&settings().with_location(["x"]), &context.for_alias());
    a.set(&Key::new("key"), Value::Int(1), None).unwrap();
    assert_eq!(b.incr(&Key::new("key"), 1).unwrap(), Some(2));
    assert_eq!(a.identity(), b.identity());
}

#[test]
fn aliases_without_location_share_a_store() {
    let context = Context::default();
    let (a, b) = (open(&settings(), &context), open(&settings(), &context));
    a.set(&Key::new("key"), Value::Int(1), None).unwrap();
    b.clear().unwrap();
    assert_eq!(a.get(&Key::new("key")).unwrap(), None);
}

#[test]
fn other_locations_are_other_stores() {
    let context = Context::default();
    let a = open(&settings(), &context);
    let b = open(&settings().with_location(["x"]), &context);
    a.set(&Key::new("key"), Value::Int(1), None).unwrap();
    assert_eq!(b.get(&Key::new("key")).unwrap(), None);
    assert_ne!(a.identity(), b.identity());
}

#[test]
fn other_contexts_share_nothing() {
    let a = open(&settings(), &Context::default());
    let b = open(&settings(), &Context::default());
    a.set(&Key::new("key"), Value::Int(1), None).unwrap();
    assert_eq!(b.get(&Key::new("key")).unwrap(), None);
}

#[test]
fn the_limits_are_those_of_the_alias_that_writes() {
    let context = Context::default();
    let wide = open(&settings(), &context);
    let narrow = open(
        &settings().with_max_entries(2).with_cull_frequency(0),
        &context,
    );
    for n in 0..10 {
        wide.set(&Key::new(&format!("{n}")), Value::Int(n), None)
            .unwrap();
    }
    assert!(wide.has_key(&Key::new("0")).unwrap());
    narrow.set(&Key::new("last"), Value::Int(1), None).unwrap();
    assert!(!wide.has_key(&Key::new("9")).unwrap());
    assert!(wide.has_key(&Key::new("last")).unwrap());
}
