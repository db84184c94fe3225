use std::{borrow::Cow, cell::Cell};

use crate::BigInt;

/// The place of an object in a [`Graph`].
pub(super) type Id = u32;

/// The objects that a pickle makes, which may refer to each other in any way.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) root: Id,
    /// What may still be read, in bytes.
    pub(super) budget: Cell<u64>,
}

#[derive(Debug)]
pub(super) enum Node<'a> {
    None,
    Bool(bool),
    Int(i64),
    Big(Box<BigInt>),
    Float(f64),
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
    ByteArray(&'a [u8]),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Set(Vec<Id>),
    FrozenSet(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A class or a function, by module and name.
    Global(Id, Id),
    Object(Box<Object>),
}

/// What Python would make by a call.
#[derive(Debug)]
pub(super) struct Object {
    /// What is called: a global, or an object that stands for one.
    pub(super) callee: Id,
    /// A tuple.
    pub(super) args: Id,
    pub(super) state: Option<Id>,
    pub(super) items: Vec<Id>,
    pub(super) entries: Vec<(Id, Id)>,
}

impl<'a> Graph<'a> {
    pub(super) fn node(&self, id: Id) -> &Node<'a> {
        &self.nodes[id as usize]
    }

    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match self.node(id) {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn tuple(&self, id: Id) -> Option<&[Id]> {
        match self.node(id) {
            Node::Tuple(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn int<T: TryFrom<i64>>(&self, id: Id) -> Option<T> {
        match self.node(id) {
            Node::Int(number) => T::try_from(*number).ok(),
            _ => None,
        }
    }
}
