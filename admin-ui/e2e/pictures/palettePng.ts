import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Colours of a palette. */
const PALETTE_SIZE = 256;
/** Colours that are kept as they are because so much of the picture has them: those of texts and surfaces. */
const EXACT_SIZE = 96;
/** Part of an error of colour that the neighbours make up for. */
const DITHER = 0.6;

/** The pixels of a picture, three bytes each. */
interface Pixels {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** A colour, with how often it is in the picture. */
interface CountedColour {
  rgb: readonly [number, number, number];
  count: number;
}

/**
 * Reduces a screenshot to a palette of 256 colours, which makes it a third as large. Texts and surfaces keep their colours; photographs are dithered.
 * `png`: as Chromium writes it, with 8 bits a channel.
 */
export function toPalette(png: Buffer): Buffer {
  const pixels = decode(png);
  const palette = choosePalette(pixels);
  return encode(pixels, palette, mapToPalette(pixels, palette));
}

function decode(png: Buffer): Pixels {
  const data: Buffer[] = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const name = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (name === 'IHDR') {
      [width, height, channels] = [body.readUInt32BE(0), body.readUInt32BE(4), body[9] === 6 ? 4 : 3];
      if (body[8] !== 8 || (body[9] !== 2 && body[9] !== 6) || body[12] !== 0)
        throw new Error('the screenshot is not an RGB picture of 8 bits');
    } else if (name === 'IDAT') data.push(body);
    at += length + 12;
  }
  const rows = unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels);
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1) rgb[pixel * 3 + channel] = rows[pixel * channels + channel] ?? 0;
  return { width, height, rgb };
}

/** Takes back what each row was predicted by. */
function unfilter(raw: Uint8Array, stride: number, height: number, channels: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)];
    for (let at = 0; at < stride; at += 1) {
      const left = at >= channels ? (out[row * stride + at - channels] ?? 0) : 0;
      const up = row > 0 ? (out[(row - 1) * stride + at] ?? 0) : 0;
      const corner = row > 0 && at >= channels ? (out[(row - 1) * stride + at - channels] ?? 0) : 0;
      const value = raw[row * (stride + 1) + 1 + at] ?? 0;
      out[row * stride + at] = value + predict(filter ?? 0, left, up, corner);
    }
  }
  return out;
}

function predict(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
    default:
      return 0;
  }
}

/** The most frequent colours as they are, and the rest by median cut. */
function choosePalette({ rgb }: Pixels): number[] {
  const counts = new Map<number, number>();
  for (let at = 0; at < rgb.length; at += 3) {
    const colour = ((rgb[at] ?? 0) << 16) | ((rgb[at + 1] ?? 0) << 8) | (rgb[at + 2] ?? 0);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted((a, b) => b[1] - a[1]);
  if (sorted.length <= PALETTE_SIZE) return sorted.map(([colour]) => colour);
  const exact = sorted.slice(0, EXACT_SIZE).map(([colour]) => colour);
  const rest = sorted
    .slice(EXACT_SIZE)
    .map(([colour, count]): CountedColour => ({ rgb: [colour >> 16, (colour >> 8) & 255, colour & 255], count }));
  return [...exact, ...cut(rest, PALETTE_SIZE - EXACT_SIZE)];
}

/** Divides the colours into so many boxes, again and again the one that is farthest apart; a colour for each. */
function cut(colours: CountedColour[], size: number): number[] {
  const boxes = [measure(colours)];
  while (boxes.length < size) {
    const widest = boxes.reduce((best, box, at) => (box.weight > (boxes[best]?.weight ?? 0) ? at : best), 0);
    const box = boxes[widest];
    if (!box || box.weight === 0) break;
    const sorted = box.colours.toSorted((a, b) => a.rgb[box.channel] - b.rgb[box.channel]);
    const half = sorted.reduce((sum, { count }) => sum + count, 0) / 2;
    let seen = 0;
    const found = sorted.findIndex(({ count }) => (seen += count) >= half);
    const middle = Math.min(Math.max(found, 1), sorted.length - 1);
    boxes.splice(widest, 1, measure(sorted.slice(0, middle)), measure(sorted.slice(middle)));
  }
  return boxes.map((box) => {
    const total = box.colours.reduce((sum, { count }) => sum + count, 0);
    const mean = (channel: 0 | 1 | 2) =>
      Math.round(box.colours.reduce((sum, { rgb, count }) => sum + rgb[channel] * count, 0) / total);
    return (mean(0) << 16) | (mean(1) << 8) | mean(2);
  });
}

interface Box {
  colours: CountedColour[];
  /** The channel in which they lie farthest apart. */
  channel: 0 | 1 | 2;
  /** How much is won by dividing it. */
  weight: number;
}

function measure(colours: CountedColour[]): Box {
  const spread = ([0, 1, 2] as const).map((channel) => {
    let [low, high] = [255, 0];
    for (const { rgb } of colours) [low, high] = [Math.min(low, rgb[channel]), Math.max(high, rgb[channel])];
    return high - low;
  });
  const widest = Math.max(...spread);
  const count = colours.reduce((sum, colour) => sum + colour.count, 0);
  return {
    colours,
    channel: spread.indexOf(widest) as 0 | 1 | 2,
    weight: colours.length < 2 ? 0 : widest * Math.sqrt(count),
  };
}

/** The place in the palette of each pixel. */
function mapToPalette({ width, height, rgb }: Pixels, palette: readonly number[]): Uint8Array {
  const exact = new Map(palette.map((colour, at) => [colour, at]));
  const nearest = new Map<number, number>();
  const find = (r: number, g: number, b: number): number => {
    const key = (r << 16) | (g << 8) | b;
    const known = exact.get(key) ?? nearest.get(key);
    if (known !== undefined) return known;
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    palette.forEach((colour, at) => {
      const [dr, dg, db] = [(colour >> 16) - r, ((colour >> 8) & 255) - g, (colour & 255) - b];
      const distance = 2 * dr * dr + 4 * dg * dg + 3 * db * db;
      if (distance < least) [best, least] = [at, distance];
    });
    nearest.set(key, best);
    return best;
  };
  const places = new Uint8Array(width * height);
  let [errors, next] = [new Float32Array((width + 2) * 3), new Float32Array((width + 2) * 3)];
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = row * width + column;
      const own = [rgb[at * 3] ?? 0, rgb[at * 3 + 1] ?? 0, rgb[at * 3 + 2] ?? 0] as const;
      const same = exact.get((own[0] << 16) | (own[1] << 8) | own[2]);
      // What is a surface stays one: errors end where a colour of the palette begins.
      if (same !== undefined) {
        places[at] = same;
        continue;
      }
      // In steps of four, so that few colours are looked for.
      const wanted = own.map((value, channel) =>
        Math.min(252, Math.max(0, Math.round((value + (errors[(column + 1) * 3 + channel] ?? 0)) / 4) * 4)),
      ) as [number, number, number];
      const place = find(...wanted);
      places[at] = place;
      const colour = palette[place] ?? 0;
      [colour >> 16, (colour >> 8) & 255, colour & 255].forEach((value, channel) => {
        const error = ((wanted[channel] ?? 0) - value) * DITHER;
        const spread = (line: Float32Array, to: number, part: number) => {
          line[to * 3 + channel] = (line[to * 3 + channel] ?? 0) + (error * part) / 16;
        };
        spread(errors, column + 2, 7);
        spread(next, column, 3);
        spread(next, column + 1, 5);
        spread(next, column + 2, 1);
      });
    }
    [errors, next] = [next, errors.fill(0)];
  }
  return places;
}

function encode({ width, height }: Pixels, palette: readonly number[], places: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, of a palette.
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1)
    rows.set(places.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
