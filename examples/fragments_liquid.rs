//! A sidebar that is rendered once for each user: `{% cache %}` of liquid.
//!
//! `cargo run --features liquid --example fragments_liquid`

use std::error::Error;

use cachemere::{Caches, templates::liquid::CacheBlock};
use liquid::{ParserBuilder, object};

const CACHES: &str = r#"
[CACHES.default]
BACKEND = "locmem"

[CACHES.template_fragments]
BACKEND = "locmem"
LOCATION = "fragments"
TIMEOUT = "10m"
"#;

const PAGE: &str = "<h1>Shop</h1>\
    {%- cache 500 sidebar user -%}\
        <nav>{{ user }}: {{ basket }} in the basket</nav>\
    {%- endcache -%}";

fn main() -> Result<(), Box<dyn Error>> {
    let site = Caches::from_toml(CACHES)?;
    let parser = ParserBuilder::with_stdlib()
        .block(CacheBlock::new(site.clone()))
        .build()?;
    let template = parser.parse(PAGE)?;
    let page =
        |user: &str, basket: u32| template.render(&object!({ "user": user, "basket": basket }));

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
