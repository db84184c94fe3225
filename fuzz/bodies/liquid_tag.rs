/// Any text in the tag is a fragment or refused, when it is read or when it is rendered; a fragment that is kept is the same
/// the second time.
fn liquid_tag_body(arguments: &str) {
    let caches = Caches::from_toml("").expect("the caches of an empty file");
    let block = CacheBlock::new(caches);
    let parser = liquid::ParserBuilder::with_stdlib().block(block).build();
    let parser = parser.expect("a parser");
    let source = format!("{{% cache {arguments} %}}{{{{ text }}}}{{% endcache %}}");
    let Ok(template) = parser.parse(&source) else {
        return;
    };
    let render = |text: &str| {
        let context = liquid::object!({ "text": text, "n": 5, "user": { "name": "Ada" }, "l": [1, 2] });
        template.render(&context)
    };
    // what ends the tag early is text of the template
    let is_all_of_it = !arguments.contains(['{', '}', '%']);
    match (render("first"), render("second")) {
        (Ok(first), Ok(second)) if is_all_of_it => {
            assert_eq!(first, "first", "{source}");
            assert!(["first", "second"].contains(&second.as_str()), "{source}");
        }
        (Ok(_), Ok(_)) => {}
        (Err(first), Err(second)) => assert_eq!(first.to_string(), second.to_string()),
        (first, second) => panic!("{source}: {first:?} {second:?}"),
    }
}
