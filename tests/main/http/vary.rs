use cachemere::http::{has_vary_header, patch_vary_headers};

use super::golden::{cases, headers, value};

/// A value as it arrives over HTTP: without blanks around it and around its members, and without empty members
/// (RFC 9110, section 5.6.1; Django does so from 6.1 on).
fn as_http_has_it(value: &str) -> String {
    let members = value.split(',').map(str::trim);
    let members: Vec<_> = members.filter(|member| !member.is_empty()).collect();
    match members.contains(&"*") {
        true => "*".to_owned(),
        false => members.join(", "),
    }
}

#[test]
fn patch_vary_headers_does_what_django_does() {
    for case in cases("http", "patch_vary_headers") {
        let mut headers = headers("vary", &case["initial"]);
        let names = case["new"].as_array().unwrap().iter();
        patch_vary_headers(&mut headers, names.map(|name| name.as_str().unwrap()));
        let expected = as_http_has_it(case["result"].as_str().unwrap());
        assert_eq!(value(&headers, "vary"), expected, "{case}");
        assert_eq!(has_vary_header(&headers, "*"), case["has_star"], "{case}");
    }
}

#[test]
fn has_vary_header_finds_what_django_finds() {
    for case in cases("http", "has_vary_header") {
        let headers = headers("vary", &case["vary"]);
        let query = case["query"].as_str().unwrap();
        assert_eq!(has_vary_header(&headers, query), case["result"], "{case}");
    }
}

#[test]
fn all_lines_of_vary_are_one_list() {
    let mut headers = headers("vary", &"Cookie".into());
    headers.append("vary", "Accept".parse().unwrap());
    assert!(has_vary_header(&headers, "accept"));
    patch_vary_headers(&mut headers, ["Origin"]);
    let lines: Vec<_> = headers.get_all("vary").iter().collect();
    assert_eq!(lines, ["Cookie, Accept, Origin"]);
}
