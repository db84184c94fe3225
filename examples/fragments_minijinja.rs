//! A sidebar that is rendered once for each user: `{% call cache(…) %}` of minijinja.
//!
//! `cargo run --features minijinja --example fragments_minijinja`

use std::error::Error;

use cachemere::{Caches, templates::minijinja::add_cache};
use minijinja::{Environment, context};

const CACHES: &str = r#"
[CACHES.default]
BACKEND = "locmem"

[CACHES.template_fragments]
BACKEND = "locmem"
LOCATION = "fragments"
TIMEOUT = "10m"
"#;

const PAGE: &str = "<h1>Shop</h1>\
    {%- call cache(500, 'sidebar', user) -%}\
        <nav>{{ user }}: {{ basket }} in the basket</nav>\
    {%- endcall -%}";

fn main() -> Result<(), Box<dyn Error>> {
    let site = Caches::from_toml(CACHES)?;
    let mut env = Environment::new();
    add_cache(&mut env, site.clone());
    env.add_template("page.html", PAGE)?;
    let template = env.get_template("page.html")?;
    let page = |user: &str, basket: u32| template.render(context!(user, basket));

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
