use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// Two file caches, whose entries outlive a process.
pub(crate) const FILES: &str = r#"
[CACHES.default]
BACKEND = "file"
LOCATION = "${SITE}/default"

[CACHES.other]
BACKEND = "file"
LOCATION = "${SITE}/other"
TIMEOUT = "1h30m"
KEY_PREFIX = "app"
VERSION = 3
"#;

/// A folder with a `caches.toml`, in which the command runs, without any variable of the tests' own environment.
#[derive(Debug)]
pub(crate) struct Site {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a command left behind.
#[derive(Debug, PartialEq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Site {
    pub(crate) fn new(toml: &str) -> Self {
        let site = Self {
            folder: TempDir::new().unwrap(),
            variables: Vec::new(),
        };
        site.write("caches.toml", toml);
        site
    }

    /// Two file caches.
    pub(crate) fn files() -> Self {
        Self::new(FILES)
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let text = text.replace("${SITE}", self.folder.path().to_str().unwrap());
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn run<const N: usize>(&self, arguments: [&str; N]) -> Ran {
        self.feed(arguments, "")
    }

    pub(crate) fn feed<const N: usize>(&self, arguments: [&str; N], stdin: &str) -> Ran {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
        child.wait_with_output().unwrap().into()
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cachemere"));
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .envs(variables);
        command
    }
}

impl Ran {
    /// The JSON document on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A command that went well and printed this, and nothing on stderr.
pub(crate) fn said(stdout: &str) -> Ran {
    answered(0, stdout)
}

/// A command that printed this, and nothing on stderr.
pub(crate) fn answered(code: i32, stdout: &str) -> Ran {
    Ran {
        code,
        stdout: stdout.to_owned(),
        stderr: String::new(),
    }
}
