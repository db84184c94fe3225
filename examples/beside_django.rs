//! A service beside a shop in Django: it reads products that the site cached, changes prices, and drops what then shows
//! the old ones.
//!
//! `CACHES_FILE=caches.toml cargo run --features django,http --example beside_django` serves on port 8001 with the cache of a
//! site, whose alias `default` has `OPTIONS.FORMAT = "django"`; the guide in `docs/django.md` says what else.

use axum::{
    Router,
    extract::{Path, State},
    http::{Method, Request, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use cachemere::{
    Builder, Cache, Caches,
    django::{DateTime, Decimal},
    http::aget_cache_key,
};
use serde::{Deserialize, Serialize};

/// What the site stores under `product:<id>`: a dict with a `Decimal` and a `datetime` in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Product {
    name: String,
    price: Decimal,
    added: DateTime,
}

/// The host that the site is visited by, which the keys of its pages depend on.
const HOST: &str = "shop.example.com";

fn service(caches: Caches) -> Router {
    Router::new()
        .route("/products/{id}", get(product))
        .route("/products/{id}/price", put(change_price))
        .with_state(caches)
}

/// The product, if the site has it in its cache.
async fn product(State(app): State<Caches>, Path(id): Path<u64>) -> Result<String, Failure> {
    let Product { name, price, .. } = read(&app["default"], id).await?;
    Ok(format!("{name}: {price}"))
}

/// Stores the new price, and says how often prices were changed, by the site or here.
async fn change_price(
    State(app): State<Caches>,
    Path(id): Path<u64>,
    price: String,
) -> Result<String, Failure> {
    let cache = &app["default"];
    let price: Decimal = price.parse().map_err(|_error| Failure::NoPrice)?;
    let product = read(cache, id).await?;
    cache
        .aset(&key(id), &Product { price, ..product }, 3600)
        .await?;
    forget(cache, id).await?;
    cache.aadd("price_changes", &0, None).await?;
    let changes = cache.aincr("price_changes", 1).await?;
    Ok(changes.to_string())
}

fn key(id: u64) -> String {
    format!("product:{id}")
}

async fn read(cache: &Cache, id: u64) -> Result<Product, Failure> {
    cache.aget(&key(id)).await?.ok_or(Failure::NoProduct)
}

/// Drops what shows the product: `{% cache 600 product_card product.id %}`, and the page at `/products/<id>/`.
async fn forget(cache: &Cache, id: u64) -> cachemere::Result<()> {
    cache
        .adelete(&cache.make_template_fragment_key("product_card", [id])?)
        .await?;
    let request = Request::get(format!("/products/{id}/")).header("host", HOST);
    let (request, ()) = request.body(()).expect("digits are a path").into_parts();
    if let Some(key) = aget_cache_key(&request, Some(""), &Method::GET, cache).await? {
        cache.adelete(&key).await?;
    }
    Ok(())
}

/// Why there is no answer.
#[derive(Debug)]
enum Failure {
    NoProduct,
    NoPrice,
    Cache(cachemere::Error),
}

impl From<cachemere::Error> for Failure {
    fn from(error: cachemere::Error) -> Self {
        Self::Cache(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::NoProduct => (StatusCode::NOT_FOUND, "no such product").into_response(),
            Self::NoPrice => (StatusCode::BAD_REQUEST, "a price such as 19.90").into_response(),
            Self::Cache(error) => {
                eprintln!("{error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let caches = Builder::discover()?.build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8001").await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, service(caches)).await?)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use cachemere::django::{SafeString, Value};
    use tower::ServiceExt;

    use super::*;

    /// The cache of a site, in files, with a product and the fragment that shows it.
    fn site() -> (tempfile::TempDir, Caches) {
        let folder = tempfile::tempdir().unwrap();
        let toml = format!(
            "[CACHES.default]\nBACKEND = 'file'\nLOCATION = '{}'\nKEY_PREFIX = 'shop'\n\
             OPTIONS = {{ FORMAT = 'django', DJANGO = '5.2' }}",
            folder.path().display()
        );
        let caches = Caches::from_toml(&toml).unwrap();
        let kettle = Product {
            name: "Kettle".to_owned(),
            price: "19.90".parse().unwrap(),
            added: "2026-11-28T12:00:00Z".parse().unwrap(),
        };
        let cache = &caches["default"];
        cache.set("product:7", &kettle, 600).unwrap();
        let card = SafeString::from("<b>19.90</b>");
        cache.set(&card_key(cache), &card, 600).unwrap();
        (folder, caches)
    }

    fn card_key(cache: &Cache) -> String {
        cache
            .make_template_fragment_key("product_card", [7])
            .unwrap()
    }

    async fn ask(caches: &Caches, method: Method, path: &str, body: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = service(caches.clone()).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_product_of_the_site_is_shown() {
        let (_folder, caches) = site();
        let (status, body) = ask(&caches, Method::GET, "/products/7", "").await;
        assert_eq!((status, body.as_str()), (200, "Kettle: 19.90"));
        assert_eq!(ask(&caches, Method::GET, "/products/8", "").await.0, 404);
        let free = ask(&caches, Method::PUT, "/products/7/price", "free").await;
        assert_eq!(free.0, 400);
    }

    #[tokio::test]
    async fn a_changed_price_is_stored_counted_and_what_shows_the_old_one_dropped() {
        let (_folder, caches) = site();
        for times in ["1", "2"] {
            let changed = ask(&caches, Method::PUT, "/products/7/price", "21.00").await;
            assert_eq!(changed, (200, times.to_owned()));
        }
        let cache = &caches["default"];
        let product: Option<Value> = cache.get("product:7").unwrap();
        let price = product.unwrap().get("price").cloned();
        assert_eq!(price, Some(Value::Decimal("21.00".parse().unwrap())));
        assert!(!cache.has_key(&card_key(cache)).unwrap());
    }
}
