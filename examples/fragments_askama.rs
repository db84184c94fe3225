//! A sidebar that is rendered once for each user: the filter `cached` of askama.
//!
//! `cargo run --features askama --example fragments_askama`

use std::error::Error;

use askama::Template;
use cachemere::{Caches, caches};

const CACHES: &str = r#"
[CACHES.default]
BACKEND = "locmem"

[CACHES.template_fragments]
BACKEND = "locmem"
LOCATION = "fragments"
TIMEOUT = "10m"
"#;

mod filters {
    pub(crate) use cachemere::templates::askama::cached;
}

#[derive(Template)]
#[template(
    ext = "html",
    source = "<h1>Shop</h1>\
        {%- filter cached(500, \"sidebar\", [user]) -%}\
            <nav>{{ user }}: {{ basket }} in the basket</nav>\
        {%- endfilter -%}"
)]
struct Page<'a> {
    user: &'a str,
    basket: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    // the caches of the process; others are given by `render_with_values(&others)`
    caches.install(Caches::from_toml(CACHES)?)?;
    let page = |user, basket| Page { user, basket }.render();

    assert_eq!(
        page("Ada", 1)?,
        "<h1>Shop</h1><nav>Ada: 1 in the basket</nav>"
    );
    // the sidebar as it was, without being rendered
    assert_eq!(
        page("Ada", 2)?,
        "<h1>Shop</h1><nav>Ada: 1 in the basket</nav>"
    );
    assert_eq!(
        page("Bob", 7)?,
        "<h1>Shop</h1><nav>Bob: 7 in the basket</nav>"
    );

    // what puts something into the basket invalidates Ada's copy, and no other
    let fragments = caches.get_or_default("template_fragments")?;
    let key = fragments.make_template_fragment_key("sidebar", ["Ada"])?;
    assert!(fragments.delete(&key)?);
    assert_eq!(
        page("Ada", 3)?,
        "<h1>Shop</h1><nav>Ada: 3 in the basket</nav>"
    );
    assert_eq!(
        page("Bob", 8)?,
        "<h1>Shop</h1><nav>Bob: 7 in the basket</nav>"
    );
    println!("{}", page("Ada", 4)?);
    Ok(())
}

#[test]
fn the_sidebar_is_rendered_once_for_each_user() {
    main().unwrap();
}
