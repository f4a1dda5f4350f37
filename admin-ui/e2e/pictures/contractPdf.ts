import { onePagePdf } from '../harness/pdf';

/** What stands on the page, from the top: size, and text. */
const LINES: [number, string][] = [
  [20, 'Purchase agreement'],
  [11, 'Donkervoort F22, order F22-0131'],
  [11, ''],
  [13, '1. The car'],
  [11, 'The seller builds for the buyer one Donkervoort F22 to the configuration in the'],
  [11, 'appendix, with chassis number XL9F22AA0T0000131.'],
  [11, ''],
  [13, '2. Price and payment'],
  [11, 'The price is 292,500 euros including VAT. A deposit of 10% is due within fourteen'],
  [11, 'days of signing, 40% when production begins, and the rest before delivery.'],
  [11, ''],
  [13, '3. Delivery'],
  [11, 'The car is delivered in Lelystad, twenty-four months after the order at the latest.'],
  [11, 'The buyer can follow each phase of the build in the portal.'],
  [11, ''],
  [13, '4. Changes'],
  [11, 'Each choice can be changed until the day that is given for it. What a later change'],
  [11, 'costs is agreed in writing beforehand.'],
  [11, ''],
  [11, ''],
  [11, 'Signed by the buyer                                            Signed by the seller'],
];

const escaped = (text: string) => text.replaceAll(/[()\\]/g, String.raw`\$&`);

/** A contract of one page. */
export function contractPdf(): Uint8Array {
  const text = LINES.map(([size, words]) => `/F ${size} Tf (${escaped(words)}) Tj 0 -${size + 9} Td`).join('\n');
  const content = `BT 64 760 Td\n${text}\nET`;
  return onePagePdf(content);
}
