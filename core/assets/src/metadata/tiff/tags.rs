//! The tags of a TIFF that are retained.

/// Directories inside a page: smaller forms of it, or the parts of a raw file.
pub(super) const SUB_DIRECTORIES: u16 = 330;
/// Offset of the directory with EXIF.
pub(super) const EXIF: u16 = 34_665;
/// Version of a DNG.
pub(super) const DNG_VERSION: u16 = 50_706;
/// Compression of the pixels.
pub(super) const COMPRESSION: u16 = 259;
/// Meaning of the colour values.
pub(super) const PHOTOMETRIC: u16 = 262;

/// Size of the picture, widths of its samples, and how many there are.
pub(super) const WIDTH: u16 = 256;
pub(super) const HEIGHT: u16 = 257;
pub(super) const BITS: u16 = 258;
pub(super) const SAMPLES: u16 = 277;
/// Arrangement of the samples: 2 if each has a plane of its own.
pub(super) const PLANES: u16 = 284;
/// Offsets of the strips, and the number of rows in each.
pub(super) const STRIPS: u16 = 273;
pub(super) const ROWS_PER_STRIP: u16 = 278;
/// Offsets of the tiles, and their size.
pub(super) const TILES: u16 = 324;
pub(super) const TILE_WIDTH: u16 = 322;
pub(super) const TILE_HEIGHT: u16 = 323;

const GPS: u16 = 34_853;

/// Colours as brightness and two differences.
pub(super) const YCBCR: u64 = 6;

/// Tags with offsets of pixels, each with the tag of their lengths: strips, tiles, a JPEG of the old kind.
pub(super) const PIXEL_TAGS: [(u16, u16); 3] = [(STRIPS, 279), (TILES, 325), (513, 514)];

/// Tags that lead to tables of a JPEG of the old kind, with the largest size of a table.
pub(super) const TABLE_TAGS: [(u16, u64); 3] = [(519, 64), (520, 272), (521, 272)];

/// Compressions that only raw files have: Nikon's, Sony's, Pentax's, lossy DNG's.
pub(super) const RAW_COMPRESSIONS: [u64; 4] = [34_713, 32_767, 65_535, 34_892];

/// Colours that only raw files have: as the sensor saw them, one after the other or all at one position.
pub(super) const RAW_PHOTOMETRICS: [u64; 2] = [32_803, 34_892];

/// True if a tag describes where pixels are, how they are compressed, or how they look. All others are removed.
pub(super) fn is_kept(tag: u16) -> bool {
    matches!(
        tag,
        // Kind, size, samples, packing, colours, fill order.
        254..=259 | 262..=266
        // Strips, orientation, samples, range, resolution, planes, place on the page.
        | 273 | 274 | 277..=284 | 286 | 287
        // Grey, fax, page, transfer, prediction, whites and colours, tiles, bad lines of a fax.
        | 290..=293 | 296 | 297 | 301 | 317..=328
        // Directories inside, inks, dots, alpha, kinds and ranges of samples, what is cut out.
        | 330 | 332..=334 | 336 | 338..=346
        // JPEG, of the new kind and the old.
        | 347 | 512..=515 | 517..=521
        // Luminance, rows of each strip, alpha and depth as others write them.
        | 529..=532 | 559 | 32_995..=32_998
        // A colour profile; layers; how LERC packs.
        | 34_675 | 37_724 | 50_674
    )
}

/// True if a tag is retained in a raw file: all but those with author, rights, descriptions, places, names and numbers.
pub(super) fn is_kept_in_raw(tag: u16) -> bool {
    !matches!(
        tag,
        // Name and description of the document, author, computer, XMP, rights, IPTC, Photoshop's, place.
        269 | 270 | 315 | 316 | 700 | 33_432 | 33_723 | 34_377 | GPS
        // In EXIF: comments, the picture's own number, owner, numbers of body and lens.
        | 37_510 | 40_092
            ..=40_095 | 42_016 | 42_032 | 42_033 | 42_037
        // In DNG: number of the body, name of the raw file and that itself.
        | 50_735 | 50_827
    )
}

/// True if a tag leads to a directory.
pub(super) fn leads_to_directory(tag: u16) -> bool {
    // EXIF, GPS, and what works together.
    matches!(tag, EXIF | GPS | 40_965)
}
