use clap::CommandFactory;
use clap_complete::Shell;

use crate::{
    arguments::Arguments,
    outcome::{Answer, Outcome},
    output::Output,
};

pub(super) fn completions(shell: Shell, output: Output) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "cachemere", &mut script);
    output.bytes(&script)?;
    Ok(Answer::Yes)
}
