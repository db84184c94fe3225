use std::sync::{
    Barrier,
    atomic::{AtomicU32, Ordering},
};

use cachemere::{Caches, Error, ErrorKind, Raw};

use crate::{
    faults::down,
    site::{on_every_store, site},
};

/// A body that counts how often it runs.
#[derive(Default)]
struct Body(AtomicU32);

impl Body {
    fn run(&self) -> String {
        format!("body {}", self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn runs(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

on_every_store! {
    fn a_hit_does_not_run_the_body(site) {
        let body = Body::default();
        for _ in 0..3 {
            let text = site.fragment("sidebar").timeout(500).render(|| body.run()).unwrap();
            assert_eq!(text, "body 1");
        }
        assert_eq!(body.runs(), 1);
    }

    fn an_empty_fragment_is_a_hit(site) {
        let fragment = site.fragment("sidebar").timeout(500);
        assert_eq!(fragment.clone().render(String::new).unwrap(), "");
        assert_eq!(fragment.render(|| "another".to_owned()).unwrap(), "");
    }

    fn copies_are_told_apart_by_what_they_vary_on(site) {
        let greet = |user: &str| {
            let fragment = site.fragment("greeting").vary_on([user]).timeout(500);
            fragment.render(|| format!("hello {user}")).unwrap()
        };
        assert_eq!(greet("Ada"), "hello Ada");
        assert_eq!(greet("Bob"), "hello Bob");
        let cache = &site["default"];
        let key = cache.make_template_fragment_key("greeting", ["Ada"]).unwrap();
        assert!(cache.set(&key, "bye Ada", 500).is_ok());
        assert_eq!(greet("Ada"), "bye Ada");
        assert!(cache.delete(&key).unwrap());
        assert_eq!(greet("Ada"), "hello Ada");
    }

    fn a_fragment_lives_as_long_as_its_timeout(site) {
        let body = Body::default();
        let render = |fragment: &str, timeout: Option<std::time::Duration>| {
            site.fragment(fragment).timeout(timeout).render(|| body.run()).unwrap()
        };
        let minute = Some(std::time::Duration::from_secs(60));
        assert_eq!(render("brief", minute), "body 1");
        assert_eq!(render("for ever", None), "body 2");
        site.advance(59.9);
        assert_eq!(render("brief", minute), "body 1");
        site.advance(0.2);
        assert_eq!(render("brief", minute), "body 3");
        site.advance(1e9);
        assert_eq!(render("for ever", None), "body 2");
    }

    fn without_a_timeout_the_aliass_own_counts(site) {
        let body = Body::default();
        let render = || site.fragment("sidebar").render(|| body.run()).unwrap();
        assert_eq!(render(), "body 1");
        site.advance(299.0);
        assert_eq!(render(), "body 1");
        site.advance(2.0);
        assert_eq!(render(), "body 2");
    }

    fn a_timeout_of_0_keeps_nothing(site) {
        let body = Body::default();
        let render = || site.fragment("sidebar").timeout(0).render(|| body.run()).unwrap();
        assert_eq!(render(), "body 1");
        assert_eq!(render(), "body 2");
    }

    fn fragments_may_lie_in_one_another(site) {
        let inner = Body::default();
        let render = || {
            let outer = site.fragment("outer").timeout(60);
            outer.try_render(|| {
                let text = site.fragment("inner").timeout(500).render(|| inner.run())?;
                Ok::<_, Error>(format!("({text})"))
            })
        };
        assert_eq!(render().unwrap(), "(body 1)");
        site.advance(61.0);
        assert_eq!(render().unwrap(), "(body 1)");
        assert_eq!(inner.runs(), 1);
    }

    fn of_a_fragment_within_itself_the_outer_text_is_kept(site) {
        let fragment = || site.fragment("a").timeout(60);
        let render = || {
            fragment().try_render(|| {
                let middle = fragment().try_render(|| {
                    let inner = fragment().render(|| "inner".to_owned())?;
                    Ok::<_, Error>(format!("({inner})"))
                })?;
                Ok::<_, Error>(format!("[{middle}]"))
            })
        };
        assert_eq!(render().unwrap(), "[(inner)]");
        assert_eq!(render().unwrap(), "[(inner)]");
        let text = fragment().render(|| "nothing was kept".to_owned());
        assert_eq!(text.unwrap(), "[(inner)]");
    }

    fn of_an_asynchronous_fragment_within_itself_the_outer_text_is_kept(site) {
        pollster::block_on(async {
            let fragment = || site.fragment("a").timeout(60);
            let outer = fragment().atry_render(async || {
                let inner = fragment().arender(async || "inner".to_owned()).await?;
                Ok::<_, Error>(format!("({inner})"))
            });
            assert_eq!(outer.await.unwrap(), "(inner)");
            let text = fragment().arender(async || "nothing was kept".to_owned());
            assert_eq!(text.await.unwrap(), "(inner)");
        });
    }

    fn a_body_that_fails_is_not_stored(site) {
        let fragment = site.fragment("sidebar").timeout(500);
        let failed = fragment.clone().try_render(|| {
            Err::<String, Box<dyn std::error::Error>>("no such user".into())
        });
        assert_eq!(failed.unwrap_err().to_string(), "no such user");
        assert_eq!(fragment.render(|| "now".to_owned()).unwrap(), "now");
    }

    fn an_entry_that_is_no_text_is_rendered_over(site) {
        let cache = &site["default"];
        let key = cache.make_template_fragment_key("sidebar", ()).unwrap();
        for entry in [None, Some(vec![1, 2])] {
            cache.set(&key, &entry, 60).unwrap();
            let fragment = site.fragment("sidebar").timeout(500);
            assert_eq!(fragment.render(|| "text".to_owned()).unwrap(), "text");
            assert_eq!(cache.get::<String>(&key).unwrap().unwrap(), "text");
        }
    }

    fn the_asynchronous_twins_share_what_is_stored(site) {
        pollster::block_on(async {
            let fragment = site.fragment("sidebar").vary_on((1, "a")).timeout(500);
            let text = fragment.clone().arender(async || "one".to_owned()).await.unwrap();
            assert_eq!(text, "one");
            let failing = async || Err::<String, Error>(Error::new(ErrorKind::Io, "never"));
            assert_eq!(fragment.clone().atry_render(failing).await.unwrap(), "one");
            assert_eq!(fragment.render(|| "two".to_owned()).unwrap(), "one");
            let other = site.fragment("another").atry_render(failing).await.unwrap_err();
            assert_eq!(other.message(), "never");
        });
    }
}

#[test]
fn the_body_runs_once_for_all_who_miss_at_the_same_time() {
    let site = site("locmem");
    let (body, together) = (Body::default(), Barrier::new(4));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                together.wait();
                let slow = || {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                    body.run()
                };
                assert_eq!(site.fragment("sidebar").render(slow).unwrap(), "body 1");
            });
        }
    });
    assert_eq!(body.runs(), 1);
}

fn two(more: &str) -> Caches {
    let toml = format!("[CACHES.default]\nBACKEND = 'locmem'\n{more}");
    Caches::from_toml(&toml).unwrap()
}

fn is_in(caches: &Caches, alias: &str, name: &str) -> bool {
    let cache = &caches[alias];
    let key = cache.make_template_fragment_key(name, ()).unwrap();
    cache.has_key(&key).unwrap()
}

#[test]
fn a_fragment_lives_in_the_alias_that_it_names_or_in_template_fragments_or_in_default() {
    let local = "[CACHES.local]\nBACKEND = 'locmem'\nLOCATION = 'local'\n";
    let own = "[CACHES.template_fragments]\nBACKEND = 'locmem'\nLOCATION = 'own'\n";
    let text = String::new;

    let caches = two(local);
    caches.fragment("a").render(text).unwrap();
    caches.fragment("b").using("local").render(text).unwrap();
    assert!(is_in(&caches, "default", "a") && !is_in(&caches, "local", "a"));
    assert!(is_in(&caches, "local", "b") && !is_in(&caches, "default", "b"));

    let caches = two(&[local, own].concat());
    caches.fragment("a").render(text).unwrap();
    caches.fragment("b").using("default").render(text).unwrap();
    assert!(is_in(&caches, "template_fragments", "a") && !is_in(&caches, "default", "a"));
    assert!(is_in(&caches, "default", "b") && !is_in(&caches, "template_fragments", "b"));
}

#[test]
fn an_alias_that_is_not_configured_is_an_error() {
    let caches = two("[CACHES.local]\nBACKEND = 'dummy'");
    let error = caches
        .fragment("a")
        .using("locla")
        .render(String::new)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownAlias);
    assert_eq!(
        error.to_string(),
        "the cache `locla` is not configured, did you mean `local`? (there are `default`, `local`)"
    );
}

#[test]
fn a_fault_of_the_store_renders_the_body_and_is_counted_whatever_on_error_says() {
    let caches = down();
    for alias in ["default", "miss"] {
        let body = Body::default();
        let before = caches[alias].counters().faults();
        let render = || {
            caches
                .fragment("sidebar")
                .using(alias)
                .render(|| body.run())
                .unwrap()
        };
        assert_eq!(render(), "body 1");
        assert_eq!(render(), "body 2");
        assert!(caches[alias].counters().faults() >= before + 2, "{alias}");
        let text = pollster::block_on(
            caches
                .fragment("sidebar")
                .using(alias)
                .arender(async || body.run()),
        );
        assert_eq!(text.unwrap(), "body 3");
    }
    assert_eq!(
        caches["default"].get::<Raw>("k").unwrap_err().kind(),
        ErrorKind::Unavailable
    );
}

#[test]
fn an_error_of_the_body_comes_through_a_store_that_fails() {
    let caches = down();
    let failed = caches
        .fragment("sidebar")
        .try_render(|| Err(Error::new(ErrorKind::Decode, "bad")));
    assert_eq!(failed.unwrap_err().message(), "bad");
}
