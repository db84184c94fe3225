use std::process::Command;

/// Runs a program of a Debian package to its end and returns what it wrote.
///
/// # Panics
/// If it is not there, or fails.
pub(crate) fn run(command: &mut Command, package: &str) -> String {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("{command:?}: {error}; is it there? apt-get install {package}"),
    };
    let [text, error] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{command:?}: {error}{text}");
    text.trim_end().to_owned()
}
