//! `{% cache %}` for liquid, in Django's syntax.
//!
//! - The timeout first: seconds as a number, a variable or with filters; `none` or `nil` is for ever.
//! - The name is taken as it stands, quotes and all: that of a name in other letters than those of ASCII, which the engine
//!   reads in quotes only, has them in it.
//! - Then the values that tell copies apart, as variables, literals or with filters; a variable that does not exist counts
//!   as empty text.
//! - `using=…` comes last and names the alias.
//! - `{% break %}` and `{% continue %}` in a fragment work as without the tag: it is not stored then.
//!
//! # The examples of Django's documentation
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let toml = "[CACHES.default]\nBACKEND = 'locmem'\n[CACHES.localcache]\nBACKEND = 'locmem'\nLOCATION = 'local'";
//! # let caches = cachemere::Caches::from_toml(toml)?;
//! # let block = cachemere::templates::liquid::CacheBlock::new(caches.clone());
//! # let parser = liquid::ParserBuilder::with_stdlib().block(block).build()?;
//! # let context = liquid::object!({
//! #     "request": { "user": { "username": "Ada" } }, "LANGUAGE_CODE": "en", "my_timeout": 600,
//! # });
//! # let default = &caches["default"];
//! let render = |template: &str| parser.parse(template)?.render(&context);
//!
//! // one copy for all
//! render("{% cache 500 sidebar %} .. sidebar .. {% endcache %}")?;
//! assert!(default.has_key(&default.make_template_fragment_key("sidebar", ())?)?);
//!
//! // one for every user
//! render("{% cache 500 sidebar request.user.username %} ... sidebar for logged in user .. {% endcache %}")?;
//! assert!(default.has_key(&default.make_template_fragment_key("sidebar", ["Ada"])?)?);
//!
//! // one for every language
//! render("{% cache 600 welcome LANGUAGE_CODE %} Welcome to example.com {% endcache %}")?;
//! assert!(default.has_key(&default.make_template_fragment_key("welcome", ["en"])?)?);
//!
//! // the timeout may be a variable: these two are the same
//! render("{% cache 600 sidebar %} ... {% endcache %}")?;
//! render("{% cache my_timeout sidebar %} ... {% endcache %}")?;
//!
//! // another cache than `template_fragments` or `default`; it is an error to name one that is not configured
//! render("{% cache 300 local-thing 7 using=\"localcache\" %} ... {% endcache %}")?;
//! let local = &caches["localcache"];
//! let key = local.make_template_fragment_key("local-thing", [7])?;
//! assert_eq!(local.get::<String>(&key)?.as_deref(), Some(" ... "));
//! assert!(render("{% cache 300 local-thing using=\"nowhere\" %} ... {% endcache %}").is_err());
//!
//! // invalidates a cached fragment
//! let key = default.make_template_fragment_key("sidebar", ["Ada"])?;
//! assert!(default.delete(&key)?);
//! # Ok(())
//! # }
//! ```

mod arguments;

use std::io::Write;

use ::liquid_core::{
    BlockReflection, Error, Language, ParseBlock, Renderable, Result, Runtime, TagBlock,
    TagTokenIter, Template, Value, ValueView, error::ResultLiquidReplaceExt,
    runtime::InterruptRegister,
};
use cachemere_base::Timeout;

use self::arguments::{Argument, Arguments};
use super::{failure::Failure, given::Given};
use crate::Caches;

/// The block `{% cache %}`, for [`ParserBuilder::block`](https://docs.rs/liquid/latest/liquid/struct.ParserBuilder.html).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cachemere::templates::liquid::CacheBlock;
///
/// # let caches = cachemere::Caches::from_toml("")?;
/// let parser = liquid::ParserBuilder::with_stdlib().block(CacheBlock::new(caches)).build()?;
/// let page = parser.parse("{% cache 500 sidebar user %}Hello, {{ user }}!{% endcache %}")?;
/// assert_eq!(page.render(&liquid::object!({"user": "Ada"}))?, "Hello, Ada!");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CacheBlock {
    caches: Caches,
}

impl CacheBlock {
    /// A block whose fragments live in these caches.
    #[must_use]
    pub fn new(caches: Caches) -> Self {
        Self { caches }
    }
}

impl BlockReflection for CacheBlock {
    fn start_tag(&self) -> &str {
        "cache"
    }

    fn end_tag(&self) -> &str {
        "endcache"
    }

    fn description(&self) -> &str {
        "Renders its content once and keeps it."
    }

    fn example(&self) -> Option<&str> {
        Some("{% cache 500 sidebar user.name %}…{% endcache %}")
    }
}

impl ParseBlock for CacheBlock {
    fn parse(
        &self,
        arguments: TagTokenIter<'_>,
        mut block: TagBlock<'_, '_>,
        options: &Language,
    ) -> Result<Box<dyn Renderable>> {
        let arguments = Arguments::parse(arguments, options)?;
        let body = Template::new(block.parse_all(options)?);
        block.assert_empty();
        Ok(Box::new(Tag {
            caches: self.caches.clone(),
            arguments,
            body,
        }))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self
    }
}

/// One `{% cache %}` of a template.
#[derive(Debug)]
struct Tag {
    caches: Caches,
    arguments: Arguments,
    body: Template,
}

/// Why a body is not stored.
enum Unstored {
    Failed(Error),
    /// It was left by `{% break %}` or `{% continue %}`, which a stored text would not do.
    Left(String),
}

impl Renderable for Tag {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let text = self.text(runtime)?;
        writer
            .write_all(text.as_bytes())
            .replace("Failed to render")
    }
}

impl Tag {
    fn text(&self, runtime: &dyn Runtime) -> Result<String> {
        let arguments = &self.arguments;
        let timeout = self.timeout(runtime)?;
        let using = arguments
            .using
            .as_ref()
            .map(|argument| text_of(argument, runtime));
        let using = using.transpose()?;
        let vary_on = arguments.vary_on.iter().map(|argument| {
            let value = argument.evaluate(runtime)?;
            Ok(value.map_or_else(|| Value::scalar(""), |value| value.into_owned()))
        });
        let vary_on: Vec<Value> = vary_on.collect::<Result<_>>()?;

        let fragment = self.caches.fragment(&arguments.name);
        let mut fragment = fragment.vary_on(vary_on).timeout(timeout);
        if let Some(alias) = &using {
            fragment = fragment.using(alias);
        }
        match fragment.try_render(|| self.body(runtime).map_err(Failure::Body)) {
            Ok(text) | Err(Failure::Body(Unstored::Left(text))) => Ok(text),
            Err(Failure::Body(Unstored::Failed(error))) => Err(error),
            Err(Failure::Cache(error)) => {
                let refused = arguments.no_cache.clone();
                Err(refused.context("cause", error.to_string()).cause(error))
            }
        }
    }

    fn body(&self, runtime: &dyn Runtime) -> Result<String, Unstored> {
        let text = self.body.render(runtime).map_err(Unstored::Failed)?;
        let registers = runtime.registers();
        match registers.get_mut::<InterruptRegister>().interrupted() {
            true => Err(Unstored::Left(text)),
            false => Ok(text),
        }
    }

    fn timeout(&self, runtime: &dyn Runtime) -> Result<Timeout> {
        let arguments = &self.arguments;
        let value = arguments.timeout.evaluate(runtime)?;
        let timeout = match &value {
            Some(value) => timeout_of(value),
            None if ["none", "None"]
                .iter()
                .any(|none| arguments.timeout.is_word(none)) =>
            {
                Ok(Timeout::Never)
            }
            None => Err("undefined"),
        };
        timeout.map_err(|what| arguments.no_timeout.clone().context("timeout", what))
    }
}

fn text_of(argument: &Argument, runtime: &dyn Runtime) -> Result<String> {
    let value = argument.evaluate(runtime)?;
    Ok(value.map_or_else(String::new, |value| value.to_kstr().into_string()))
}

fn timeout_of(value: &dyn ValueView) -> Result<Timeout, &'static str> {
    let Some(scalar) = value.as_scalar() else {
        let other = if value.is_array() {
            "a list"
        } else {
            "no number"
        };
        let given = if value.is_nil() {
            Given::None
        } else {
            Given::Other(other)
        };
        return given.timeout();
    };
    let text = scalar.to_kstr();
    let given = match scalar.type_name() {
        "string" => Given::Text(&text),
        "boolean" => Given::Other("a boolean"),
        "date" | "date time" => Given::Other("a date"),
        _ => match (scalar.to_integer(), scalar.to_float()) {
            (Some(seconds), _) => Given::Integer(seconds),
            (None, Some(seconds)) => Given::Float(seconds),
            (None, None) => Given::Other("no number"),
        },
    };
    given.timeout()
}
