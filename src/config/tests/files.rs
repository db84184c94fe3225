use std::{fs, path::PathBuf};

use super::{config, default_with, environment, files_of, loaded, problems, refused, sources};
use crate::config::{Sources, sources::Document};

fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let written = files.iter().map(|(name, text)| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    });
    let written = written.collect();
    (folder, written)
}

fn names(config: &crate::config::Config) -> Vec<&str> {
    let aliases = config.aliases.iter();
    aliases.map(|alias| alias.name.as_str()).collect()
}

#[test]
fn a_file_without_caches_has_one_alias_on_locmem() {
    let config = config("MEDIA_ROOT = \"media\"\n");
    assert_eq!(names(&config), ["default"]);
    assert_eq!(config.aliases[0].settings.backend(), "locmem");
    assert_eq!(config.served, [("MEDIA_ROOT", PathBuf::from("media"))]);
}

#[test]
fn aliases_come_in_the_order_of_the_file() {
    let text = "[CACHES.z]\nBACKEND='locmem'\n[CACHES.default]\nBACKEND='locmem'\n[CACHES.a]\nBACKEND='locmem'\n";
    assert_eq!(names(&config(text)), ["z", "default", "a"]);
}

#[test]
fn default_is_required_where_there_is_caches() {
    assert_eq!(
        problems("[CACHES.a]\nBACKEND='locmem'\n"),
        "caches.toml:1:2: `CACHES.default`: is missing, and every configuration has it"
    );
    assert_eq!(
        problems("[CACHES.defualt]\nBACKEND='locmem'\n"),
        "caches.toml:1:9: `CACHES.default`: is missing, and every configuration has it; is `defualt` meant to be it?"
    );
    assert!(problems("[CACHES]\n").starts_with("caches.toml:1:2: `CACHES.default`: is missing"));
}

#[test]
fn an_alias_of_a_later_file_replaces_the_whole_alias() {
    let (_folder, files) = folder(&[
        (
            "a.toml",
            "[CACHES.default]\nBACKEND='locmem'\nTIMEOUT=1\nBACKND='replaced, so not read'\n[CACHES.kept]\nBACKEND='locmem'\n",
        ),
        (
            "b.toml",
            "[CACHES.default]\nBACKEND='dummy'\nKEY_PREFIX='b'\n",
        ),
    ]);
    let config = loaded(&files_of(&files));
    let default = config
        .aliases
        .iter()
        .find(|alias| alias.name == "default")
        .unwrap();
    assert_eq!(default.timeout.unwrap().as_secs(), 300);
    assert_eq!(default.key_prefix, "b");
    assert_eq!(config.aliases.len(), 2);
}

#[test]
fn problems_are_sorted_by_file_and_place() {
    let (_folder, files) = folder(&[
        (
            "z.toml",
            "[CACHES.default]\nBACKEND='locmem'\nA=1\nTIMEOUT='x'\n",
        ),
        ("a.toml", "\nB=1\n[CACHES.second]\nBACKEND='locmem'\nC=1\n"),
    ]);
    let problems = refused(&Sources {
        environment: environment(&[("CACHES__NO__TIMEOUT", "1")]),
        ..files_of(&files)
    });
    let places: Vec<_> = problems
        .lines()
        .map(|line| line.split(": ").next().unwrap().rsplit('/').next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "z.toml:3:1",
            "z.toml:4:9",
            "a.toml:2:1",
            "a.toml:5:1",
            "environment variable `CACHES__NO__TIMEOUT`"
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_the_only_problem_of_what_is_in_it() {
    let (folder, files) = folder(&[("a.toml", "[CACHES.other]\nBACKEND='locmem'\n")]);
    fs::write(folder.path().join("latin.toml"), [b'#', 0xe4]).unwrap();
    for (name, expected) in [
        ("missing.toml", "cannot be read: "),
        ("", "is a folder; name a file"),
        (
            "latin.toml",
            "not UTF-8 at byte 1; a configuration is UTF-8 text",
        ),
    ] {
        let path = folder.path().join(name);
        let problems = refused(&Sources {
            environment: environment(&[("CACHES__DEFAULT__TIMEOUT", "1")]),
            ..files_of(&[path.clone(), files[0].clone()])
        });
        assert!(
            problems.starts_with(&format!("{}: {expected}", path.display())),
            "{problems}"
        );
        assert_eq!(problems.lines().count(), 1, "{problems}");
    }
}

#[test]
fn caches_file_names_several_files() {
    let variable = ("CACHES_FILE".to_owned(), "a.toml:b/c.toml:".to_owned());
    let several = Sources::discover(vec![variable]).unwrap();
    let names: Vec<_> = several.documents.iter().map(Document::name).collect();
    assert_eq!(names, ["a.toml", "b/c.toml"]);
}

#[test]
fn neither_file_nor_variable_is_an_error_that_says_what_was_tried() {
    let folder = tempfile::tempdir().unwrap();
    let variable = ("PATH".to_owned(), "/".to_owned());
    let error = Sources::discover_in(folder.path(), vec![variable]).unwrap_err();
    let tried = folder.path().join("caches.toml").display().to_string();
    assert!(error.to_string().contains(&tried), "{error}");
    assert!(error.to_string().contains("CACHES_FILE"), "{error}");
}

#[test]
fn variables_alone_are_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let variable = ("CACHES__DEFAULT__BACKEND".to_owned(), "locmem".to_owned());
    let sources = Sources::discover_in(folder.path(), vec![variable]).unwrap();
    assert!(sources.documents.is_empty());
    assert_eq!(names(&loaded(&sources)), ["default"]);
}

#[test]
fn caches_toml_in_the_working_directory_is_read_if_no_variable_names_another() {
    let (folder, files) = folder(&[("caches.toml", "")]);
    let sources = Sources::discover_in(folder.path(), Vec::new()).unwrap();
    assert_eq!(sources.documents[0].name(), files[0].display().to_string());
}

#[test]
fn code_overrides_everything_and_may_add_an_alias() {
    let mut sources = sources("[CACHES.default]\nBACKEND='locmem'\nTIMEOUT=1\n");
    sources.environment = environment(&[("CACHES__DEFAULT__TIMEOUT", "2")]);
    sources.settings = vec![
        ("default".into(), "TIMEOUT".into(), 3.into()),
        ("default".into(), "OPTIONS.MAX_ENTRIES".into(), 4.into()),
        ("new".into(), "BACKEND".into(), "dummy".into()),
        ("new".into(), "KEY_PREFIX".into(), "${NOT_READ}".into()),
    ];
    let config = loaded(&sources);
    assert_eq!(config.aliases[0].timeout.unwrap().as_secs(), 3);
    assert_eq!(config.aliases[0].settings.max_entries(), 4);
    assert_eq!(config.aliases[1].key_prefix, "${NOT_READ}");
    sources.settings[0].2 = "x".into();
    assert!(refused(&sources).starts_with("builder: `CACHES.default.TIMEOUT`: expected seconds"));
}

#[test]
fn nothing_at_all_is_the_default_alias() {
    assert_eq!(names(&loaded(&Sources::default())), ["default"]);
}

#[test]
fn django_names_and_its_default_key_function_are_known() {
    let alias = default_with("KEY_FUNCTION = 'django.core.cache.backends.base.default_key_func'\n");
    assert!(alias.key_function.is_none());
    let text = "[CACHES.default]\nBACKEND = 'django.core.cache.backends.locmem.LocMemCache'\n";
    assert_eq!(
        config(text).aliases[0].settings.backend(),
        "django.core.cache.backends.locmem.LocMemCache"
    );
}
