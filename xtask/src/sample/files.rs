//! The sample's files, made when they are needed: pictures as colour gradients, documents as one-page PDFs.

use anyhow::Result;
use std::fmt::Write;

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 800;

/// A PNG whose colours follow from its name. Returns an error if the encoder fails.
pub(super) fn make_image(name: &str) -> Result<Vec<u8>> {
    let [from, to] = name_palette(name);
    let mut pixels = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            // Along the diagonal from one colour to the other, darker below a horizon.
            let along = f64::from(x) / f64::from(WIDTH) * 0.6 + f64::from(y) / f64::from(HEIGHT) * 0.4;
            let light = if y > HEIGHT * 2 / 3 { 0.72 } else { 1.0 };
            pixels.extend(
                from.iter()
                    .zip(to)
                    .map(|(&a, b)| ((f64::from(a) * (1.0 - along) + f64::from(b) * along) * light) as u8),
            );
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

/// The two ends of a picture's gradient; names that say a colour get it.
fn name_palette(name: &str) -> [[u8; 3]; 2] {
    match name {
        "heron-blue" => [[38, 84, 148], [168, 202, 235]],
        "fox-orange" => [[196, 78, 16], [250, 190, 110]],
        "aurora-green" => [[12, 92, 74], [150, 226, 190]],
        "demo-silver" => [[112, 118, 124], [226, 230, 233]],
        _ => {
            let seed = name.bytes().fold(17_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
            let [a, b, c, d] = seed.to_le_bytes();
            [[a / 2, b / 2, c / 2], [160 + b / 4, 160 + c / 4, 160 + d / 4]]
        }
    }
}

/// A PDF with one line of text; characters outside ASCII become `?`.
pub(super) fn make_pdf(title: &str) -> Vec<u8> {
    let line: String =
        title.chars().map(|c| if c.is_ascii_alphanumeric() || " :-,.'".contains(c) { c } else { '?' }).collect();
    let text = format!(
        "BT /F1 18 Tf 72 760 Td ({line}) Tj 0 -28 Td /F1 11 Tf (Sample document: nothing in it is real.) Tj ET"
    );
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut offsets = String::new();
    for (i, object) in objects.iter().enumerate() {
        // The blank belongs there: an entry has exactly twenty bytes.
        let _ = writeln!(offsets, "{:010} 00000 n ", out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", i + 1);
    }
    let table = out.len();
    let count = objects.len() + 1;
    let _ = write!(
        out,
        "xref\n0 {count}\n0000000000 65535 f \n{offsets}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    );
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_pngs_of_fixed_size_and_differ_by_name() {
        let bytes = make_image("heron-blue").unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (WIDTH, HEIGHT));
        assert_ne!(bytes, make_image("clay").unwrap());
        assert_ne!(make_image("parts").unwrap(), make_image("clay").unwrap());
    }

    #[test]
    fn cross_references_of_the_pdf_point_at_its_objects() {
        let pdf = String::from_utf8(make_pdf("INV-1: Faktura (β)")).unwrap();
        assert!(pdf.contains("(INV-1: Faktura ???) Tj"), "parentheses would end the string: {pdf}");
        let table = pdf.split("xref\n0 6\n").nth(1).unwrap();
        for (i, entry) in table.lines().skip(1).take(5).enumerate() {
            let offset: usize = entry[..10].parse().unwrap();
            assert!(pdf[offset..].starts_with(&format!("{} 0 obj", i + 1)));
        }
        let start: usize = pdf.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        assert!(pdf[start..].starts_with("xref"));
    }
}
