use http::{Extensions, HeaderMap, Request, Uri, header, request::Parts};

/// The language of a request: an extension of it, that a layer inserts which knows.
///
/// With `USE_I18N`, each language has pages of its own. Without this extension, a request has `LANGUAGE_CODE`.
///
/// ```
/// use cachemere::http::Language;
///
/// # let mut request = http::Request::new(());
/// request.extensions_mut().insert(Language("de".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Language(pub String);

/// The time zone of a request, as [`Language`]: an IANA name such as `Europe/Berlin`, or an offset such as `+0530`.
///
/// With `USE_TZ`, each time zone has pages of its own. Without this extension, a request has `TIME_ZONE`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TimeZone(pub String);

/// The URI that a client asked for: an extension of a request that a router has changed.
///
/// A router that cuts off the prefix of what is nested in it makes `/shop/1` and `/blog/1` the same to the layers inside.
/// With this extension they tell them apart. [`RequestUriLayer`](super::RequestUriLayer) inserts it; with the feature
/// `axum`, the `OriginalUri` of axum's routers does as well.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestUri(pub Uri);

/// By what a client says who it is: an extension of a request, for who has it after a layer took that away.
#[derive(Clone, Debug)]
pub(super) struct Credentials(pub(super) HeaderMap);

/// Notes who the client says it is.
pub(super) fn note_credentials<Q>(request: &mut Request<Q>) {
    let mut credentials = HeaderMap::new();
    for name in [header::AUTHORIZATION, header::COOKIE] {
        for value in request.headers().get_all(&name) {
            credentials.append(&name, value.clone());
        }
    }
    request.extensions_mut().insert(Credentials(credentials));
}

/// The URI that the client asked for, as the extensions of the request tell it.
fn told(extensions: &Extensions) -> Option<&Uri> {
    let uri = extensions.get().map(|RequestUri(uri)| uri);
    #[cfg(feature = "axum")]
    let uri = uri.or_else(|| {
        let original = extensions.get::<axum::extract::OriginalUri>();
        original.map(|original| &original.0)
    });
    uri
}

/// Somebody further out gives a page the digest of its body as its ETag: an extension of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct WantsEtag;

/// Notes what the client asked for, before something is cut off.
pub(super) fn note_uri<Q>(request: &mut Request<Q>) {
    if told(request.extensions()).is_none() {
        let uri = RequestUri(request.uri().clone());
        request.extensions_mut().insert(uri);
    }
}

/// The URI that the client asked for.
pub(super) fn asked(request: &Parts) -> &Uri {
    told(&request.extensions).unwrap_or(&request.uri)
}

/// Whether it is certain what a request with a body `Q` asked for.
///
/// It is not if the request may have passed a router of axum, which cuts prefixes off, and nothing tells of it: because
/// the feature `axum` is off, or is about another axum. The name of its body is the one trace that such a router leaves.
pub(super) fn is_certain<Q: 'static>(extensions: &Extensions) -> bool {
    if told(extensions).is_some() || !std::any::type_name::<Q>().contains("axum_core::") {
        return true;
    }
    #[cfg(feature = "axum")]
    return passed_no_router::<Q>();
    #[cfg(not(feature = "axum"))]
    false
}

/// The feature `axum` makes every router of this axum tell the URI: a request of it that has none came to no router yet.
#[cfg(feature = "axum")]
fn passed_no_router<Q: 'static>() -> bool {
    std::any::TypeId::of::<Q>() == std::any::TypeId::of::<axum::body::Body>()
}

#[cfg(test)]
mod tests {
    use super::*;

    mod axum_core {
        /// The body of another release of axum.
        pub(super) struct Body;
    }

    #[test]
    fn a_request_of_an_axum_that_does_not_tell_its_uri_is_uncertain() {
        let mut extensions = Extensions::new();
        assert!(!is_certain::<axum_core::Body>(&extensions));
        assert!(!is_certain::<Option<axum_core::Body>>(&extensions));
        assert!(is_certain::<String>(&extensions));
        extensions.insert(RequestUri(Uri::from_static("/shop/1")));
        assert!(is_certain::<axum_core::Body>(&extensions));
    }
}
