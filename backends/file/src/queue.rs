use std::io;

use crate::{digest::Digest, disk, fault::failed, layout::Layout, step::step};

/// One insertion, in the order of insertions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) digest: Digest,
    /// The id that the entry was given; 0 stands for whatever is there.
    pub(crate) id: u64,
}

impl Record {
    const LEN: usize = 24;

    fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..16].copy_from_slice(&self.digest.to_bytes());
        bytes[16..].copy_from_slice(&self.id.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (digest, id) = bytes.split_first_chunk()?;
        Some(Self {
            digest: Digest::from_bytes(*digest),
            id: u64::from_le_bytes(id.try_into().ok()?),
        })
    }
}

/// So many records share a file.
const SEGMENT: u64 = 1 << 16;

/// Writes records from a position on.
pub(crate) fn write(layout: &Layout, mut position: u64, mut records: &[Record]) -> io::Result<()> {
    while !records.is_empty() {
        let room = (SEGMENT - position % SEGMENT) as usize;
        let (now, later) = records.split_at(room.min(records.len()));
        let bytes: Vec<u8> = now.iter().flat_map(|record| record.to_bytes()).collect();
        let path = layout.segment(position / SEGMENT);
        let open = || disk::open(disk::private().create(true).truncate(false), &path);
        let (file, _) = disk::with_dir(&layout.queue, open)?;
        let written = disk::write_at(&file, &bytes, position % SEGMENT * Record::LEN as u64);
        written.map_err(failed("could not be written", &path))?;
        position += now.len() as u64;
        records = later;
    }
    step("records written");
    Ok(())
}

/// Reads records from a position on, at most to `until` and not past the end of the file they are in. What is missing
/// reads as records of nothing.
pub(crate) fn read(layout: &Layout, position: u64, until: u64) -> io::Result<Vec<Record>> {
    let end = until.min((position / SEGMENT + 1) * SEGMENT);
    let mut bytes = vec![0; (end - position) as usize * Record::LEN];
    let path = layout.segment(position / SEGMENT);
    if let Some((file, _)) = disk::found(disk::open(&disk::reading(), &path))? {
        let read = disk::read_at(&file, &mut bytes, position % SEGMENT * Record::LEN as u64);
        read.map_err(failed("could not be read", &path))?;
    }
    let records = bytes.chunks_exact(Record::LEN);
    Ok(records.filter_map(Record::from_bytes).collect())
}

/// Removes the files that have only records before `head`, if `from` was the head; and the one before them, which a
/// killed process may have left.
pub(crate) fn consume(layout: &Layout, from: u64, head: u64) -> io::Result<()> {
    let (from, head) = (from / SEGMENT, head / SEGMENT);
    if from == head {
        return Ok(());
    }
    for number in from.saturating_sub(1)..head {
        disk::remove(&layout.segment(number))?;
        step("segment removed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn records_that_span_files_are_read_in_order_and_consumed_file_by_file() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path());
        let records: Vec<_> = (1..=100)
            .map(|id| Record {
                digest: Digest::of("k"),
                id,
            })
            .collect();
        let start = SEGMENT - 40;
        write(&layout, start, &records).unwrap();

        let first = read(&layout, start, start + 100).unwrap();
        let second = read(&layout, SEGMENT, start + 100).unwrap();
        assert_eq!((first.len(), second.len()), (40, 60));
        assert_eq!([first, second].concat(), records);

        consume(&layout, start, SEGMENT - 1).unwrap();
        assert!(Path::new(&layout.segment(0)).exists());
        consume(&layout, start, SEGMENT).unwrap();
        assert!(!Path::new(&layout.segment(0)).exists());
        assert!(Path::new(&layout.segment(1)).exists());
    }

    #[test]
    fn missing_records_are_records_of_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let nothing = Record {
            digest: Digest::from_bytes([0; 16]),
            id: 0,
        };
        assert_eq!(read(&Layout::new(dir.path()), 7, 9).unwrap(), [nothing; 2]);
    }
}
