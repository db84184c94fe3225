/// Any bytes are a pickle or refused; what is read and is not opaque is written and read back as the same.
fn pickle_body(bytes: &[u8]) {
    use cachemere_django::{Value, pickle};

    let Ok((value, used)) = pickle::from_prefix::<Value>(bytes) else {
        return;
    };
    assert!(used <= bytes.len());
    let Ok(written) = pickle::to_vec(&value) else {
        return;
    };
    let again: Value = pickle::from_slice(&written).expect("what is written can be read");
    assert_eq!(format!("{again:?}"), format!("{value:?}"));
}
