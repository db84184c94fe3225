//! What the configuration may say.

use std::sync::Arc;

use cachemere_base::{Backend, Context, Error, Open, Settings, Store, Value};
use cachemere_redis::{Options, Redis};
use cachemere_servers::Redis as Server;
use serde_json::json;

use crate::place::{block_on, settings};

fn options(options: serde_json::Value) -> Options {
    serde_json::from_value(options).unwrap()
}

fn opened(location: &str, options: Options) -> Result<Redis, Error> {
    Redis::open(
        &settings(&[location.to_owned()]),
        options,
        &Context::default(),
    )
}

/// Where the problem is, and what it is.
#[track_caller]
fn refused(location: &str, given: serde_json::Value) -> (String, String) {
    let error = opened(location, options(given)).unwrap_err();
    (
        error.setting_path().unwrap().to_owned(),
        error.message().to_owned(),
    )
}

const LOCAL: &str = "redis://127.0.0.1:6379";

#[test]
fn the_configurations_of_the_documentation_are_accepted() {
    for (location, given) in [
        (LOCAL, json!({})),
        ("redis://username:password@127.0.0.1:6379", json!({})),
        ("redis://127.0.0.1:6379,redis://127.0.0.1:6378", json!({})),
        ("redis://127.0.0.1:6379; redis://127.0.0.1:6378", json!({})),
        (
            LOCAL,
            json!({"db": "10", "pool_class": "redis.BlockingConnectionPool"}),
        ),
        (
            LOCAL,
            json!({"db": "10", "parser_class": "redis.connection.PythonParser", "pool_class": "redis.BlockingConnectionPool"}),
        ),
        (
            LOCAL,
            json!({"db": 10, "pool_class": "BlockingConnectionPool"}),
        ),
        (LOCAL, json!({"pool_class": "redis.ConnectionPool"})),
        (
            LOCAL,
            json!({"pool_class": "redis.connection.ConnectionPool"}),
        ),
        (
            "rediss://[::1]:6380/3?ssl_cert_reqs=none&socket_timeout=0.5&socket_connect_timeout=500ms",
            json!({}),
        ),
        (
            LOCAL,
            json!({"socket_timeout": 5, "socket_connect_timeout": "500ms", "timeout": 0.5}),
        ),
        ("unix://user:pw@/run/redis.sock?db=2", json!({})),
    ] {
        opened(location, options(given)).unwrap();
    }
}

#[test]
fn a_database_can_be_a_number_or_text_or_a_path_and_the_url_wins() {
    let server = Server::start();
    for (suffix, given) in [
        ("", json!({"db": 10})),
        ("", json!({"db": "10"})),
        ("/10", json!({})),
        ("/10", json!({"db": 3})),
        ("/3?db=10", json!({"db": 4})),
    ] {
        let cache = opened(&(server.url() + suffix), options(given)).unwrap();
        cache.set(&"user:1".into(), Value::Int(1), None).unwrap();
        assert_eq!(server.info("db10").split(',').next(), Some("keys=1"));
        cache.clear().unwrap();
    }
}

#[test]
fn a_server_is_reached_by_its_address_of_the_sixth_version_and_by_its_name() {
    let server = Server::with(&["--bind", "127.0.0.1", "::1"]);
    for host in ["[::1]", "localhost"] {
        let url = format!("redis://{host}:{}", server.port());
        let cache = Arc::new(opened(&url, Options::default()).unwrap());
        let store = Store::new(Arc::clone(&cache) as Arc<dyn Backend>);
        cache.set(&"user:1".into(), Value::Int(1), None).unwrap();
        block_on(Box::pin(async {
            let found = store.aget("user:1".into()).await.unwrap();
            assert_eq!(found, Some(Value::Int(1)), "{host}");
        }));
    }
}

#[test]
fn unknown_names_are_refused() {
    let error = serde_json::from_value::<Options>(json!({"socket_timeuot": 1})).unwrap_err();
    assert!(error.to_string().contains("socket_timeuot"), "{error}");
    for db in [json!("ten"), json!(1.5), json!(true)] {
        serde_json::from_value::<Options>(json!({ "db": db })).unwrap_err();
    }
}

#[test]
fn a_time_that_is_none_is_refused() {
    for option in ["socket_timeout", "socket_connect_timeout", "timeout"] {
        for time in [json!(0), json!(-1), json!("never"), json!(true)] {
            serde_json::from_value::<Options>(json!({ option: time })).unwrap_err();
        }
    }
}

#[test]
fn what_cannot_work_names_its_setting() {
    for (given, setting) in [
        (json!({"max_connections": 0}), "OPTIONS.max_connections"),
        (json!({"pool_class": "redis.Pool"}), "OPTIONS.pool_class"),
        (json!({"protocol": 4}), "OPTIONS.protocol"),
        (json!({"db": -1}), "OPTIONS.db"),
        (json!({"username": "app"}), "OPTIONS.username"),
        (json!({"mode": "ring"}), "OPTIONS.mode"),
        (json!({"mode": "sentinel"}), "OPTIONS.service_name"),
        (json!({"mode": "cluster", "db": 1}), "OPTIONS.db"),
    ] {
        assert_eq!(refused(LOCAL, given).0, setting);
    }
    for (given, setting) in [
        (json!({"ssl_cert_reqs": "maybe"}), "OPTIONS.ssl_cert_reqs"),
        (json!({"ssl_certfile": "cert.pem"}), "OPTIONS.ssl_certfile"),
        (json!({"ssl_keyfile": "key.pem"}), "OPTIONS.ssl_keyfile"),
    ] {
        assert_eq!(refused("rediss://127.0.0.1", given).0, setting);
    }
}

const UNQUOTED: &str =
    "what is no letter or digit in a user or a password is written with `%`: an `@` is `%40`";
const RELATIVE: &str = "the path of a socket begins with `/`: `unix:///run/redis.sock`";

#[test]
fn a_location_that_cannot_work_is_refused_without_its_password() {
    for (location, problem) in [
        ("", "a URL is needed, such as `redis://127.0.0.1:6379`"),
        (
            "redis://a,",
            "an empty URL; is there a `,` or `;` too many?",
        ),
        (
            "127.0.0.1:6379",
            "a URL begins with `redis://`, `rediss://` or `unix://`",
        ),
        (
            "http://:hunter2@a",
            "unknown scheme `http`, expected `redis://`, `rediss://` or `unix://`",
        ),
        ("redis://:hunter2@a:port", "`port` is no port"),
        ("redis://:hunter2@a/ten", "`ten` is no number of a database"),
        (
            "redis://:hunter2@a?retries=3",
            "unknown parameter `retries` in a URL",
        ),
        (
            "redis://:hunter2@a?max_connections=3",
            "the parameter `max_connections` belongs in `OPTIONS.max_connections`",
        ),
        (
            "redis://:hunter2@a?socket_timeout=x",
            "the parameter `socket_timeout` of a URL is no time; expected seconds to wait (`5`, `0.5`) or a text such as \
             `\"500ms\"`, more than 0 and at most a day",
        ),
        (
            "redis://:hunter2%@a",
            "a `%` without two hexadecimal digits",
        ),
        ("redis://:hunter2/3@a:6379", UNQUOTED),
        ("redis://:hunter2?3@a:6379", UNQUOTED),
        ("redis://a:6379?password=hunter2@3&db=1", UNQUOTED),
        ("unix://:hunter2/3@/run/redis.sock", RELATIVE),
        ("unix://redis.sock", RELATIVE),
    ] {
        assert_eq!(
            refused(location, json!({})),
            ("LOCATION".to_owned(), problem.to_owned()),
            "{location}"
        );
    }
}

#[test]
fn passwords_are_not_shown() {
    let given =
        options(json!({"password": "hunter2", "username": "app", "sentinel_password": "hunter2"}));
    let shown = format!("{given:?}");
    assert!(
        shown.contains("app") && !shown.contains("hunter2"),
        "{shown}"
    );
    let cache = opened("redis://:hunter2@127.0.0.1", given).unwrap();
    let shown = format!("{cache:?}");
    assert!(
        shown.contains("127.0.0.1") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn what_has_no_effect_is_noted() {
    let given = options(
        json!({"parser_class": "redis.connection.PythonParser", "retry_on_timeout": true, "db": 1}),
    );
    let settings = Settings::new("default", "redis")
        .with_location([LOCAL])
        .with_given(["MAX_ENTRIES"]);
    let cache = Redis::open(&settings, given, &Context::default()).unwrap();
    assert_eq!(
        cache.notes(),
        [
            "`OPTIONS.MAX_ENTRIES` has no effect on redis",
            "`OPTIONS.parser_class` has no effect on redis",
            "`OPTIONS.retry_on_timeout` has no effect on redis",
        ]
    );
}
