use super::Value;

/// An object of a class that is not known here: what a pickle says of it, with nothing executed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Opaque {
    /// Its class with the module before it, such as `shop.models.Product`.
    pub class: String,
    /// What Python would make it from.
    pub args: Vec<Value>,
    /// What Python would put into it: for most objects a `dict` of its attributes.
    pub state: Option<Value>,
    /// What Python would append to it.
    pub items: Vec<Value>,
    /// What Python would set in it, key by key.
    pub entries: Vec<(Value, Value)>,
}

impl Opaque {
    /// An attribute, where the state is a `dict` of them.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.state.as_ref()?.get(name)
    }
}
