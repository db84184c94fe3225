use liquid_core::{
    Error, Expression, Language, Result, Runtime, TagTokenIter, ValueCow,
    parser::{FilterChain, TagToken, TryMatchToken},
};

use crate::templates::given::WANTED as WANTED_TIMEOUT;

/// `500 sidebar user.name using="local"`, parsed.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) timeout: Argument,
    /// What is said, and where, of a timeout that is none.
    pub(super) no_timeout: Error,
    /// The name as it stands there, quotes and all.
    pub(super) name: String,
    pub(super) vary_on: Vec<Argument>,
    pub(super) using: Option<Argument>,
    /// What is said, and where, of an alias that is not configured or a key that the store refuses.
    pub(super) no_cache: Error,
}

/// An expression: a value or a variable, with filters or without.
#[derive(Debug)]
pub(super) enum Argument {
    Plain(Expression),
    Filtered(FilterChain),
}

const WANTED: &str = "`cache` wants a timeout and a name: {% cache 500 sidebar %}";

impl Arguments {
    pub(super) fn parse(mut tokens: TagTokenIter<'_>, options: &Language) -> Result<Self> {
        let timeout = tokens.expect_next(WANTED)?;
        let message = format!("the timeout of `cache` is no number; {}", WANTED_TIMEOUT);
        let no_timeout = tokens.raise_error(&message);
        let first = tokens.expect_next(WANTED)?;
        let mut rest = tokens.by_ref().collect::<Vec<_>>();
        let no_cache = tokens.raise_error("`cache` has no cache to use");

        let name = name(first, &mut rest)?;
        let using = using(&mut rest);
        let vary_on = rest
            .into_iter()
            .map(|token| Argument::parse(token, options));
        Ok(Self {
            timeout: Argument::parse(timeout, options)?,
            no_timeout,
            name,
            vary_on: vary_on.collect::<Result<_>>()?,
            using: using
                .map(|token| Argument::parse(token, options))
                .transpose()?,
            no_cache,
        })
    }
}

/// The word that `first` begins: what follows it without a blank belongs to it.
fn name(first: TagToken<'_>, rest: &mut Vec<TagToken<'_>>) -> Result<String> {
    let place = |token: &TagToken<'_>| {
        let start = token.as_str().as_ptr().addr();
        (start, start + token.as_str().len())
    };
    let mut name = first.as_str().to_owned();
    let mut end = place(&first).1;
    let glued = rest.iter().take_while(|token| {
        let (start, next) = place(token);
        std::mem::replace(&mut end, next) == start
    });
    let glued = glued.map(|token| name.push_str(token.as_str())).count();
    rest.drain(..glued);
    let is_quoted = name.starts_with(['"', '\'']);
    if !is_quoted && name.contains(|c: char| c.is_whitespace() || c == '|') {
        return Err(first.raise_custom_error("the name of a fragment is one word, without filters"));
    }
    Ok(name)
}

/// The value of `using=…` at the end, taken away.
fn using<'a>(rest: &mut Vec<TagToken<'a>>) -> Option<TagToken<'a>> {
    match rest.as_slice() {
        [.., using, equals, _] if using.as_str() == "using" && equals.as_str() == "=" => {
            let value = rest.pop();
            rest.truncate(rest.len() - 2);
            value
        }
        _ => None,
    }
}

/// Whether there is an integer that the engine would panic at, outside of quotes.
fn has_huge_integer(text: &str) -> bool {
    let is_quote = |c| matches!(c, '\'' | '"');
    let unquoted = text.split(is_quote).step_by(2);
    let mut words = unquoted.flat_map(|text| text.split(|c: char| !c.is_ascii_digit()));
    words.any(|digits| digits.len() > 18 && digits.parse::<i64>().is_err())
}

impl Argument {
    fn parse(token: TagToken<'_>, options: &Language) -> Result<Self> {
        if token.as_str() == "=" {
            return Err(token.raise_custom_error("only `using=…` has a name, and it comes last"));
        }
        if has_huge_integer(token.as_str()) {
            return Err(token.raise_custom_error("the number does not fit 64 bits"));
        }
        match token.expect_value() {
            TryMatchToken::Matches(expression) => Ok(Self::Plain(expression)),
            TryMatchToken::Fails(token) => {
                let chain = token.expect_filter_chain(options);
                chain.into_result().map(Self::Filtered)
            }
        }
    }

    /// Whether it is written as this word.
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Plain(expression) if expression.to_string() == word)
    }

    /// Its value; `None` for a variable that does not exist.
    pub(super) fn evaluate<'a>(&'a self, runtime: &'a dyn Runtime) -> Result<Option<ValueCow<'a>>> {
        match self {
            Self::Plain(expression) => Ok(expression.try_evaluate(runtime)),
            Self::Filtered(chain) => chain.evaluate(runtime).map(Some),
        }
    }
}
