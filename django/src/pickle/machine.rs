use std::cell::Cell;

use super::{
    error::Error,
    graph::{Graph, Id, Node, Object},
    opcode::*,
    text,
};
use crate::BigInt;

/// More objects are not made: each takes 40 bytes or more, whatever it took in the pickle.
const MOST_NODES: usize = 8 << 20;

/// What all objects of a pickle may take when they are read, those that are shared as often as they are seen: so many
/// bytes, and so often the bytes of the pickle.
const MOST_BYTES: (u64, u64) = (32 << 20, 16);

/// Runs a pickle up to its STOP; also says how many bytes that is.
pub(super) fn run(bytes: &[u8]) -> Result<(Graph<'_>, usize), Error> {
    let mut machine = Machine {
        input: bytes,
        nodes: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
    };
    while !machine.step()? {}
    let root = machine.pop()?;
    let used = bytes.len() - machine.input.len();
    let graph = Graph {
        nodes: machine.nodes,
        root,
        budget: Cell::new(MOST_BYTES.0 + MOST_BYTES.1 * used as u64),
    };
    Ok((graph, used))
}

struct Machine<'a> {
    /// What is still to be run.
    input: &'a [u8],
    nodes: Vec<Node<'a>>,
    stack: Vec<Id>,
    /// How high the stack was at each mark.
    marks: Vec<usize>,
    memo: Vec<Option<Id>>,
}

impl<'a> Machine<'a> {
    /// Carries out one instruction; true for the last one.
    fn step(&mut self) -> Result<bool, Error> {
        match self.byte()? {
            STOP => return Ok(true),
            PROTO => match self.byte()? {
                0..=5 => {}
                _ => return Err(Error::malformed("it has a protocol newer than 5")),
            },
            FRAME => drop(self.array::<8>()?),
            MARK => self.marks.push(self.stack.len()),
            POP => match self.marks.last() {
                Some(mark) if *mark == self.stack.len() => drop(self.marks.pop()),
                _ => drop(self.pop()?),
            },
            POP_MARK => drop(self.marked()?),
            DUP => {
                let top = self.top()?;
                self.stack.push(top);
            }
            opcode @ (NONE | NEWTRUE | NEWFALSE | INT | BININT | BININT1 | BININT2 | LONG
            | LONG1 | LONG4 | FLOAT | BINFLOAT) => self.number(opcode)?,
            opcode @ (STRING | BINSTRING | SHORT_BINSTRING | UNICODE | BINUNICODE
            | SHORT_BINUNICODE | BINUNICODE8 | BINBYTES | SHORT_BINBYTES | BINBYTES8
            | BYTEARRAY8) => self.string(opcode)?,
            opcode @ (EMPTY_LIST | EMPTY_DICT | EMPTY_SET | EMPTY_TUPLE | TUPLE1 | TUPLE2
            | TUPLE3 | TUPLE | LIST | FROZENSET | DICT) => self.collection(opcode)?,
            opcode @ (APPEND | APPENDS | ADDITEMS | SETITEM | SETITEMS) => self.fill(opcode)?,
            opcode @ (GET | BINGET | LONG_BINGET | PUT | BINPUT | LONG_BINPUT | MEMOIZE) => {
                self.remember(opcode)?;
            }
            opcode @ (GLOBAL | STACK_GLOBAL | REDUCE | NEWOBJ | NEWOBJ_EX | OBJ | INST | BUILD) => {
                self.object(opcode)?;
            }
            other => {
                let message =
                    format!("it has the instruction {other:#04x}, which is not for plain data");
                return Err(Error::malformed(message));
            }
        }
        Ok(false)
    }

    fn number(&mut self, opcode: u8) -> Result<(), Error> {
        let node = match opcode {
            NONE => Node::None,
            NEWTRUE => Node::Bool(true),
            NEWFALSE => Node::Bool(false),
            BININT => Node::Int(i32::from_le_bytes(self.array()?).into()),
            BININT1 => Node::Int(self.byte()?.into()),
            BININT2 => Node::Int(u16::from_le_bytes(self.array()?).into()),
            BINFLOAT => Node::Float(f64::from_be_bytes(self.array()?)),
            FLOAT => Node::Float(text::float(self.line()?)?),
            LONG1 | LONG4 => {
                let count = match opcode {
                    LONG1 => usize::from(self.byte()?),
                    _ => self.length::<4>()?,
                };
                let bytes = self.take(count)?;
                if count > BigInt::MOST_BYTES {
                    return Err(Error::malformed("it has an integer of more than 16 KiB"));
                }
                integer(bytes)
            }
            _ => match (opcode, self.line()?) {
                (INT, b"00") => Node::Bool(false),
                (INT, b"01") => Node::Bool(true),
                (_, line) => {
                    let number = text::integer(line)?;
                    i64::try_from(&number).map_or_else(|_| Node::Big(number.into()), Node::Int)
                }
            },
        };
        self.push(node)
    }

    fn string(&mut self, opcode: u8) -> Result<(), Error> {
        match opcode {
            STRING => {
                let text = text::quoted(self.line()?)?;
                return self.push(Node::Text(text.into()));
            }
            UNICODE => {
                let text = text::escaped(self.line()?)?;
                return self.push(Node::Text(text));
            }
            _ => {}
        }
        let count = match opcode {
            SHORT_BINSTRING | SHORT_BINUNICODE | SHORT_BINBYTES => usize::from(self.byte()?),
            BINUNICODE8 | BINBYTES8 | BYTEARRAY8 => self.length::<8>()?,
            _ => self.length::<4>()?,
        };
        let bytes = self.take(count)?;
        let node = match opcode {
            BINBYTES | SHORT_BINBYTES | BINBYTES8 => Node::Bytes(bytes),
            BYTEARRAY8 => Node::ByteArray(bytes),
            BINSTRING | SHORT_BINSTRING => Node::Text(text::ascii(bytes)?.into()),
            _ => {
                let text = std::str::from_utf8(bytes)
                    .map_err(|_error| Error::malformed("a text in it is not UTF-8"))?;
                Node::Text(text.into())
            }
        };
        self.push(node)
    }

    fn collection(&mut self, opcode: u8) -> Result<(), Error> {
        let node = match opcode {
            EMPTY_LIST => Node::List(Vec::new()),
            EMPTY_DICT => Node::Dict(Vec::new()),
            EMPTY_SET => Node::Set(Vec::new()),
            EMPTY_TUPLE => Node::Tuple(Vec::new()),
            TUPLE1 => Node::Tuple(self.last(1)?),
            TUPLE2 => Node::Tuple(self.last(2)?),
            TUPLE3 => Node::Tuple(self.last(3)?),
            TUPLE => Node::Tuple(self.marked()?),
            LIST => Node::List(self.marked()?),
            FROZENSET => Node::FrozenSet(self.marked()?),
            _ => Node::Dict(pairs(&self.marked()?)?),
        };
        self.push(node)
    }

    /// Puts what is on the stack into the collection below it.
    fn fill(&mut self, opcode: u8) -> Result<(), Error> {
        let members = match opcode {
            APPEND => self.last(1)?,
            SETITEM => self.last(2)?,
            _ => self.marked()?,
        };
        let target = self.top()?;
        let wrong = || Error::malformed("it fills what cannot be filled");
        match (opcode, &mut self.nodes[target as usize]) {
            (APPEND | APPENDS, Node::List(items)) | (ADDITEMS, Node::Set(items)) => {
                items.extend(members);
            }
            (APPEND | APPENDS | ADDITEMS, Node::Object(object)) => object.items.extend(members),
            (SETITEM | SETITEMS, Node::Dict(entries)) => entries.extend(pairs(&members)?),
            (SETITEM | SETITEMS, Node::Object(object)) => object.entries.extend(pairs(&members)?),
            _ => return Err(wrong()),
        }
        Ok(())
    }

    fn remember(&mut self, opcode: u8) -> Result<(), Error> {
        let index = match opcode {
            GET | PUT => text::index(self.line()?)? as usize,
            BINGET | BINPUT => usize::from(self.byte()?),
            LONG_BINGET | LONG_BINPUT => self.length::<4>()?,
            _ => self.memo.len(),
        };
        if matches!(opcode, GET | BINGET | LONG_BINGET) {
            let known = self.memo.get(index).copied().flatten();
            let known = known.ok_or_else(|| Error::malformed("it refers to what is not there"))?;
            self.stack.push(known);
            return self.bounded(self.stack.len());
        }
        let top = self.top()?;
        // indices are given out in order, from 0 or 1 on
        if index > self.memo.len() + 1 {
            return Err(Error::malformed("an index of the memo is too large"));
        }
        if index >= self.memo.len() {
            self.memo.resize(index + 1, None);
        }
        self.memo[index] = Some(top);
        self.bounded(self.memo.len())
    }

    fn object(&mut self, opcode: u8) -> Result<(), Error> {
        match opcode {
            GLOBAL => return self.global(),
            STACK_GLOBAL => {
                let [module, name] = self.several()?;
                for text in [module, name] {
                    if !matches!(self.node(text), Node::Text(_)) {
                        return Err(Error::malformed("a name in it is no text"));
                    }
                }
                return self.push(Node::Global(module, name));
            }
            BUILD => {
                let [state] = self.several()?;
                let target = self.top()?;
                let Node::Object(object) = &mut self.nodes[target as usize] else {
                    return Err(Error::malformed("it gives a state to what has none"));
                };
                object.state = Some(state);
                return Ok(());
            }
            INST => {
                let args = self.marked()?;
                self.global()?;
                self.push(Node::Tuple(args))?;
            }
            OBJ => {
                let mut args = self.marked()?;
                let first = (!args.is_empty()).then(|| args.remove(0));
                self.stack.push(first.ok_or_else(underflow)?);
                self.push(Node::Tuple(args))?;
            }
            NEWOBJ_EX => {
                let [named] = self.several()?;
                if !matches!(self.node(named), Node::Dict(entries) if entries.is_empty()) {
                    return Err(Error::malformed("it makes an object of named arguments"));
                }
            }
            _ => {}
        }
        let [callee, args] = self.several()?;
        let is_callable = matches!(self.node(callee), Node::Global(..) | Node::Object(_));
        if !is_callable || !matches!(self.node(args), Node::Tuple(_)) {
            return Err(Error::malformed("it calls what cannot be called"));
        }
        self.push(Node::Object(Box::new(Object {
            callee,
            args,
            state: None,
            items: Vec::new(),
            entries: Vec::new(),
        })))
    }

    /// A name of two lines.
    fn global(&mut self) -> Result<(), Error> {
        for _ in 0..2 {
            let name = std::str::from_utf8(self.line()?);
            let name = name.map_err(|_error| Error::malformed("a name in it is not UTF-8"))?;
            self.push(Node::Text(name.into()))?;
        }
        let [module, name] = self.several()?;
        self.push(Node::Global(module, name))
    }

    fn node(&self, id: Id) -> &Node<'a> {
        &self.nodes[id as usize]
    }

    fn push(&mut self, node: Node<'a>) -> Result<(), Error> {
        self.bounded(self.nodes.len())?;
        let id = Id::try_from(self.nodes.len()).expect("at most MOST_NODES");
        self.nodes.push(node);
        self.stack.push(id);
        Ok(())
    }

    fn bounded(&self, count: usize) -> Result<(), Error> {
        if count < MOST_NODES {
            return Ok(());
        }
        let message = format!("it has more than {MOST_NODES} objects");
        Err(Error::malformed(message))
    }

    /// How low the stack may go: to the last mark.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Id, Error> {
        let above = &self.stack[self.floor().min(self.stack.len())..];
        above.last().copied().ok_or_else(underflow)
    }

    fn pop(&mut self) -> Result<Id, Error> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn last(&mut self, count: usize) -> Result<Vec<Id>, Error> {
        let from = self.stack.len().checked_sub(count);
        let from = from.filter(|from| *from >= self.floor());
        from.map(|from| self.stack.split_off(from))
            .ok_or_else(underflow)
    }

    fn several<const N: usize>(&mut self) -> Result<[Id; N], Error> {
        let ids = self.last(N)?;
        Ok(ids.try_into().expect("so many were asked for"))
    }

    /// Everything above the last mark, which is gone then.
    fn marked(&mut self) -> Result<Vec<Id>, Error> {
        let mark = self.marks.pop().ok_or_else(underflow)?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn byte(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (array, rest) = self.input.split_first_chunk().ok_or_else(cut)?;
        self.input = rest;
        Ok(*array)
    }

    /// A length in so many bytes, little endian.
    fn length<const N: usize>(&mut self) -> Result<usize, Error> {
        let mut bytes = [0; 8];
        bytes[..N].copy_from_slice(&self.array::<N>()?);
        usize::try_from(u64::from_le_bytes(bytes)).map_err(|_error| cut())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.input.split_at_checked(count).ok_or_else(cut)?;
        self.input = rest;
        Ok(taken)
    }

    /// What stands before the next line feed, which is taken too.
    fn line(&mut self) -> Result<&'a [u8], Error> {
        let end = self.input.iter().position(|byte| *byte == b'\n');
        let line = self.take(end.ok_or_else(cut)?)?;
        self.take(1)?;
        Ok(line)
    }
}

fn integer<'a>(bytes: &[u8]) -> Node<'a> {
    let number = BigInt::from_le_bytes(bytes);
    i64::try_from(&number).map_or_else(|_| Node::Big(number.into()), Node::Int)
}

fn pairs(members: &[Id]) -> Result<Vec<(Id, Id)>, Error> {
    let (pairs, rest) = members.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Error::malformed("a dict in it has a key without a value"));
    }
    Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
}

fn cut() -> Error {
    Error::malformed("it is cut off")
}

fn underflow() -> Error {
    Error::malformed("it takes more from its stack than there is")
}
