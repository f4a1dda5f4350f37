import { DATA_PLACE, type ImageHints, nameIn } from './readImage';
import { DroppedNotes, type PastedBlock, type PastedDocument, plainText } from './document';
import type { Clip } from './clipboard';
import { readHtml, sourceOf } from './readHtml';
import { looksLikeMarkdown, readMarkdown } from './readMarkdown';
import { readText } from './readText';
import { imagesOfRtf } from './rtfImages';
import { inSlices } from './slices';

export { toBlocks } from './toBlocks';
export { imageText, toMarkdown } from './toMarkdown';

/** What a page can show and edit at once. More is refused, not cut off: half of a text would be taken for all of it. */
export const LIMITS = {
  /** Characters of the clipboard, its pictures apart. */
  clipboard: 20_000_000,
  /** Characters of text. */
  text: 1_000_000,
  /** Paragraphs, items and the like. */
  blocks: 5_000,
  images: 50,
} as const;

/** Thrown for a clipboard with more in it than can be pasted at once. */
export class TooMuchToPaste extends Error {}

interface ConvertOptions {
  /** The field that it goes to: in Markdown, plain text is left as it is. */
  target: 'blocks' | 'markdown';
  /** Where the admin is. */
  origin: string;
}

/** Converts a clipboard to a clean document, in slices, so that the page stays responsive while it reads a large one. */
export async function convert(clip: Clip, options: ConvertOptions): Promise<PastedDocument> {
  return checked(await inSlices(convertSteps(clip, options)));
}

function* convertSteps(clip: Clip, { target, origin }: ConvertOptions): Generator<void, PastedDocument> {
  const text = clip.text;
  if (text.length > LIMITS.clipboard) throw new TooMuchToPaste();
  if (clip.plain) return readText(text);
  const hints: ImageHints = { data: [], local: [], origin, byAddress: target === 'markdown' };
  const isMarkdown = clip.codeLanguage === 'markdown' || (clip.html === '' && looksLikeMarkdown(text));
  if (isMarkdown && target === 'blocks') return yield* readMarkdown(text, hints);
  if (clip.codeLanguage !== null && !isMarkdown && text.includes('\n')) return codeDocument(text, clip.codeLanguage);
  if (clip.html !== '' && !isMarkdown) {
    const { html, data } = withoutData(clip.html);
    if (html.length > LIMITS.clipboard) throw new TooMuchToPaste();
    const source = sourceOf(html);
    const local = localImages(html, clip.rtf);
    const read = yield* readHtml(html, { ...hints, data, local }, source);
    // A picture that was copied from a page comes as itself too.
    if (clip.files.length > 0 && !hasText(read.blocks)) return imageDocument(clip.files, altIn(read));
    if (read.blocks.length > 0 || read.dropped.length > 0 || text.trim() === '') return read;
  }
  if (clip.files.length > 0 && text.trim() === '') return imageDocument(clip.files, '');
  return readText(text);
}

function checked(document: PastedDocument): PastedDocument {
  const { blocks } = document;
  const count = blocks.reduce((sum, block) => sum + (block.kind === 'table' ? block.rows.length : 1), 0);
  const length = blocks.reduce((sum, block) => sum + textOf(block).length, 0);
  if (count > LIMITS.blocks || length > LIMITS.text) throw new TooMuchToPaste();
  const images = blocks.filter((block) => block.kind === 'image');
  if (images.length <= LIMITS.images) return document;
  const late = new Set<PastedBlock>(images.slice(LIMITS.images));
  const notes = new DroppedNotes();
  for (const _ of late) notes.add('tooManyImages');
  return {
    ...document,
    blocks: blocks.filter((block) => !late.has(block)),
    dropped: [...document.dropped, ...notes.list()],
  };
}

function textOf(block: PastedBlock): string {
  if ('content' in block) return plainText(block.content);
  if (block.kind === 'code') return block.text;
  return block.kind === 'table' ? block.rows.flat().map(plainText).join('') : '';
}

function hasText(blocks: readonly PastedBlock[]): boolean {
  return blocks.some((block) => block.kind !== 'image' && textOf(block).trim() !== '');
}

/** HTML without its `data:` addresses, which are megabytes and would be read letter by letter. */
function withoutData(html: string): { html: string; data: string[] } {
  const data: string[] = [];
  const short = html.replaceAll(
    /(\ssrc\s*=\s*)("data:[^"]*"|'data:[^']*'|data:[^\s>]*)/gi,
    (_, before: string, url: string) => {
      data.push(url.replaceAll(/^["']|["']$/g, ''));
      return `${before}"${DATA_PLACE}${data.length - 1}"`;
    },
  );
  return { html: short, data };
}

/** The pictures that HTML names by files, from the RTF beside it; none where the two do not agree. */
function localImages(html: string, rtf: string): (string | null)[] {
  const count = [...html.matchAll(/<img\b[^>]*?\ssrc\s*=\s*["']?file:/gi)].length;
  if (count === 0 || rtf === '') return [];
  const images = imagesOfRtf(rtf);
  return images.length === count ? images : [];
}

function codeDocument(text: string, language: string): PastedDocument {
  const code = text.replaceAll('\r\n', '\n').replace(/\s+$/, '');
  const known = /^[\w+#-]{1,30}$/.test(language) && language !== 'plaintext' ? language : null;
  return { source: 'text', blocks: [{ kind: 'code', text: code, language: known }], dropped: [] };
}

/** Pictures that came as files; other files are reported as left out. */
function imageDocument(files: readonly File[], alt: string): PastedDocument {
  const notes = new DroppedNotes();
  const blocks: PastedBlock[] = [];
  for (const file of files) {
    if (/^image\/(?!svg)/.test(file.type))
      blocks.push({ kind: 'image', image: { source: { kind: 'file', file }, alt } });
    else notes.add('notAnImage', { name: file.name });
  }
  return { source: 'web', blocks, dropped: notes.list() };
}

function altIn(read: PastedDocument): string {
  const [block] = read.blocks;
  if (block?.kind === 'image') return block.image.alt;
  const item = read.dropped.find(({ reason }) => reason === 'remoteImage')?.items?.[0];
  return item?.url && item.name !== nameIn(item.url) ? item.name : '';
}
