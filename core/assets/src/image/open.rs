//! Opens pictures so that what a file contains besides its pixels takes little memory, whatever the file claims: texts that unpack to
//! gigabytes, profiles in a million pieces, tables with more positions than there are bytes. The picture itself is limited by its size.
//!
//! Libraries differ in what they can be told. Where they accept a limit they get one; where they accept none the file is read through
//! first, by a reader that stores nothing ([`survey`]).

use super::errors::library_error;
use super::limits::{MAX_DECODED_BYTES, MAX_PROFILE_BYTES, decoder_limits};
use super::survey;
use image::codecs::tiff::TiffDecoder;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, ImageResult};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};
use std::num::NonZeroU64;
use std::path::Path;

/// Largest memory for what a decoder retains of a file besides pixels, in bytes.
const MAX_METADATA_BYTES: usize = 8 << 20;

/// Largest metadata that are returned, in bytes: the orientation, and the colour profile.
const MAX_CHUNK_BYTES: usize = 1 << 20;

/// Most bytes of comments, profile and XMP that the decoder of a GIF keeps.
const MAX_GIF_METADATA: NonZeroU64 = NonZeroU64::MIN.saturating_add(4 << 20);

/// The purpose of a decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecoderPurpose {
    /// Reading size, orientation and profile.
    Header,
    /// Reading the pixels.
    Pixels,
}

/// A decoder of a picture in a file.
///
/// # Errors
/// What cannot be read, and what would take more memory than its picture justifies.
pub(super) fn open_decoder(
    path: &Path,
    format: ImageFormat,
    purpose: DecoderPurpose,
) -> ImageResult<Box<dyn ImageDecoder>> {
    let file = BufReader::new(File::open(path)?);
    survey::check_memory(path, format)?;
    Ok(match format {
        ImageFormat::Png => Box::new(Png::new(file)?),
        ImageFormat::WebP => Box::new(WebP::new(file)?),
        ImageFormat::Tiff => {
            let mut decoder = TiffDecoder::new(file)?;
            let mut limits = image::Limits::no_limits();
            let pixels = decoder.total_bytes();
            let beside = match purpose {
                DecoderPurpose::Header => MAX_CHUNK_BYTES as u64,
                // Strips that are compressed as JPEGs are read whole, and there may be one only.
                DecoderPurpose::Pixels => pixels.saturating_add(MAX_METADATA_BYTES as u64),
            };
            limits.max_alloc = Some(pixels.saturating_add(beside));
            decoder.set_limits(limits)?;
            Box::new(decoder)
        }
        _ => {
            let mut reader = ImageReader::with_format(file, format);
            reader.limits(decoder_limits());
            Box::new(reader.into_decoder()?)
        }
    })
}

/// Decodes the picture.
///
/// # Errors
/// What cannot be read.
pub(super) fn decode_pixels(decoder: impl ImageDecoder) -> ImageResult<DynamicImage> {
    DynamicImage::from_decoder(decoder)
}

/// Reads what precedes the pixels of a PNG. Less than eight bits become eight, palettes become colours: with
/// [`png::Transformations::EXPAND`] at least.
pub(super) fn open_png<R: BufRead + Seek>(file: R, changes: png::Transformations) -> ImageResult<png::Reader<R>> {
    let mut decoder = png::Decoder::new_with_limits(file, png::Limits { bytes: MAX_METADATA_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(changes);
    let header = decoder.read_header_info().map_err(library_error)?;
    // A row on its way is part of the picture: as read, and with its palette resolved.
    let row = header.raw_row_length().saturating_add((header.width as usize).saturating_mul(8));
    let rows = row.min(MAX_DECODED_BYTES as usize);
    decoder.set_limits(png::Limits { bytes: MAX_METADATA_BYTES + rows });
    decoder.read_info().map_err(library_error)
}

/// How a GIF is read frame by frame, whose pixels are not the decoder's to keep.
pub(super) fn gif_options() -> gif::DecodeOptions {
    let mut options = gif::DecodeOptions::new();
    options.set_memory_limit(gif::MemoryLimit::Bytes(MAX_GIF_METADATA));
    options
}

/// A decoder of PNG. That of `image` retains texts, and leaves profiles as long as they unpack to.
pub(super) struct Png<R: BufRead + Seek> {
    reader: png::Reader<R>,
    color_type: ColorType,
}

impl<R: BufRead + Seek> Png<R> {
    /// Reads what precedes the pixels.
    pub(super) fn new(file: R) -> ImageResult<Self> {
        let reader = open_png(file, png::Transformations::EXPAND)?;
        let color_type = match reader.output_color_type() {
            (png::ColorType::Grayscale, png::BitDepth::Eight) => ColorType::L8,
            (png::ColorType::Grayscale, png::BitDepth::Sixteen) => ColorType::L16,
            (png::ColorType::GrayscaleAlpha, png::BitDepth::Eight) => ColorType::La8,
            (png::ColorType::GrayscaleAlpha, png::BitDepth::Sixteen) => ColorType::La16,
            (png::ColorType::Rgb, png::BitDepth::Eight) => ColorType::Rgb8,
            (png::ColorType::Rgb, png::BitDepth::Sixteen) => ColorType::Rgb16,
            (png::ColorType::Rgba, png::BitDepth::Eight) => ColorType::Rgba8,
            (png::ColorType::Rgba, png::BitDepth::Sixteen) => ColorType::Rgba16,
            (color, depth) => return Err(library_error(format!("a PNG of {color:?} in {depth:?}"))),
        };
        Ok(Self { reader, color_type })
    }

    /// True if there are frames after the first.
    pub(super) fn is_animated(&self) -> bool {
        self.reader.info().animation_control.is_some_and(|animation| animation.num_frames > 1)
    }
}

impl<R: BufRead + Seek> ImageDecoder for Png<R> {
    fn dimensions(&self) -> (u32, u32) {
        self.reader.info().size()
    }

    fn color_type(&self) -> ColorType {
        self.color_type
    }

    fn icc_profile(&mut self) -> ImageResult<Option<Vec<u8>>> {
        let profile = self.reader.info().icc_profile.as_ref();
        Ok(profile.filter(|profile| profile.len() <= MAX_PROFILE_BYTES).map(|profile| profile.to_vec()))
    }

    fn exif_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        let exif = self.reader.info().exif_metadata.as_ref();
        Ok(exif.filter(|exif| exif.len() <= MAX_CHUNK_BYTES).map(|exif| exif.to_vec()))
    }

    fn read_image(mut self, pixels: &mut [u8]) -> ImageResult<()> {
        self.reader.next_frame(pixels).map_err(library_error)?;
        if matches!(self.color_type, ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16) {
            for sample in pixels.as_chunks_mut::<2>().0 {
                *sample = u16::from_be_bytes(*sample).to_ne_bytes();
            }
        }
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, pixels: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(pixels)
    }
}

/// A decoder of WebP. That of `image` accepts no limit on metadata.
pub(super) struct WebP<R: BufRead + Seek>(image_webp::WebPDecoder<R>);

impl<R: BufRead + Seek> WebP<R> {
    /// Reads what precedes the pixels.
    pub(super) fn new(file: R) -> ImageResult<Self> {
        let mut decoder = image_webp::WebPDecoder::new(file).map_err(library_error)?;
        decoder.set_memory_limit(MAX_CHUNK_BYTES);
        Ok(Self(decoder))
    }

    /// True if there are frames after the first.
    pub(super) fn is_animated(&self) -> bool {
        self.0.is_animated()
    }
}

impl<R: BufRead + Seek> ImageDecoder for WebP<R> {
    fn dimensions(&self) -> (u32, u32) {
        self.0.dimensions()
    }

    fn color_type(&self) -> ColorType {
        if self.0.has_alpha() { ColorType::Rgba8 } else { ColorType::Rgb8 }
    }

    fn icc_profile(&mut self) -> ImageResult<Option<Vec<u8>>> {
        self.0.icc_profile().map_err(library_error)
    }

    fn exif_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        self.0.exif_metadata().map_err(library_error)
    }

    fn read_image(mut self, pixels: &mut [u8]) -> ImageResult<()> {
        self.0.read_image(pixels).map_err(library_error)
    }

    fn read_image_boxed(self: Box<Self>, pixels: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(pixels)
    }
}

/// The error for what would take more memory than its picture justifies.
pub(super) fn excessive_memory_error(subject: &str) -> ImageError {
    library_error(format!("{subject}: the file contains too much data besides its pixels"))
}
