use std::collections::BTreeSet;

use super::{environment, refused, sources};
use crate::config::Sources;

const ALIASES: [&str; 4] = ["default", "sessions", "a-b", "global"];

/// The table of an alias, without a mistake: `NAME` is its name.
const ALIAS: [&str; 16] = [
    "[CACHES.NAME]",
    "BACKEND = 'locmem'",
    "LOCATION = ['here', 'there']",
    "TIMEOUT = '5m'",
    "KEY_PREFIX = '${SET}'",
    "VERSION = 2 # of three",
    "",
    "[CACHES.NAME.OPTIONS]",
    "MAX_ENTRIES = 300",
    "SERIALIZER = 'json'",
    "ON_ERROR = 'raise'",
    "MAX_BYTES = 5",
    "MODE = 'fast'",
    "NODES = [\n  'x',\n  'y',\n]",
    "behaviors = { ketama = true }",
    "LABELS = { any = 'thing' }",
];

/// What stands instead of a line of the table, and on which line of it the problem is.
const MISTAKES: [(usize, &str, isize, &str); 62] = [
    (0, "[CACHES.NAME", 0, "unclosed table"),
    (0, "CACHES.NAME]", 0, "invalid TOML"),
    (0, "[CACHE.NAME]", 0, "did you mean `CACHES`"),
    (1, "BACKND = 'locmem'", 0, "did you mean `BACKEND`"),
    (1, "backend = 'locmem'", 0, "did you mean `BACKEND`"),
    (1, "BACKEND = 'locmen'", 0, "did you mean `locmem`"),
    (
        1,
        "BACKEND = 'myapp.Mine'",
        0,
        "unknown backend `myapp.Mine`",
    ),
    (1, "BACKEND = 'redis'", 0, "not compiled in"),
    (1, "BACKEND = 5", 0, "expected text"),
    (1, "BACKEND = locmem", 0, "written in quotes"),
    (1, "BACKEND =", 0, "a value is missing"),
    (1, "BACKEND = '${UNSET}'", 0, "`UNSET` is not set"),
    (
        1,
        "BACKEND = 'locmem'\nBACKEND = 'locmem'",
        1,
        "is there twice",
    ),
    (1, "# no backend", -1, "is missing"),
    (2, "LOCATION = 5", 0, "expected text in quotes"),
    (2, "LOCATION = ['x', '']", 0, "is empty"),
    (2, "LOCATION = [\n'x',\n5]", 2, "expected text"),
    (2, "LOCATION = ['x', 'y'", 0, "unclosed array"),
    (2, "LOCATION = 'bad place'", 0, "cannot be at"),
    (2, "LOCATON = 'x'", 0, "did you mean `LOCATION`"),
    (3, "TIMEOUT = '5x'", 0, "expected seconds"),
    (3, "TIMEOUT = true", 0, "expected seconds"),
    (3, "TIMEOUT = 1979-05-27", 0, "a date"),
    (3, "TIMEOUT = 5m", 0, "written in quotes"),
    (3, "TIMEOUT = None", 0, "there is no `None`"),
    (3, "TIMEOUT = 5\nTIMEOUT = 6", 1, "is there twice"),
    (3, "TIMEOT = 5", 0, "did you mean `TIMEOUT`"),
    (3, "TIMEOUT 5", 0, "key with no value"),
    (4, "KEY_PREFIX = 5", 0, "expected text"),
    (4, "KEY_PREFIX = '${UNSET}'", 0, "`UNSET` is not set"),
    (4, "KEY_PREFIX = '${SET'", 0, "has no `}`"),
    (4, "KEY_PREFIX = 'x", 0, "invalid literal string"),
    (4, "KEYPREFIX = 'x'", 0, "did you mean `KEY_PREFIX`"),
    (4, "KEY_FUNCTION = 'nowhere'", 0, "unknown key function"),
    (5, "VERSION = 1.5", 0, "a number with a fraction"),
    (5, "VERSION = [1]", 0, "a list"),
    (5, "COLOUR = 1", 0, "unknown key; an alias has"),
    (6, "MEDIA_ROOT = 'x'", 0, "top-level setting"),
    (6, "CULL_FREQUENCY = 3", 0, "belongs in `OPTIONS`"),
    (6, "ignore_exc = true", 0, "belongs in `OPTIONS`"),
    (6, "nonsense", 0, "key with no value"),
    (6, "= 5", 0, "invalid TOML"),
    (7, "[CACHES.NAME.OPTION]", 0, "did you mean `OPTIONS`"),
    (7, "[CACHES.NAME.OPTIONS", 0, "unclosed table"),
    (8, "MAX_ENTRY = 300", 0, "did you mean `MAX_ENTRIES`"),
    (8, "MAX_ENTRIES = -1", 0, "expected a whole number"),
    (8, "MAX_ENTRIES = 'many'", 0, "expected a whole number"),
    (8, "KEY_PREFIX = 'x'", 0, "belongs one level up"),
    (9, "SERIALIZER = 'pickle'", 0, "unknown value `pickle`"),
    (9, "COMPRESSOR = 'zst'", 0, "did you mean `zstd`"),
    (9, "STATIC_ROOT = 'x'", 0, "top-level setting"),
    (10, "ON_ERROR = 'rise'", 0, "did you mean `raise`"),
    (
        10,
        "ON_ERROR = 'miss'\nignore_exc = true",
        1,
        "give one of them",
    ),
    (10, "GET_OR_SET_WAIT = 'soon'", 0, "expected seconds"),
    (11, "MAX_BITES = 5", 0, "did you mean `MAX_BYTES`"),
    (12, "MODE = 'fats'", 0, "did you mean `fast`"),
    (12, "MODEL = 'fast'", 0, "did you mean `MODE`"),
    (13, "NODES = [\n  'x',\n", 1, "invalid TOML"),
    (13, "NODES = 5", 0, "expected a list"),
    (
        14,
        "behaviors = { ketma = true }",
        0,
        "did you mean `ketama`",
    ),
    (
        14,
        "behaviors = { dead_timeout = -1 }",
        0,
        "a negative number",
    ),
    (15, "LABELS = { any = 1 }", 0, "expected text"),
];

/// The kinds that can only be told if the backend is known.
const OF_THE_BACKEND: [usize; 5] = [12, 13, 14, 15, 2];

/// Random numbers that are the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Which mistake is at which line of which alias.
type Chosen = Vec<(usize, usize)>;

fn chosen(random: &mut Random, count: usize) -> Chosen {
    let mut chosen = Chosen::new();
    let mut places = BTreeSet::new();
    while chosen.len() < count {
        let (alias, mistake) = (random.below(ALIASES.len()), random.below(MISTAKES.len()));
        let (line, ..) = MISTAKES[mistake];
        let hides =
            |(other_alias, other): &(usize, usize)| *other_alias == alias && hides(mistake, *other);
        if chosen.iter().any(hides) {
            continue;
        }
        if places.insert((alias, line)) {
            chosen.push((alias, mistake));
        }
    }
    chosen
}

/// Whether one of two mistakes in an alias keeps the other from being one.
fn hides(one: usize, other: usize) -> bool {
    let hides = |one: usize, other: usize| {
        let ((_, text, ..), (line, wrong, ..)) = (MISTAKES[one], MISTAKES[other]);
        let is_unknown = text.contains("myapp.Mine") || text.contains("redis");
        let may_be_backend = text.starts_with('=') && wrong == "# no backend";
        is_unknown && OF_THE_BACKEND.contains(&line) && !wrong.contains("MODEL") || may_be_backend
    };
    hides(one, other) || hides(other, one)
}

/// The file, and the line and the words of each problem.
fn written(chosen: &Chosen) -> (String, Vec<(isize, &'static str)>) {
    let mut text = String::from("MEDIA_ROOT = 'media'\n");
    let mut expected = Vec::new();
    for (alias, name) in ALIASES.iter().enumerate() {
        for (line, right) in ALIAS.iter().enumerate() {
            let mistake = chosen
                .iter()
                .map(|(of, mistake)| (of, MISTAKES[*mistake]))
                .find(|(of, (at, ..))| **of == alias && *at == line);
            let number = isize::try_from(text.lines().count() + 1).unwrap();
            let wrong = mistake.map(|(_, (_, wrong, offset, words))| {
                expected.push((number + offset, words));
                wrong
            });
            text.push_str(&wrong.unwrap_or(right).replace("NAME", name));
            text.push('\n');
        }
    }
    expected.sort_unstable();
    (text, expected)
}

fn check(chosen: &Chosen) {
    let (text, expected) = written(chosen);
    let sources = Sources {
        environment: environment(&[("SET", "x")]),
        ..sources(&text)
    };
    let problems = refused(&sources);
    let lines: Vec<_> = problems.lines().collect();
    let found: BTreeSet<_> = lines
        .iter()
        .map(|line| line.split(':').nth(1).unwrap().parse::<isize>().unwrap())
        .collect();
    let places: BTreeSet<_> = expected.iter().map(|(line, _)| *line).collect();
    let has_words = expected.iter().all(|(at, words)| {
        let place = format!("caches.toml:{at}:");
        lines
            .iter()
            .any(|line| line.starts_with(&place) && line.contains(words))
    });
    assert!(
        lines.len() == expected.len() && found == places && has_words,
        "{}\n--- expected\n{expected:?}\n--- found\n{problems}",
        numbered(&text)
    );
}

fn numbered(text: &str) -> String {
    let lines = text.lines().enumerate();
    lines
        .map(|(index, line)| format!("{}: {line}\n", index + 1))
        .collect()
}

#[test]
fn a_file_without_a_mistake_is_loaded() {
    let (text, _) = written(&Chosen::new());
    let sources = Sources {
        environment: environment(&[("SET", "x")]),
        ..sources(&text)
    };
    assert_eq!(super::loaded(&sources).aliases.len(), ALIASES.len());
}

#[test]
fn any_mistake_in_any_alias_is_one_problem() {
    for alias in 0..ALIASES.len() {
        (0..MISTAKES.len()).for_each(|mistake| check(&vec![(alias, mistake)]));
    }
}

#[test]
fn any_two_mistakes_of_an_alias_are_two_problems() {
    for (one, (line, ..)) in MISTAKES.iter().enumerate() {
        for (other, (other_line, ..)) in MISTAKES.iter().enumerate().skip(one) {
            if line != other_line && !hides(one, other) {
                check(&vec![(1, one), (1, other)]);
            }
        }
    }
}

#[test]
fn any_six_mistakes_are_six_problems() {
    let mut random = Random(42);
    for _ in 0..500 {
        check(&chosen(&mut random, 6));
    }
}

#[test]
fn no_damage_to_a_file_is_a_panic_or_an_endless_loop() {
    let mut random = Random(7);
    let pieces = [
        "\n", "[", "]", "'", "\"\"\"", "=", "{", "}", ".", "ä", "\\", "${", "#", ",", "\r", "\0",
    ];
    for _ in 0..1000 {
        let (mut text, _) = written(&chosen(&mut random, 2));
        for _ in 0..1 + random.below(4) {
            let at = (random.below(text.len())..)
                .find(|at| text.is_char_boundary(*at))
                .unwrap();
            match random.below(2) {
                0 => drop(text.remove(at)),
                _ => text.insert_str(at, pieces[random.below(pieces.len())]),
            }
        }
        let registry = super::registry();
        drop(super::load(
            &sources(&text),
            &registry,
            &super::Context::default(),
        ));
    }
}
