//! Pickles that no site writes.

use cachemere_django::{Value, pickle};

fn refusal(pickled: &[u8]) -> String {
    pickle::from_slice::<Value>(pickled)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_call_is_noted_and_never_made() {
    let pickled = b"cos\nsystem\n(S'echo hacked > /tmp/hacked'\ntR.";
    let Value::Opaque(object) = pickle::from_slice(pickled).unwrap() else {
        panic!("not opaque");
    };
    assert_eq!(object.class, "os.system");
    assert_eq!(
        object.args,
        [Value::Text("echo hacked > /tmp/hacked".into())]
    );
}

#[test]
fn references_outside_of_the_pickle_are_refused() {
    for pickled in [
        &b"Pid\n."[..],
        b"K\x01Q.",
        b"\x82\x01.",
        b"\x83\x01\x00.",
        b"\x84\x01\x00\x00\x00.",
        b"\x97.",
        b"\x97\x98.",
    ] {
        assert!(
            refusal(pickled).contains("not for plain data"),
            "{pickled:?}"
        );
    }
}

#[test]
fn what_is_no_pickle_is_refused() {
    for bytes in [
        &b""[..],
        b".",
        b"hello",
        b"\x80\x06N.",
        b"{\"a\": 1}",
        b"\x82\xa1a\x01",
        b"N",
    ] {
        refusal(bytes);
    }
    assert_eq!(refusal(b"N.N."), "there are bytes after its end");
}

#[test]
fn a_list_that_contains_itself_is_refused() {
    assert!(refusal(b"]q\x00h\x00a.").contains("deeper than 128"));
    let mut dict = b"}q\x00X\x01\x00\x00\x00ah\x00s.".to_vec();
    assert!(refusal(&dict).contains("deeper than 128"));
    dict.truncate(3);
}

#[test]
fn depth_is_bounded_and_128_are_fine() {
    let nested =
        |depth: usize| [b"]".repeat(depth), b"a".repeat(depth - 1), b".".to_vec()].concat();
    pickle::from_slice::<Value>(&nested(129)).unwrap();
    assert!(refusal(&nested(130)).contains("deeper than 128"));
    assert!(refusal(&nested(1_000_000)).contains("deeper than 128"));
}

#[test]
fn what_grows_by_references_is_refused() {
    // each list has ten times the one before
    let mut pickled = b"]q\x00".to_vec();
    for level in 0..20_u8 {
        pickled.extend(b"](");
        for _ in 0..10 {
            pickled.extend([b'h', level]);
        }
        pickled.extend([b'e', b'q', level + 1]);
    }
    pickled.push(b'.');
    assert_eq!(refusal(&pickled), "it is much larger than it looks");
}

#[test]
fn claimed_lengths_make_no_room() {
    for claim in [
        &b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"[..],
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x96\xff\xff\xff\xff\x00\x00\x00\x00",
        b"X\xff\xff\xff\xff",
        b"\x8b\xff\xff\xff\xff",
        b"\x8b\xff\xff\xff\x7f",
    ] {
        assert_eq!(refusal(claim), "it is cut off");
    }
    assert!(refusal(b"K\x01r\xff\xff\xff\xff.").contains("memo"));
}

#[test]
fn integers_are_bounded() {
    let mut pickled = b"\x8b\x01\x40\x00\x00".to_vec();
    pickled.extend([7; 0x4001]);
    pickled.push(b'.');
    assert!(refusal(&pickled).contains("16 KiB"));
    let digits = ["L", &"9".repeat(50_000), "L\n."].concat();
    refusal(digits.as_bytes());
}

#[test]
fn calls_nested_in_calls_take_no_stack() {
    let mut pickled = b"cbuiltins\nbytearray\nq\x00C\x00".to_vec();
    for _ in 0..100_000 {
        // bytearray(bytearray(…))
        pickled.extend(b"\x85q\x010h\x00h\x01R");
    }
    pickled.push(b'.');
    assert!(
        refusal(&pickled).contains("deeper than 128"),
        "{}",
        refusal(&pickled)
    );
}

#[test]
fn impossible_dates_are_opaque() {
    let pickled = b"cdatetime\ndate\nC\x04\x07\xe7\x0d\x01\x85R.";
    assert!(matches!(
        pickle::from_slice(pickled).unwrap(),
        Value::Opaque(_)
    ));
}

#[test]
fn a_problem_is_told_without_the_value() {
    let secret = pickle::to_vec("hunter2").unwrap();
    let error = pickle::from_slice::<cachemere_django::Uuid>(&secret).unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
