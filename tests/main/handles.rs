//! `caches["alias"]`: one object a thread, shared stores, and what happens to a name that is not there.

use std::{panic, ptr, thread};

use cachemere::{Cache, Caches, ErrorKind};

use crate::site::site;

#[test]
fn the_same_object_within_a_thread_and_another_in_another() {
    let site = site("locmem");
    let first = &site["default"];
    assert!(ptr::eq(first, &site["default"]));
    thread::scope(|scope| {
        let elsewhere = scope
            .spawn(|| ptr::from_ref(&site["default"]).addr())
            .join()
            .unwrap();
        assert_ne!(elsewhere, ptr::from_ref(first).addr());
    });
}

#[test]
fn threads_share_the_store() {
    let site = site("locmem");
    thread::scope(|scope| {
        scope.spawn(|| site["default"].set("key", &1, 60).unwrap());
    });
    assert_eq!(site["default"].get::<i32>("key").unwrap(), Some(1));
}

#[test]
fn an_unknown_alias_panics_at_the_callers_line_and_says_which_exist() {
    let caches =
        Caches::from_toml("[CACHES.default]\nBACKEND='locmem'\n[CACHES.sessions]\nBACKEND='dummy'")
            .unwrap();
    let message =
        panic::catch_unwind(panic::AssertUnwindSafe(|| caches["sesions"].clone())).unwrap_err();
    let message = message.downcast_ref::<String>().unwrap();
    assert_eq!(
        message,
        "the cache `sesions` is not configured, did you mean `sessions`? (there are `default`, `sessions`)"
    );
    let error = caches.get("sesions").unwrap_err();
    assert_eq!(
        (error.kind(), &error.to_string()),
        (ErrorKind::UnknownAlias, message)
    );
}

#[test]
fn aliases_are_in_the_order_of_the_file() {
    let caches = Caches::from_toml(
        "[CACHES.z]\nBACKEND='locmem'\n[CACHES.default]\nBACKEND='locmem'\n[CACHES.a]\nBACKEND='locmem'",
    )
    .unwrap();
    assert_eq!(caches.aliases().collect::<Vec<_>>(), ["z", "default", "a"]);
}

#[test]
fn all_lists_what_this_thread_has_used_or_everything() {
    let site = site("locmem");
    let aliases = |initialized_only| {
        site.all(initialized_only)
            .into_iter()
            .map(Cache::alias)
            .collect::<Vec<_>>()
    };
    assert!(aliases(true).is_empty());
    let _ = (&site["v2"], &site["default"]);
    assert_eq!(aliases(true), ["default", "v2"]);
    assert_eq!(aliases(false).len(), site.aliases().count());
}

#[test]
fn close_all_closes_what_some_thread_has_used_and_nothing_else() {
    use cachemere::base::{Backend, Context, Open, Result, Settings, Wrap};

    static CLOSED: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());

    #[derive(Debug)]
    struct Closing(cachemere::backends::LocMem, String);

    impl Wrap for Closing {
        type Inner = cachemere::backends::LocMem;

        fn inner(&self) -> &Self::Inner {
            &self.0
        }

        fn close(&self) -> Result<()> {
            CLOSED.lock().unwrap().push(self.1.clone());
            self.0.close()
        }
    }

    impl Open for Closing {
        const NAMES: &'static [&'static str] = &["tests.Closing"];
        type Options = cachemere::backends::locmem::Options;

        fn open(settings: &Settings, options: Self::Options, context: &Context) -> Result<Self> {
            let inner = cachemere::backends::LocMem::open(settings, options, context)?;
            Ok(Self(inner, settings.alias().to_owned()))
        }
    }

    let toml = "[CACHES.default]\nBACKEND='tests.Closing'\n[CACHES.used]\nBACKEND='tests.Closing'\n\
                [CACHES.elsewhere]\nBACKEND='tests.Closing'";
    let caches = Caches::builder()
        .toml(toml)
        .backend::<Closing>()
        .build()
        .unwrap();
    let _ = &caches["used"];
    thread::scope(|scope| {
        scope.spawn(|| drop(caches["elsewhere"].clone()));
    });
    caches.close_all().unwrap();
    assert_eq!(*CLOSED.lock().unwrap(), ["used", "elsewhere"]);
}

#[test]
fn get_or_default_falls_back() {
    let site = site("locmem");
    assert_eq!(site.get_or_default("v2").alias(), "v2");
    assert_eq!(site.get_or_default("misago").alias(), "default");
}

#[test]
fn caches_and_cache_fit_a_server_state() {
    fn fits<T: Clone + Send + Sync + 'static>() {}
    fits::<Caches>();
    fits::<Cache>();
}

#[test]
fn stores_of_one_name_in_two_sets_of_caches_do_not_meet() {
    let (one, two) = (
        Caches::from_toml("").unwrap(),
        Caches::from_toml("").unwrap(),
    );
    one["default"].set("key", &1, 60).unwrap();
    assert_eq!(two["default"].get::<i32>("key").unwrap(), None);
}

#[test]
fn check_makes_a_round_trip_through_every_alias() {
    let caches = Caches::from_toml(
        "[CACHES.default]\nBACKEND='locmem'\n[CACHES.off]\nBACKEND='dummy'\nOPTIONS.MAX_ENTRIES=5\n\
         [CACHES.bad]\nBACKEND='file'\nLOCATION='/dev/null/cache'",
    )
    .unwrap();
    let reports = caches.check();
    assert!(reports[0].result.is_ok() && reports[0].stores);
    assert!(reports[1].result.is_ok() && !reports[1].stores);
    assert!(
        reports[1]
            .description
            .notes
            .iter()
            .any(|note| note.contains("MAX_ENTRIES")),
        "{:?}",
        reports[1].description.notes
    );
    let error = reports[2].result.as_ref().unwrap_err();
    assert!(
        error.is_fault() && error.to_string().starts_with("cache `bad` (file): "),
        "{error}"
    );
}

#[test]
fn a_file_cache_in_a_served_folder_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().display();
    let toml = format!(
        "STATIC_ROOT = '{root}/static'\n[CACHES.default]\nBACKEND='file'\nLOCATION='{root}/static/x/../cache'\n\
         [CACHES.above]\nBACKEND='file'\nLOCATION='{root}'\n[CACHES.beside]\nBACKEND='file'\nLOCATION='{root}/cache'\n"
    );
    let reports = Caches::from_toml(&toml).unwrap().check();
    let note = |at: usize| reports[at].description.notes.join(" ");
    assert!(
        note(0).contains("LOCATION is inside STATIC_ROOT"),
        "{}",
        note(0)
    );
    assert!(
        note(1).contains("LOCATION contains STATIC_ROOT"),
        "{}",
        note(1)
    );
    assert_eq!(note(2), "");
}
