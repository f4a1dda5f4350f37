//! How many bytes pixels have that are not compressed.

use super::directory::{Directory, TiffReader};
use super::tags;
use std::io;

/// Most samples of a pixel whose width is looked at.
const MAX_SAMPLES: u64 = 64;

/// Strips and tiles of a page that is not compressed. Decoders read as much as the picture's size explains, whatever the lengths say.
pub(super) struct PixelLayout {
    row_bytes: u64,
    height: u64,
    rows_per_strip: u64,
    tile_bytes: u64,
}

impl PixelLayout {
    /// `None` for a page that is compressed, or whose colours have fewer samples than its brightness.
    pub(super) fn read(reader: &mut TiffReader<'_>, page: &Directory) -> io::Result<Option<PixelLayout>> {
        let mut number = |tag: u16, default: u64| -> io::Result<u64> {
            let Some(entry) = page.entry(tag) else { return Ok(default) };
            Ok(reader.read_values(entry, 0, MAX_SAMPLES)?.into_iter().max().unwrap_or(default))
        };
        if number(tags::COMPRESSION, 1)? != 1 || number(tags::PHOTOMETRIC, 0)? == tags::YCBCR {
            return Ok(None);
        }
        let samples = if number(tags::PLANES, 1)? == 2 { 1 } else { number(tags::SAMPLES, 1)? };
        let bits = number(tags::BITS, 1)?.saturating_mul(samples);
        let row_bytes = |width: u64| width.saturating_mul(bits).div_ceil(8);
        let height = number(tags::HEIGHT, 0)?;
        Ok(Some(PixelLayout {
            row_bytes: row_bytes(number(tags::WIDTH, 0)?),
            height,
            rows_per_strip: number(tags::ROWS_PER_STRIP, u64::MAX)?.clamp(1, height.max(1)),
            tile_bytes: row_bytes(number(tags::TILE_WIDTH, 0)?).saturating_mul(number(tags::TILE_HEIGHT, 0)?),
        }))
    }

    /// How many bytes the strip or tile of that number has. `tag`: the one with the places.
    pub(super) fn bytes_of(&self, tag: u16, number: u64) -> u64 {
        match tag {
            tags::STRIPS => {
                // Planes begin anew.
                let strips = self.height.div_ceil(self.rows_per_strip).max(1);
                let above = (number % strips).saturating_mul(self.rows_per_strip);
                let rows = self.height.saturating_sub(above).min(self.rows_per_strip);
                self.row_bytes.saturating_mul(rows)
            }
            tags::TILES => self.tile_bytes,
            _ => 0,
        }
    }
}
