//! What is large and written for every order is packed before it reaches the writer's thread: LZ4 takes 8 µs for an event and
//! an attempt of 10 kB together, and leaves a third of the pages that a commit and a checkpoint write. Rows of before stand as
//! they came.

use super::read::unreadable;
use rusqlite::Row;

/// What one byte of LZ4 makes at most: a length that is damaged must not ask for all the memory.
const MOST: usize = 255;

/// Packs it.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    lz4_flex::block::compress_prepend_size(bytes)
}

/// What stands in one of two columns: as it came, or packed. Nothing where neither has any. Damage is an error.
pub(super) fn whole(row: &Row<'_>, plain: usize, packed: usize) -> rusqlite::Result<Option<Vec<u8>>> {
    match row.get_ref(packed)?.as_blob_or_null()? {
        Some(packed) => unpack(packed).map(Some),
        None => Ok(row.get_ref(plain)?.as_bytes_or_null()?.map(<[u8]>::to_vec)),
    }
}

fn unpack(packed: &[u8]) -> rusqlite::Result<Vec<u8>> {
    let damaged = || unreadable("it cannot be unpacked");
    let (length, block) = lz4_flex::block::uncompressed_size(packed).map_err(|_| damaged())?;
    if length > block.len().saturating_mul(MOST) {
        return Err(unreadable("its length is damaged"));
    }
    lz4_flex::block::decompress(block, length).map_err(|_| damaged())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
            prop_assert_eq!(unpack(&pack(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn damage_is_an_error_or_other_bytes_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(unpack(&bytes));
        }
    }

    #[test]
    fn the_longest_run_fits_and_a_length_that_cannot_be_does_not() {
        let long = vec![b'0'; 16 << 20];
        assert_eq!(unpack(&pack(&long)).unwrap(), long);
        let mut damaged = pack(b"ten bytes.");
        damaged[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        // Refused before there is room made for four gigabytes, and not because they were not filled.
        let error = unpack(&damaged).unwrap_err().to_string();
        assert!(error.contains("its length is damaged"), "{error}");
    }
}
