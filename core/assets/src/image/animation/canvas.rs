//! The canvas of an animation: frames are drawn over each other, and disposed of in the way that they say.

use image::RgbaImage;

const PIXEL_BYTES: usize = 4;

/// The rectangle of a frame, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FramePlace {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// How a frame covers what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameBlending {
    /// It is seen through where it is transparent.
    Over,
    /// Its transparency replaces what is there.
    Replace,
}

/// Disposal of a frame before the next one is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameDisposal {
    /// The frame stays on the canvas.
    Keep,
    /// Its rectangle becomes transparent.
    Clear,
    /// The pixels that it covers are restored.
    Restore,
}

/// The picture while its frames are drawn.
pub(super) struct Canvas {
    image: RgbaImage,
    /// Disposal of the last frame.
    disposal: FrameDisposal,
    /// The visible part of the last frame.
    last: FramePlace,
    /// Pixels that the last frame covers, where they are to be restored.
    covered: Vec<u8>,
}

impl Canvas {
    /// A transparent one.
    pub(super) fn new(width: u32, height: u32) -> Canvas {
        Canvas {
            image: RgbaImage::new(width, height),
            disposal: FrameDisposal::Keep,
            last: FramePlace { left: 0, top: 0, width: 0, height: 0 },
            covered: Vec::new(),
        }
    }

    pub(super) fn image(&self) -> &RgbaImage {
        &self.image
    }

    /// Draws a frame of RGBA pixels. What is outside of the picture is not seen.
    pub(super) fn draw_frame(
        &mut self,
        place: FramePlace,
        pixels: &[u8],
        blending: FrameBlending,
        disposal: FrameDisposal,
    ) {
        self.dispose_last();
        let visible = self.clip(place);
        self.covered.clear();
        if disposal == FrameDisposal::Restore {
            for row in 0..visible.height {
                let span = self.row_span(visible, row);
                let bytes: &[u8] = &self.image;
                self.covered.extend_from_slice(&bytes[span]);
            }
        }
        let row_bytes = visible.width as usize * PIXEL_BYTES;
        for (row, source) in (0..visible.height).zip(pixels.chunks_exact((place.width as usize * PIXEL_BYTES).max(1))) {
            let span = self.row_span(visible, row);
            let bytes: &mut [u8] = &mut self.image;
            let (target, source) = (&mut bytes[span], &source[..row_bytes]);
            match blending {
                FrameBlending::Replace => target.copy_from_slice(source),
                FrameBlending::Over => {
                    let (targets, _) = target.as_chunks_mut::<PIXEL_BYTES>();
                    let (sources, _) = source.as_chunks::<PIXEL_BYTES>();
                    targets.iter_mut().zip(sources).for_each(|(under, over)| blend_pixel(under, *over));
                }
            }
        }
        (self.last, self.disposal) = (visible, disposal);
    }

    fn dispose_last(&mut self) {
        match self.disposal {
            FrameDisposal::Keep => {}
            FrameDisposal::Clear => {
                for row in 0..self.last.height {
                    let span = self.row_span(self.last, row);
                    let bytes: &mut [u8] = &mut self.image;
                    bytes[span].fill(0);
                }
            }
            FrameDisposal::Restore => {
                let row_bytes = (self.last.width as usize * PIXEL_BYTES).max(1);
                let covered = std::mem::take(&mut self.covered);
                for (row, source) in (0..self.last.height).zip(covered.chunks_exact(row_bytes)) {
                    let span = self.row_span(self.last, row);
                    let bytes: &mut [u8] = &mut self.image;
                    bytes[span].copy_from_slice(source);
                }
            }
        }
        self.disposal = FrameDisposal::Keep;
    }

    fn clip(&self, place: FramePlace) -> FramePlace {
        let FramePlace { left, top, width, height } = place;
        FramePlace {
            left: left.min(self.image.width()),
            top: top.min(self.image.height()),
            width: width.min(self.image.width().saturating_sub(left)),
            height: height.min(self.image.height().saturating_sub(top)),
        }
    }

    /// The bytes of a row of a rectangle within the picture.
    fn row_span(&self, place: FramePlace, row: u32) -> std::ops::Range<usize> {
        let pixel = (place.top + row) as usize * self.image.width() as usize + place.left as usize;
        let start = pixel * PIXEL_BYTES;
        start..start + place.width as usize * PIXEL_BYTES
    }
}

fn blend_pixel(under: &mut [u8; PIXEL_BYTES], over: [u8; PIXEL_BYTES]) {
    match over[3] {
        0 => {}
        255 => *under = over,
        opacity => {
            let opacity = u32::from(opacity);
            // The share that remains of the pixel below, out of 255 × 255.
            let rest = u32::from(under[3]) * (255 - opacity);
            let total = opacity * 255 + rest;
            for (below, above) in under.iter_mut().zip(over).take(3) {
                *below = ((u32::from(above) * opacity * 255 + u32::from(*below) * rest + total / 2) / total) as u8;
            }
            under[3] = ((total + 127) / 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];

    fn draw(canvas: &mut Canvas, place: (u32, u32, u32, u32), colour: [u8; 4], disposal: FrameDisposal) {
        let (left, top, width, height) = place;
        let place = FramePlace { left, top, width, height };
        canvas.draw_frame(place, &colour.repeat((width * height) as usize), FrameBlending::Over, disposal);
    }

    #[test]
    fn frames_are_disposed_before_the_next_one() {
        for (disposal, expected) in
            [(FrameDisposal::Keep, BLUE), (FrameDisposal::Clear, [0; 4]), (FrameDisposal::Restore, RED)]
        {
            let mut canvas = Canvas::new(4, 4);
            draw(&mut canvas, (0, 0, 4, 4), RED, FrameDisposal::Keep);
            draw(&mut canvas, (1, 1, 2, 2), BLUE, disposal);
            assert_eq!(canvas.image().get_pixel(1, 1).0, BLUE);
            draw(&mut canvas, (3, 3, 1, 1), BLUE, FrameDisposal::Keep);
            assert_eq!(canvas.image().get_pixel(2, 2).0, expected, "{disposal:?}");
            assert_eq!(canvas.image().get_pixel(0, 0).0, RED, "{disposal:?}");
        }
    }

    #[test]
    fn frames_beyond_the_picture_are_cut_off() {
        let mut canvas = Canvas::new(2, 2);
        for place in [(0, 0, 9, 9), (1, 1, 3, 3), (2, 0, 1, 1), (900, 900, 2, 2)] {
            draw(&mut canvas, place, BLUE, FrameDisposal::Restore);
        }
        draw(&mut canvas, (1, 0, 8, 1), RED, FrameDisposal::Keep);
        let pixels: Vec<_> = canvas.image().pixels().map(|pixel| pixel.0).collect();
        assert_eq!(pixels, [[0; 4], RED, [0; 4], [0; 4]]);
    }

    #[test]
    fn translucent_pixels_mix_with_what_is_below() {
        let mut pixel = RED;
        blend_pixel(&mut pixel, [0, 0, 255, 128]);
        assert_eq!(pixel, [127, 0, 128, 255]);
        let mut nothing = [0; 4];
        blend_pixel(&mut nothing, [10, 20, 30, 40]);
        assert_eq!(nothing, [10, 20, 30, 40]);
    }
}
