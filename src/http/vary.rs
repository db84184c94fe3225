use http::{HeaderMap, HeaderValue, header};

/// Adds names of request headers to the `Vary` of a response: those that are not there yet, after those that are.
///
/// With a `*`, a response varies on everything, and nothing else is said.
///
/// ```
/// use cachemere::http::patch_vary_headers;
/// use http::HeaderMap;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("Vary", "Cookie".parse().unwrap());
/// patch_vary_headers(&mut headers, ["Accept-Language", "cookie"]);
/// assert_eq!(headers["Vary"], "Cookie, Accept-Language");
/// ```
///
/// # Panics
/// If there are control characters in a name.
#[track_caller]
pub fn patch_vary_headers<N: AsRef<str>>(
    headers: &mut HeaderMap,
    names: impl IntoIterator<Item = N>,
) {
    let mut members = vary_members(headers);
    members.retain(|member| !member.is_empty());
    let known = members.len();
    for name in names {
        let name = name.as_ref().trim();
        let mut known = members[..known].iter();
        if !known.any(|member| member.eq_ignore_ascii_case(name)) {
            members.push(name.to_owned());
        }
    }
    if members.is_empty() {
        return;
    }
    let vary = match members.iter().any(|member| member == "*") {
        true => Ok(HeaderValue::from_static("*")),
        false => HeaderValue::try_from(members.join(", ")),
    };
    let vary = vary.expect("the names of headers have no control characters");
    headers.insert(header::VARY, vary);
}

/// Whether the `Vary` of a response names a request header, in any case. `*` is a name here, and stands for no other.
#[must_use]
pub fn has_vary_header(headers: &HeaderMap, name: &str) -> bool {
    let name = name.trim();
    let mut members = vary_members(headers).into_iter();
    members.any(|member| member.eq_ignore_ascii_case(name))
}

/// The names in all lines of `Vary`, as they are written; also those between two commas, which are empty.
pub(crate) fn vary_members(headers: &HeaderMap) -> Vec<String> {
    let mut members = Vec::new();
    for value in headers.get_all(header::VARY) {
        let value = String::from_utf8_lossy(value.as_bytes());
        members.extend(value.split(',').map(|name| name.trim().to_owned()));
    }
    members
}
