use std::time::{Duration, UNIX_EPOCH};

use cachemere::http::{get_conditional_response, set_response_etag};
use http::{HeaderMap, Method, Request, Response, request::Parts};
use serde_json::Value;

use super::golden::{cases, golden, value};

fn request(method: &str, headers: &Value) -> Parts {
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap());
    for (name, value) in headers.as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    request.body(()).unwrap().into_parts().0
}

#[test]
fn get_conditional_response_does_what_django_does() {
    let cases = cases("http", "get_conditional_response");
    assert_eq!(cases.len(), 81);
    for case in cases {
        let request = request(case["method"].as_str().unwrap(), &case["headers"]);
        let modified = case["last_modified_epoch"].as_u64();
        let modified = modified.map(|epoch| UNIX_EPOCH + Duration::from_secs(epoch));
        let response = Response::builder().status(case["response_status"].as_u64().unwrap() as u16);
        let response = response.header("x-own", "1").body("body").unwrap();

        let etag = case["etag"].as_str();
        let response = get_conditional_response(&request, etag, modified, response);

        assert_eq!(response.status().as_u16(), case["result_status"], "{case}");
        let is_same = *response.body() == "body" && response.headers().contains_key("x-own");
        assert_eq!(is_same, case["same_response"], "{case}");
    }
}

#[test]
fn a_304_keeps_the_headers_that_django_keeps() {
    let expected = &golden("http")["not_modified_headers"];
    let mut response = Response::new("body");
    for (name, value) in expected["headers"].as_object().unwrap() {
        let name: http::HeaderName = name.parse().unwrap();
        response
            .headers_mut()
            .insert(name, value.as_str().unwrap().parse().unwrap());
    }
    let kept = response.headers().clone();
    for name in ["content-type", "content-length", "x-own"] {
        response.headers_mut().insert(name, "1".parse().unwrap());
    }
    for cookie in ["k=v", "l=w"] {
        response
            .headers_mut()
            .append("set-cookie", cookie.parse().unwrap());
    }
    let request = request("GET", &serde_json::json!({"If-None-Match": "\"e\""}));

    let mut response = get_conditional_response(&request, Some("\"e\""), None, response);

    assert_eq!(response.status().as_u16(), expected["status"]);
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["k=v", "l=w"]);
    response.headers_mut().remove("set-cookie");
    assert_eq!(*response.headers(), kept);
    assert_eq!(*response.body(), "");
}

#[test]
fn a_fraction_of_the_last_second_is_not_a_change() {
    let date = serde_json::json!({"If-Modified-Since": "Tue, 14 Nov 2023 22:13:20 GMT"});
    let modified = UNIX_EPOCH + Duration::from_millis(1_700_000_000_999);
    let response = get_conditional_response(
        &request("GET", &date),
        None,
        Some(modified),
        Response::new(""),
    );
    assert_eq!(response.status(), 304);
}

#[test]
fn an_etag_is_the_md5_of_the_body() {
    let mut headers = HeaderMap::new();
    set_response_etag(&mut headers, b"");
    assert!(headers.is_empty());
    set_response_etag(&mut headers, b"test content");
    assert_eq!(
        value(&headers, "etag"),
        golden("http")["set_response_etag('test content')"]
    );
}
