use super::opcode::*;
use crate::{BigInt, Date, DateTime, Time, TimeDelta, Uuid, Zone};

/// A frame is closed when it has so many bytes; a text or bytes of this size stand outside of frames.
const FRAME_TARGET: usize = 64 << 10;
/// A frame of fewer bytes is none.
const FRAME_LEAST: usize = 4;
const FRAME_HEADER: usize = 9;

/// A pickle that is being written, in frames as CPython makes them.
#[derive(Debug)]
pub(super) struct Output {
    bytes: Vec<u8>,
    /// Where the open frame begins.
    frame: Option<usize>,
    /// How deep what is being written is nested.
    pub(super) depth: u32,
}

impl Output {
    pub(super) fn new() -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend([PROTO, 5]);
        Self {
            bytes,
            frame: None,
            depth: 0,
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.put(&[STOP]);
        self.close_frame();
        self.bytes
    }

    /// Closes a frame that is large enough, before the next object.
    pub(super) fn boundary(&mut self) {
        let is_large = |start| self.bytes.len() - start >= FRAME_TARGET + FRAME_HEADER;
        if self.frame.is_some_and(is_large) {
            self.close_frame();
        }
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        if self.frame.is_none() {
            self.frame = Some(self.bytes.len());
            self.bytes.extend([0; FRAME_HEADER]);
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn close_frame(&mut self) {
        let Some(start) = self.frame.take() else {
            return;
        };
        let content = start + FRAME_HEADER;
        let length = self.bytes.len() - content;
        if length < FRAME_LEAST {
            self.bytes.drain(start..content);
            return;
        }
        self.bytes[start] = FRAME;
        self.bytes[start + 1..content].copy_from_slice(&(length as u64).to_le_bytes());
    }

    /// Opens a group of members; says where.
    pub(super) fn mark(&mut self) -> Mark {
        self.put(&[MARK]);
        Mark {
            at: self.bytes.len() - 1,
            frame: self.frame,
        }
    }

    /// Takes a mark back, unless its frame is closed; says whether.
    pub(super) fn unmark(&mut self, mark: Mark) -> bool {
        let is_open = self.frame == mark.frame;
        if is_open {
            self.bytes.remove(mark.at);
        }
        is_open
    }

    /// An opcode with its length and content, remembered as CPython does.
    fn sized(&mut self, header: &[u8], content: &[u8]) {
        if content.len() < FRAME_TARGET {
            self.put(header);
            self.put(content);
        } else {
            self.close_frame();
            self.bytes.extend_from_slice(header);
            self.bytes.extend_from_slice(content);
        }
        self.put(&[MEMOIZE]);
    }

    pub(super) fn text(&mut self, text: &str) {
        let opcodes = [SHORT_BINUNICODE, BINUNICODE, BINUNICODE8];
        self.sized(&header(opcodes, text.len()), text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let opcodes = [SHORT_BINBYTES, BINBYTES, BINBYTES8];
        self.sized(&header(opcodes, bytes.len()), bytes);
    }

    pub(super) fn bytearray(&mut self, bytes: &[u8]) {
        let opcodes = [BYTEARRAY8; 3];
        self.sized(&long_header(opcodes[0], bytes.len()), bytes);
    }

    pub(super) fn int(&mut self, number: i64) {
        match (
            u8::try_from(number),
            u16::try_from(number),
            i32::try_from(number),
        ) {
            (Ok(number), _, _) => self.put(&[BININT1, number]),
            (_, Ok(number), _) => {
                self.put(&[BININT2]);
                self.put(&number.to_le_bytes());
            }
            (_, _, Ok(number)) => {
                self.put(&[BININT]);
                self.put(&number.to_le_bytes());
            }
            _ => self.big(&BigInt::from(number)),
        }
    }

    pub(super) fn big(&mut self, number: &BigInt) {
        let bytes = number.to_le_bytes();
        match u8::try_from(bytes.len()) {
            Ok(length) => self.put(&[LONG1, length]),
            Err(_) => {
                self.put(&[LONG4]);
                self.put(&(bytes.len() as u32).to_le_bytes());
            }
        }
        self.put(&bytes);
    }

    pub(super) fn float(&mut self, number: f64) {
        self.put(&[BINFLOAT]);
        self.put(&number.to_be_bytes());
    }

    /// A class by its module and name.
    pub(super) fn class(&mut self, module: &str, name: &str) {
        self.text(module);
        self.text(name);
        self.put(&[STACK_GLOBAL, MEMOIZE]);
    }

    /// Calls the class that was written, with so many arguments, 1 to 3, that were written after it.
    pub(super) fn call(&mut self, arguments: u8) {
        self.put(&[TUPLE1 + arguments - 1, MEMOIZE, REDUCE, MEMOIZE]);
    }

    pub(super) fn safe_string(&mut self, text: &str) {
        self.class("django.utils.safestring", "SafeString");
        self.text(text);
        self.put(&[TUPLE1, MEMOIZE, NEWOBJ, MEMOIZE]);
    }

    pub(super) fn decimal(&mut self, text: &str) {
        self.class("decimal", "Decimal");
        self.text(text);
        self.call(1);
    }

    pub(super) fn uuid(&mut self, uuid: Uuid) {
        self.class("uuid", "UUID");
        self.put(&[EMPTY_TUPLE, NEWOBJ, MEMOIZE, EMPTY_DICT, MEMOIZE]);
        self.text("int");
        let mut number = uuid.as_bytes().to_vec();
        number.reverse();
        number.push(0);
        let number = BigInt::from_le_bytes(&number);
        match i64::try_from(&number) {
            Ok(number) => self.int(number),
            Err(_) => self.big(&number),
        }
        self.put(&[SETITEM, BUILD]);
    }

    pub(super) fn date(&mut self, date: Date) {
        self.class("datetime", "date");
        self.bytes(&packed_date(date));
        self.call(1);
    }

    pub(super) fn time(&mut self, time: &Time) {
        self.class("datetime", "time");
        let mut packed = packed_time(time);
        packed[0] |= fold(time);
        self.bytes(&packed);
        self.in_zone(time.zone());
    }

    pub(super) fn date_time(&mut self, date_time: &DateTime) {
        self.class("datetime", "datetime");
        let (date, time) = (packed_date(date_time.date()), packed_time(date_time.time()));
        let mut packed = [&date[..], &time[..]].concat();
        packed[2] |= fold(date_time.time());
        self.bytes(&packed);
        self.in_zone(date_time.zone());
    }

    fn in_zone(&mut self, zone: Option<&Zone>) {
        let Some(zone) = zone else {
            return self.call(1);
        };
        if let Some(name) = zone.as_name() {
            self.class("zoneinfo", "ZoneInfo");
            self.text(name);
            self.call(1);
        }
        if let Some(offset) = zone.as_offset() {
            const SECOND: i64 = 1_000_000;
            const DAY: i64 = 86_400 * SECOND;
            self.class("datetime", "timezone");
            let (days, rest) = (offset.div_euclid(DAY), offset.rem_euclid(DAY));
            self.delta([days, rest / SECOND, rest % SECOND]);
            self.call(1);
        }
        self.call(2);
    }

    pub(super) fn time_delta(&mut self, delta: TimeDelta) {
        let (days, seconds) = (i64::from(delta.days()), i64::from(delta.seconds()));
        self.delta([days, seconds, delta.microseconds().into()]);
    }

    fn delta(&mut self, numbers: [i64; 3]) {
        self.class("datetime", "timedelta");
        for number in numbers {
            self.int(number);
        }
        self.call(3);
    }
}

/// Where a group of members begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    at: usize,
    frame: Option<usize>,
}

/// An opcode and a length: one for a length of one byte, of four, and of eight.
fn header(opcodes: [u8; 3], length: usize) -> Vec<u8> {
    let [short, medium, long] = opcodes;
    match (u8::try_from(length), u32::try_from(length)) {
        (Ok(length), _) => vec![short, length],
        (_, Ok(length)) => [&[medium], &length.to_le_bytes()[..]].concat(),
        _ => long_header(long, length),
    }
}

fn long_header(opcode: u8, length: usize) -> Vec<u8> {
    [&[opcode], &(length as u64).to_le_bytes()[..]].concat()
}

fn packed_date(date: Date) -> [u8; 4] {
    let [high, low] = date.year().to_be_bytes();
    [high, low, date.month(), date.day()]
}

fn packed_time(time: &Time) -> [u8; 6] {
    let [_, high, middle, low] = time.microsecond().to_be_bytes();
    [time.hour(), time.minute(), time.second(), high, middle, low]
}

/// Python's fold, as the high bit of a byte.
fn fold(time: &Time) -> u8 {
    u8::from(time.is_second) << 7
}
