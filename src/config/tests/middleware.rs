use std::time::Duration;

use super::super::{Middleware, middleware::SslHeader};
use super::{config, problems};

const ALIASES: &str = "[CACHES.default]\nBACKEND = 'locmem'\n[CACHES.pages]\nBACKEND = 'locmem'\n";

fn middleware(lines: &str) -> Middleware {
    config(&format!("{lines}\n{ALIASES}")).middleware
}

#[test]
fn pages_are_in_the_default_alias_for_ten_minutes_and_depend_on_nothing() {
    let middleware = middleware("");
    assert_eq!(middleware.alias, "default");
    assert_eq!(middleware.seconds, Duration::from_secs(600));
    assert_eq!(middleware.key_prefix, "");
    assert_eq!(middleware.ignored_cookies, [""; 0]);
    assert_eq!((middleware.language, middleware.time_zone), (None, None));
    assert!(!middleware.uses_forwarded_host);
    assert_eq!(middleware.ssl_header, None);
}

#[test]
fn every_setting_of_the_middleware_is_read() {
    let middleware = middleware(
        "CACHE_MIDDLEWARE_ALIAS = 'pages'\nCACHE_MIDDLEWARE_SECONDS = '1m'\nCACHE_MIDDLEWARE_KEY_PREFIX = 'p'\n\
         CACHE_MIDDLEWARE_IGNORE_COOKIES = ['_ga*', ' theme ']\nUSE_I18N = true\nUSE_TZ = true\nTIME_ZONE = 'Asia/Kolkata'\n\
         USE_X_FORWARDED_HOST = true\nSECURE_PROXY_SSL_HEADER = ['HTTP_X_FORWARDED_PROTO', 'https']",
    );
    assert_eq!(middleware.alias, "pages");
    assert_eq!(middleware.seconds, Duration::from_secs(60));
    assert_eq!(middleware.key_prefix, "p");
    assert_eq!(middleware.ignored_cookies, ["_ga*", "theme"]);
    assert_eq!(middleware.language.as_deref(), Some("en-us"));
    assert_eq!(middleware.time_zone.as_deref(), Some("Asia/Kolkata"));
    assert!(middleware.uses_forwarded_host);
    let ssl_header = SslHeader {
        name: "x-forwarded-proto".to_owned(),
        value: "https".to_owned(),
    };
    assert_eq!(middleware.ssl_header, Some(ssl_header));
}

#[test]
fn each_mistake_in_the_middleware_is_one_problem_at_its_place() {
    for (line, expected) in [
        (
            "CACHE_MIDDLEWARE_ALIAS = 'page'",
            "1:26: `CACHE_MIDDLEWARE_ALIAS`: unknown alias `page`, did you mean `pages`?",
        ),
        (
            "CACHE_MIDDLEWARE_ALIAS = 'elsewhere'",
            "1:26: `CACHE_MIDDLEWARE_ALIAS`: unknown alias `elsewhere`; there are `default`, `pages`",
        ),
        (
            "CACHE_MIDDLEWARE_SECONDS = 'never'",
            "1:28: `CACHE_MIDDLEWARE_SECONDS`: expected seconds (`600`) or a text such as `\"10m\"`; this text is neither",
        ),
        (
            "CACHE_MIDDLEWARE_IGNORE_COOKIES = '_ga*'",
            "1:35: `CACHE_MIDDLEWARE_IGNORE_COOKIES`: expected a list of texts; this text is neither",
        ),
        (
            "USE_I18N = 'yes'",
            "1:12: `USE_I18N`: expected `true` or `false`; this is text",
        ),
        (
            "SECURE_PROXY_SSL_HEADER = ['X-Forwarded-Proto']",
            "1:27: `SECURE_PROXY_SSL_HEADER`: expected a header and what it says of TLS, \
             `[\"X-Forwarded-Proto\", \"https\"]`; this is a list",
        ),
    ] {
        let problems = problems(&format!("{line}\n{ALIASES}"));
        assert_eq!(problems, format!("caches.toml:{expected}"));
    }
}

#[test]
fn an_alias_that_could_not_be_opened_is_known_all_the_same() {
    let problems = problems(
        "CACHE_MIDDLEWARE_ALIAS = 'pages'\n[CACHES.default]\nBACKEND = 'locmem'\n[CACHES.pages]\nBACKEND = 5\n",
    );
    assert_eq!(problems.lines().count(), 1, "{problems}");
}
