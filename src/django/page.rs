use bytes::Bytes;
use cachemere_django::{Opaque, Value};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde::{Deserialize, Deserializer, de::Error};

/// A page that `cache_page` or the cache middleware of a Django site stored, read as an answer.
///
/// The headers are those that were stored, cookies among them as `Set-Cookie`; `Age` is for the one who answers with it.
///
/// ```
/// use bytes::Bytes;
/// use cachemere::{Cache, django::Page, http::get_cache_key};
/// use http::{Method, Request, Response};
///
/// /// What the site answers with, if it has it in its cache.
/// fn page(cache: &Cache, path: &str) -> cachemere::Result<Option<Response<Bytes>>> {
///     let request = Request::get(path).header("host", "example.com").body(());
///     let (request, ()) = request.expect("a path is a URI").into_parts();
///     let Some(key) = get_cache_key(&request, Some(""), &Method::GET, cache)? else {
///         return Ok(None);
///     };
///     Ok(cache.get(&key)?.map(|Page(response)| response))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Page(pub Response<Bytes>);

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Value::Opaque(object) = Value::deserialize(deserializer)? else {
            return Err(D::Error::custom("it is no response of Django"));
        };
        response(&object).map(Self).map_err(D::Error::custom)
    }
}

fn response(object: &Opaque) -> Result<Response<Bytes>, String> {
    let wrong = |what: &str| format!("the `{}` in it has no {what} as Django's", object.class);
    let chunks = object.attribute("_container");
    let body = chunks.and_then(body).ok_or_else(|| wrong("body"))?;
    let mut response = Response::new(body);
    // the default of the class, which alone is stored
    let status = object.attribute("status_code").unwrap_or(&Value::Int(200));
    *response.status_mut() = self::status(status).ok_or_else(|| wrong("status"))?;
    let stored = object.attribute("headers");
    let headers = stored.and_then(headers).ok_or_else(|| wrong("headers"))?;
    *response.headers_mut() = headers;
    let Some(Value::Opaque(cookies)) = object.attribute("cookies") else {
        return Ok(response);
    };
    for (_, morsel) in &cookies.entries {
        let cookie = cookie(morsel).ok_or_else(|| wrong("cookies"))?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn status(value: &Value) -> Option<StatusCode> {
    match value {
        Value::Int(code) => StatusCode::from_u16(u16::try_from(*code).ok()?).ok(),
        _ => None,
    }
}

fn body(chunks: &Value) -> Option<Bytes> {
    let Value::List(chunks) = chunks else {
        return None;
    };
    let chunks = chunks.iter().map(|chunk| match chunk {
        Value::Bytes(bytes) => Some(bytes.as_slice()),
        _ => None,
    });
    Some(chunks.collect::<Option<Vec<_>>>()?.concat().into())
}

/// `{"content-type": ("Content-Type", "text/html")}`
fn headers(stored: &Value) -> Option<HeaderMap> {
    let Value::Opaque(stored) = stored else {
        return None;
    };
    let Some(Value::Dict(stored)) = stored.attribute("_store") else {
        return None;
    };
    let mut headers = HeaderMap::with_capacity(stored.len());
    for (_, entry) in stored {
        let Value::Tuple(entry) = entry else {
            return None;
        };
        let [name, value] = entry.as_slice() else {
            return None;
        };
        let name = HeaderName::from_bytes(name.as_str()?.as_bytes()).ok()?;
        headers.append(name, header(value.as_str()?)?);
    }
    Some(headers)
}

/// A text of Python as it goes over the wire: in Latin-1.
fn header(text: &str) -> Option<HeaderValue> {
    let bytes = text
        .chars()
        .map(u8::try_from)
        .collect::<Result<Vec<_>, _>>();
    HeaderValue::from_bytes(&bytes.ok()?).ok()
}

/// The attributes of a cookie in the order in which Python writes them, and how it does.
const ATTRIBUTES: [(&str, &str); 10] = [
    ("comment", "Comment="),
    ("domain", "Domain="),
    ("expires", "expires="),
    ("httponly", "HttpOnly"),
    ("max-age", "Max-Age="),
    ("partitioned", "Partitioned"),
    ("path", "Path="),
    ("samesite", "SameSite="),
    ("secure", "Secure"),
    ("version", "Version="),
];

/// A `Morsel` as `Set-Cookie` has it.
fn cookie(morsel: &Value) -> Option<HeaderValue> {
    let Value::Opaque(object) = morsel else {
        return None;
    };
    let text = |name| object.attribute(name)?.as_str();
    let mut cookie = format!("{}={}", text("key")?, text("coded_value")?);
    for (name, written) in ATTRIBUTES {
        let value = match morsel.get(name) {
            Some(Value::Text(text)) if !text.is_empty() => text.clone(),
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Bool(true)) => String::new(),
            _ => continue,
        };
        cookie.push_str("; ");
        cookie.push_str(written);
        if written.ends_with('=') {
            cookie.push_str(&value);
        }
    }
    header(&cookie)
}

#[cfg(test)]
mod tests {
    use cachemere_django::pickle;
    use serde_json::Value as Json;

    use super::*;

    fn golden() -> Json {
        let golden = include_str!("../../tests/golden/django-golden.json");
        let mut golden: Json = serde_json::from_str(golden).unwrap();
        golden["page_cache"].take()
    }

    fn unhex(hex: &Json) -> Vec<u8> {
        let hex = hex.as_str().unwrap();
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(byte).collect()
    }

    fn pickled(name: &str) -> Vec<u8> {
        unhex(&golden()["response_pickles_now_1700000000_cache_page_60"][name]["pickle_hex"])
    }

    fn page(pickled: &[u8]) -> Response<Bytes> {
        pickle::from_slice::<Page>(pickled).unwrap().0
    }

    fn of(name: &str) -> Response<Bytes> {
        page(&pickled(name))
    }

    fn lines(response: &Response<Bytes>) -> Vec<String> {
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        response.headers().iter().map(line).collect()
    }

    #[test]
    fn a_stored_page_is_an_answer() {
        let response = of("plain");
        assert_eq!(response.status(), 200);
        assert_eq!(response.body(), "Hello World 1");
        assert_eq!(
            lines(&response),
            [
                "content-type: text/html; charset=utf-8",
                "expires: Tue, 14 Nov 2023 22:14:20 GMT",
                "cache-control: max-age=60"
            ]
        );
    }

    #[test]
    fn pages_of_all_classes_are_answers() {
        for (name, body) in [
            ("template", &b"Hi 1"[..]),
            ("json", b"{\"a\": 1}"),
            ("status200_reason_charset", b"\xff"),
            ("written_twice", b"ab"),
        ] {
            let response = of(name);
            assert_eq!(response.status(), 200, "{name}");
            assert_eq!(response.body(), body, "{name}");
            assert!(response.headers().contains_key("content-type"), "{name}");
        }
        let minimal = page(&unhex(
            &golden()["minimal_http_response_pickle_accepted_by_django_hex"],
        ));
        assert_eq!(minimal.status(), 200);
    }

    #[test]
    fn cookies_are_headers() {
        let response = of("cookie");
        let cookies = response.headers().get_all("set-cookie").iter();
        let cookies: Vec<_> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
        assert_eq!(cookies, ["foo=bar; Path=/"]);
    }

    #[test]
    fn what_is_no_response_says_so() {
        let error = pickle::from_slice::<Page>(b"\x80\x05K\x01.").unwrap_err();
        assert!(
            error.to_string().contains("no response of Django"),
            "{error}"
        );
        let error = pickle::from_slice::<Page>(b"cshop\nProduct\n)\x81.").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`shop.Product` in it has no body"),
            "{error}"
        );
    }

    #[test]
    fn a_page_with_any_byte_changed_is_read_or_refused() {
        let whole = pickled("cookie");
        for at in 0..whole.len() {
            for change in [1, 0x20, 0x80] {
                let mut damaged = whole.clone();
                damaged[at] ^= change;
                if let Ok(Page(response)) = pickle::from_slice(&damaged) {
                    assert!(response.body().len() <= damaged.len());
                }
            }
        }
    }
}
