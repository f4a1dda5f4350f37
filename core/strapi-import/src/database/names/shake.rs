//! SHAKE256, of which Strapi's shortened names have the first digits (FIPS 202).

const ROUND_CONSTANTS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];
const ROTATIONS: [u32; 24] =
    [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
const LANES: [usize; 24] = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];
/// Bytes that are absorbed between two permutations.
const RATE_BYTES: usize = 136;

/// The first eight bytes of the hash, in hexadecimal.
pub(super) fn hash_hex(bytes: &[u8]) -> String {
    let mut padded = bytes.to_vec();
    padded.push(0x1f);
    padded.resize(padded.len().next_multiple_of(RATE_BYTES), 0);
    if let Some(last) = padded.last_mut() {
        *last |= 0x80;
    }
    let mut state = [0_u64; 25];
    for block in padded.chunks_exact(RATE_BYTES) {
        for (lane, word) in state.iter_mut().zip(block.chunks_exact(8)) {
            *lane ^= word.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
        }
        permute(&mut state);
    }
    format!("{:016x}", state[0].swap_bytes())
}

fn permute(state: &mut [u64; 25]) {
    for constant in ROUND_CONSTANTS {
        let mut parity = [0; 5];
        for (x, column) in parity.iter_mut().enumerate() {
            *column = (0..5).fold(0, |sum, y| sum ^ state[x + 5 * y]);
        }
        for x in 0..5 {
            let mixed = parity[(x + 4) % 5] ^ parity[(x + 1) % 5].rotate_left(1);
            (0..5).for_each(|y| state[x + 5 * y] ^= mixed);
        }
        let mut moving = state[1];
        for (lane, rotation) in LANES.into_iter().zip(ROTATIONS) {
            moving = std::mem::replace(&mut state[lane], moving.rotate_left(rotation));
        }
        for row in state.chunks_exact_mut(5) {
            let before = [row[0], row[1], row[2], row[3], row[4]];
            for x in 0..5 {
                row[x] = before[x] ^ !before[(x + 1) % 5] & before[(x + 2) % 5];
            }
        }
        state[0] ^= constant;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_shake256() {
        assert_eq!(hash_hex(b""), "46b9dd2b0ba88d13");
        assert_eq!(hash_hex(b"123456789"), "24347b9c4b6da2fc");
        assert!(hash_hex(&[b'a'; 300]) != hash_hex(&[b'a'; 301]));
    }
}
