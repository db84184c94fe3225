//! What costs no allocation.

use allocation_counter::measure;
use cachemere::Raw;

use crate::site::site;

#[test]
fn an_alias_look_up_and_an_ordinary_key_cost_no_allocation() {
    let site = site("locmem");
    let key = "user:".to_owned() + &"1".repeat(50);
    let warm = &site["default"];
    assert_eq!(
        measure(|| {
            std::hint::black_box(&site["default"]);
        })
        .count_total,
        0
    );
    assert_eq!(
        measure(|| drop(std::hint::black_box(warm.make_key(&key)))).count_total,
        0
    );
    assert_eq!(
        measure(|| drop(std::hint::black_box(warm.version(2).make_key(&key)))).count_total,
        0
    );
}

#[test]
fn reading_raw_bytes_or_an_integer_from_memory_costs_no_allocation() {
    let site = site("locmem");
    let cache = &site["default"];
    cache.set("raw", &Raw::from(vec![1; 100]), 60).unwrap();
    cache.set("number", &1, 60).unwrap();
    let _ = (
        cache.get::<Raw>("raw").unwrap(),
        cache.get::<i64>("number").unwrap(),
    );
    assert_eq!(
        measure(|| drop(cache.get::<Raw>("raw").unwrap())).count_total,
        0
    );
    assert_eq!(
        measure(|| {
            cache.get::<i64>("number").unwrap();
        })
        .count_total,
        0
    );
    assert_eq!(
        measure(|| {
            cache.has_key("missing").unwrap();
        })
        .count_total,
        0
    );
    assert_eq!(
        measure(|| {
            cache.incr("number", 1).unwrap();
        })
        .count_total,
        0
    );
}

#[cfg(feature = "http")]
#[test]
fn a_hit_of_a_page_costs_a_handful_of_allocations_however_large_it_is() {
    use cachemere::http::CachePageLayer;
    use http::{Request, Response};
    use http_body_util::BodyExt;
    use tower::{Layer, Service, service_fn};

    let site = site("locmem");
    let view = service_fn(async |_: Request<()>| {
        let body = http_body_util::Full::<bytes::Bytes>::from(vec![b'x'; 100_000]);
        Ok::<_, std::convert::Infallible>(Response::new(body))
    });
    let mut view = CachePageLayer::with_caches(&site, 60).layer(view);
    let mut ask = || {
        let request = Request::get("/articles/1").body(()).unwrap();
        let mut length = 0;
        let count = measure(|| {
            let answer = pollster::block_on(view.call(request)).unwrap();
            length = pollster::block_on(answer.collect())
                .unwrap()
                .to_bytes()
                .len();
        });
        assert_eq!(length, 100_000);
        count
    };
    ask(); // is stored
    ask(); // is found, and where it is remembered
    let hit = ask();
    // the future, where it is, a map of headers with its index, Age, and the collected body
    assert!(hit.count_total <= 9, "{hit:?}");
    assert!(hit.bytes_total < 10_000, "{hit:?}");
}

#[test]
fn reading_a_struct_from_memory_costs_the_allocations_of_its_fields() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct User {
        id: u64,
        name: String,
        scores: [f64; 3],
    }
    let site = site("locmem");
    let cache = &site["default"];
    let user = User {
        id: 1,
        name: "Ada".to_owned(),
        scores: [0.5; 3],
    };
    cache.set("user:1", &user, 60).unwrap();
    drop(cache.get::<User>("user:1").unwrap());
    let read = measure(|| drop(std::hint::black_box(cache.get::<User>("user:1").unwrap())));
    assert_eq!(read.count_total, 1);
}
