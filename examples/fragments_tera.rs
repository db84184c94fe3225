//! A sidebar that is rendered once for each user: the function and the filter `cache` of tera.
//!
//! `cargo run --features tera --example fragments_tera`

use std::error::Error;

use cachemere::{Caches, templates::tera::add_cache};
use tera::{Context, Tera};

const CACHES: &str = r#"
[CACHES.default]
BACKEND = "locmem"

[CACHES.template_fragments]
BACKEND = "locmem"
LOCATION = "fragments"
TIMEOUT = "10m"
"#;

const PAGE: &str = "<h1>Shop</h1>\
    {%- set sidebar = cache(timeout=500, name='sidebar', vary_on=[user]) -%}\
    {%- if sidebar.hit -%}{{ sidebar.text }}{%- else -%}{%- filter cache(fragment=sidebar) -%}\
        <nav>{{ user }}: {{ basket }} in the basket</nav>\
    {%- endfilter -%}{%- endif -%}";

fn main() -> Result<(), Box<dyn Error>> {
    let site = Caches::from_toml(CACHES)?;
    let mut tera = Tera::default();
    add_cache(&mut tera, site.clone());
    tera.add_raw_template("page.html", PAGE)?;
    let page = |user: &str, basket: u32| {
        let mut context = Context::new();
        context.insert("user", user);
        context.insert("basket", &basket);
        tera.render("page.html", &context)
    };

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
    let fragments = site.get_or_default("template_fragments");
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
