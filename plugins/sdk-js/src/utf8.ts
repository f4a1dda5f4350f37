// UTF-8, for engines that have no `TextEncoder`.

const REPLACED = 0xfffd;

/** Text as UTF-8; halves of surrogate pairs become U+FFFD. */
export function encode(text: string): Uint8Array {
  // A UTF-16 unit is three bytes at most.
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      bytes[at++] = code;
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 ? text.charCodeAt(i + 1) : Number.NaN;
      const pair = low >= 0xdc00 && low <= 0xdfff;
      code = pair ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : REPLACED;
      i += pair ? 1 : 0;
    }
    if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
    } else if (code < 0x10000) {
      bytes[at++] = 0xe0 | (code >> 12);
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
    } else {
      bytes[at++] = 0xf0 | (code >> 18);
      bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (code & 0x3f);
  }
  return bytes.slice(0, at);
}

/**
 * UTF-8 as text, as the Encoding Standard reads it: each longest part of a sequence that is broken becomes one U+FFFD.
 * `fatal`: a `TypeError` instead.
 */
export function decode(bytes: Uint8Array, fatal = false): string {
  let text = "";
  let units: number[] = [];
  const flush = (): void => {
    text += String.fromCharCode(...units);
    units = [];
  };
  const push = (code: number): void => {
    if (code >= 0x10000) {
      units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
      units.push(code);
    }
    if (units.length > 4_000) {
      flush();
    }
  };
  const broken = (): void => {
    if (fatal) {
      throw new TypeError("these bytes are no UTF-8");
    }
    push(REPLACED);
  };
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i++] ?? 0;
    if (first < 0x80) {
      push(first);
      continue;
    }
    const more = first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
    if (more === 0) {
      broken();
      continue;
    }
    // Bounds of the second byte keep out overlong forms, surrogates and what is beyond U+10FFFF.
    let least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    let most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    let code = first & (0x3f >> more);
    let left = more;
    for (; left > 0; left--) {
      const next = bytes[i];
      if (next === undefined || next < least || next > most) {
        break;
      }
      code = (code << 6) | (next & 0x3f);
      [least, most] = [0x80, 0xbf];
      i++;
    }
    if (left > 0) {
      broken();
    } else {
      push(code);
    }
  }
  flush();
  return text;
}
