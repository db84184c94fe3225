use cachemere_base::{Backend, ErrorKind, Key, Value};
use cachemere_servers::Memcached as Server;

use crate::place::{connect, is_fault_of, options, try_open};

#[test]
fn a_wrong_password_is_an_error_that_does_not_show_it() {
    for (server, binary) in [
        (Server::with_password(), false),
        (Server::with_sasl(), true),
    ] {
        let text = format!("binary = {binary}\nusername = 'user'\npassword = 'hunter2'");
        let store = connect(&server.address(), &text);
        for _ in 0..3 {
            let error = store.get(&Key::new("key")).unwrap_err();
            is_fault_of(&error, &server.address());
            let start = "the server refuses `username` and `password`: ";
            assert!(error.message().starts_with(start), "{error}");
            assert!(!format!("{error:?} {store:?}").contains("hunter2"));
        }
        assert!(!format!("{:?}", options(&text)).contains("hunter2"));
    }
}

#[test]
fn no_password_is_an_error() {
    let server = Server::with_password();
    let error = connect(&server.address(), "")
        .get(&Key::new("key"))
        .unwrap_err();
    assert_eq!(
        error.message(),
        format!("the server answers: unauthenticated ({})", server.address())
    );

    let server = Server::with_sasl();
    let error = connect(&server.address(), "binary = true")
        .get(&Key::new("key"))
        .unwrap_err();
    assert_eq!(
        error.message(),
        format!("the server answers: unauthenticated ({})", server.address())
    );
}

#[test]
fn the_text_protocol_on_a_server_with_sasl_is_an_error() {
    let server = Server::with_sasl();
    let store = connect(&server.address(), "timeout = 0.3");
    is_fault_of(&store.get(&Key::new("key")).unwrap_err(), &server.address());
}

#[test]
fn the_binary_protocol_works_without_a_password_too() {
    let server = Server::start();
    let (binary, text) = (
        connect(&server.address(), "binary = true"),
        connect(&server.address(), ""),
    );
    let key = Key::new("key");
    for value in [Value::Int(-5), Value::raw("one"), Value::Int(i64::MIN)] {
        binary.set(&key, value.clone(), None).unwrap();
        assert_eq!(text.get(&key).unwrap(), Some(value.clone()));
        assert_eq!(binary.get(&key).unwrap(), Some(value));
    }
    assert!(binary.servers().unwrap()[0].starts_with("memcached 1."));
}

#[test]
fn a_username_comes_with_a_password() {
    for (text, setting) in [
        ("username = 'user'", "OPTIONS.password"),
        ("password = 'pass'", "OPTIONS.username"),
        ("username = 'a user'\npassword = 'pass'", "OPTIONS.username"),
    ] {
        let error = try_open(["127.0.0.1"], options(text)).unwrap_err();
        assert_eq!(
            (error.kind(), error.setting_path()),
            (ErrorKind::Config, Some(setting))
        );
    }
}
