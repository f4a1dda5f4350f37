import { type Inline, type Run, sameLook } from './document';

/** Neighbours that look the same made one, blanks that nobody sees taken away. */
export function tidyInline(content: Inline): Inline {
  const out: Run[] = [];
  let blank = true;
  for (const run of content) {
    if (run.text === '\n') {
      trimEnd(out);
      out.push({ text: '\n' });
      blank = true;
      continue;
    }
    // Programs write rows of blanks for tabs and places; one of them alone between words may be meant.
    let text = run.text.replaceAll(/[ \u00a0]{2,}/g, ' ');
    if (blank) text = text.replace(/^[ \u00a0]+/, '');
    if (text === '') continue;
    blank = text.endsWith(' ');
    const last = out.at(-1);
    if (last && last.text !== '\n' && sameLook(last, run)) last.text += text;
    else out.push({ ...run, text });
  }
  trimEnd(out);
  while (out.at(-1)?.text === '\n') {
    out.pop();
    trimEnd(out);
  }
  while (out[0]?.text === '\n') out.shift();
  return out;
}

function trimEnd(runs: Run[]): void {
  for (let last = runs.at(-1); last && last.text !== '\n'; last = runs.at(-1)) {
    last.text = last.text.replace(/[ \u00a0]+$/, '');
    if (last.text !== '') return;
    runs.pop();
  }
}

/** The parts of a text between its blank lines. */
export function splitAtBlankLines(content: Inline): Inline[] {
  const parts: Inline[] = [[]];
  content.forEach((run, at) => {
    if (run.text === '\n' && content[at + 1]?.text === '\n') {
      if (parts.at(-1)?.length) parts.push([]);
      return;
    }
    if (run.text === '\n' && content[at - 1]?.text === '\n' && parts.at(-1)?.length === 0) return;
    parts.at(-1)?.push(run);
  });
  return parts.filter((part) => part.length > 0);
}
