// Texts: without their markup, counted, and told apart.

/** The words of a rich text: Markdown or HTML, without the marks. Not a parser: what it leaves of odd markup does no harm. */
export function plain(text: string): string {
  return text
    .replace(/<[^<>]{0,1000}>/g, " ")
    .replace(/!?\[([^[\]]{0,500})\]\([^()\s]{0,1000}\)/g, "$1")
    .replace(/^[#>\-*+ \t]+/gm, "")
    .replace(/[*_`~]{1,3}/g, "")
    .replace(/&nbsp;/g, " ")
    .replace(/[ \t]+/g, " ")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** How many words there are. */
export function words(text: string): number {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** A short mark of a text (cyrb53): equal for equal texts, and hardly ever for others. Not proof against who wants to deceive. */
export function fingerprint(text: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36);
}
