use bytes::Bytes;

use crate::format::Stored;

/// One thing asked of a server.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    /// Empty where the whole server is meant.
    pub(crate) key: &'a str,
    pub(crate) action: Action,
}

/// What is asked. An `exptime` of 0 is for ever.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// The flags of an entry.
    Look,
    /// Flags and data.
    Get,
    /// Flags, data, what is left of the lifetime, and the number to compare at the next store.
    Inspect,
    Store {
        when: When,
        exptime: u32,
        stored: Stored,
    },
    Touch {
        exptime: u32,
    },
    Delete,
    /// Adds to a number, modulo 2^64.
    Count(u64),
    Flush,
    Version,
    /// Username and password, in the form that the dialect has for them.
    Authenticate(Bytes),
}

/// When something is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// There is no entry.
    Free,
    /// The entry is as it was when it had this number.
    Unchanged(u64),
}

/// What a server answers.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Found(Item),
    Done,
    NotFound,
    NotStored,
    /// The entry was changed meanwhile.
    Changed,
    Number(u64),
    NotANumber,
    TooLarge,
    Version(String),
    /// An error in the server's words.
    Refused(String),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Item {
    pub(crate) flags: u32,
    pub(crate) data: Bytes,
    /// Changes with every write.
    pub(crate) unique: u64,
    pub(crate) lifetime: Lifetime,
}

/// What is left of a lifetime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// It was not asked for, or the dialect has no word for it.
    #[default]
    Unknown,
    Never,
    Seconds(u64),
}
