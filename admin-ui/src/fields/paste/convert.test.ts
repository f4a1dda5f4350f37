// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { convert, LIMITS, toBlocks, toMarkdown, TooMuchToPaste } from './convert';
import type { PastedBlock, PastedDocument, Run } from './document';
import { quietHtml } from './quietHtml';
import { clipboardFile, clipOf, emptyClip } from './testing';

const options = { target: 'blocks', origin: 'https://cms.example.com' } as const;
const inMarkdown = { ...options, target: 'markdown' } as const;

const programs = [
  { name: 'google-docs', source: 'googleDocs' },
  { name: 'word', source: 'word', rtf: 'word.rtf' },
  { name: 'word-online', source: 'wordOnline' },
  { name: 'libreoffice', source: 'libreOffice', rtf: 'libreoffice.rtf' },
  { name: 'web-page', source: 'web' },
] as const;

/** A part in one line, for comparing. */
function line(block: PastedBlock): string {
  switch (block.kind) {
    case 'heading':
      return `h${block.level} ${markedWords(block.content)}`;
    case 'item':
      return `${'  '.repeat(block.level)}${block.ordered ? '1.' : '-'} ${markedWords(block.content)}`;
    case 'table':
      return `table${block.header ? ' with header' : ''}: ${block.rows.map((row) => row.map(markedWords).join(' | ')).join(' / ')}`;
    case 'image':
      return `image ${block.image.source.kind}: ${block.image.alt}`;
    case 'code':
      return `code ${block.language}: ${block.text}`;
    case 'rule':
      return 'rule';
    default:
      return `${block.kind} ${markedWords(block.content)}`;
  }
}

function markedWords(content: readonly Run[]): string {
  return content
    .map((run) => {
      const marks = (['bold', 'italic', 'underline', 'strikethrough', 'code'] as const).filter((mark) => run[mark]);
      const text = run.text === '\n' ? '⏎' : run.text;
      return run.link || marks.length > 0 ? `{${[...marks, run.link ?? []].flat().join(' ')}: ${text}}` : text;
    })
    .join('');
}

const lines = ({ blocks }: PastedDocument) => blocks.map(line);
const reasons = ({ dropped }: Pick<PastedDocument, 'dropped'>) => dropped.map(({ reason }) => reason);
const html = (body: string, more = {}) => convert({ ...emptyClip, html: body, ...more }, options);

/** What the five clipboards become; Google Docs has no quotes, and only a web page says the language of its code. */
function markdownOf(name: string): string {
  const text = `# Harbour report

The ferry **leaves** at _nine_, says [the timetable](https://example.com/timetable?line=4&day=1). It is never ~~always~~ late, run \`ferry --today\`. A big one.

## What to bring

- Passport
  - A **copy** of it
    - On paper
- Ticket

In this order:

1. Book
2. Pay
   - By card

| Day | First | Last |
| --- | --- | --- |
| Monday | 06:30 | **23:10** |
| Sunday | 08:00 | 21:45 |

> No sea is too rough for tea.

\`\`\`${name === 'web-page' ? 'js' : ''}
if (late) {
  wait();
}
\`\`\`

Questions? Write to [us](mailto:harbour@example.com).`;
  return name === 'google-docs' ? text.replace(/> No sea.*\n\n/, '') : text;
}

describe.each(programs)('a clipboard of $name', (program) => {
  const read = () =>
    convert(clipOf(program.name, 'rtf' in program ? { rtf: clipboardFile(program.rtf) } : {}), options);

  it('is known by what it says', async () => expect((await read()).source).toBe(program.source));

  it('keeps headings', async () => {
    expect((await read()).blocks.filter(({ kind }) => kind === 'heading').map(line)).toEqual([
      'h1 Harbour report',
      'h2 What to bring',
    ]);
  });

  it('keeps bold, italics, links, underlines, strikethrough and code in text', async () => {
    expect(lines(await read())[1]).toBe(
      'paragraph The ferry {bold: leaves} at {italic: nine}, says ' +
        '{https://example.com/timetable?line=4&day=1: the timetable}. It is {underline: never} ' +
        '{strikethrough: always} late, run {code: ferry --today}. A big one.',
    );
  });

  it('keeps nested lists of both kinds, without empty items', async () => {
    expect((await read()).blocks.filter(({ kind }) => kind === 'item').map(line)).toEqual([
      '- Passport',
      '  - A {bold: copy} of it',
      '    - On paper',
      '- Ticket',
      '1. Book',
      '1. Pay',
      '  - By card',
    ]);
  });

  it('keeps tables', async () => {
    expect(lines(await read()).find((each) => each.startsWith('table'))).toBe(
      'table with header: Day | First | Last / Monday | 06:30 | {bold: 23:10} / Sunday | 08:00 | 21:45',
    );
  });

  it('keeps code', async () => {
    const language = program.name === 'web-page' ? 'js' : null;
    expect(lines(await read()).find((each) => each.startsWith('code'))).toBe(
      `code ${language}: if (late) {\n  wait();\n}`,
    );
  });

  it('keeps quotes, where the program has any', async () => {
    const quotes = (await read()).blocks.filter(({ kind }) => kind === 'quote').map(line);
    expect(quotes).toEqual(program.name === 'google-docs' ? [] : ['quote No sea is too rough for tea.']);
  });

  it('brings the picture along, or says that it cannot', async () => {
    const document = await read();
    const images = document.blocks.filter(({ kind }) => kind === 'image').map(line);
    if (program.name === 'google-docs' || program.name === 'web-page') {
      expect(images).toEqual([]);
      expect(document.dropped.find(({ reason }) => reason === 'remoteImage')).toMatchObject({
        count: 1,
        items: [{ url: expect.stringMatching(/^https:/), name: 'A ferry at the quay' }],
      });
    } else expect(images).toEqual(['image data: A ferry at the quay']);
  });

  it('ends with its last words', async () => {
    expect(lines(await read()).at(-1)).toBe('paragraph Questions? Write to {mailto:harbour@example.com: us}.');
  });

  it('says what else was not kept', async () => {
    const office = program.name === 'web-page' ? [] : ['colour'];
    const remote = ['google-docs', 'web-page'].includes(program.name) ? ['remoteImage'] : [];
    const page = program.name === 'web-page' ? ['control', 'embed'] : [];
    expect(reasons(await read()).toSorted()).toEqual([...office, ...remote, ...page].toSorted());
  });

  it('becomes blocks, and tables lists of rows', async () => {
    const { nodes, dropped } = toBlocks(await read());
    expect(nodes.map(({ type }) => type)).not.toContain('table');
    expect(reasons({ dropped })).toContain('table');
    const rows = nodes.filter((node) => node.content?.[0]?.text === 'Day: ');
    expect(rows.map((row) => row.content?.map((part) => part.text).join(''))).toEqual([
      'Day: Monday; First: 06:30; Last: 23:10',
      'Day: Sunday; First: 08:00; Last: 21:45',
    ]);
  });

  it('becomes Markdown, with its table', async () => {
    const { text, dropped } = toMarkdown(await read());
    expect(text).toBe(markdownOf(program.name));
    expect(reasons({ dropped })).toContain('underline');
    expect(reasons({ dropped })).not.toContain('table');
  });

  it('is the same when it is pasted again', async () => {
    expect(await read()).toEqual(await read());
  });
});

describe('pictures', () => {
  it('are not taken from files that the RTF does not have', async () => {
    const document = await convert(clipOf('word'), options);
    expect(document.blocks.some(({ kind }) => kind === 'image')).toBe(false);
    expect(reasons(document)).toContain('localImage');
  });

  it('come as files, with the alternative text of the page', async () => {
    const file = new File(['x'], 'image.png', { type: 'image/png' });
    const read = await html('<meta charset="utf-8"><img src="https://example.com/a.png" alt="A quay">', {
      files: [file],
    });
    expect(read.blocks).toEqual([{ kind: 'image', image: { source: { kind: 'file', file }, alt: 'A quay' } }]);
    expect(read.dropped).toEqual([]);
  });

  it('beside text are how the text looks, and not pasted', async () => {
    const file = new File(['x'], 'image.png', { type: 'image/png' });
    expect(lines(await html('<p>Cells</p>', { files: [file] }))).toEqual(['paragraph Cells']);
  });

  it('are pictures: other files are said', async () => {
    const files = [
      new File(['x'], 'plan.pdf', { type: 'application/pdf' }),
      new File(['<svg/>'], 'a.svg', { type: 'image/svg+xml' }),
    ];
    const read = await convert({ ...emptyClip, files }, options);
    expect(read.blocks).toEqual([]);
    expect(read.dropped).toEqual([
      { reason: 'notAnImage', count: 2, items: [{ name: 'plan.pdf' }, { name: 'a.svg' }] },
    ]);
  });

  it('that may hold scripts are not taken', async () => {
    const read = await html('<p>a</p><img src="data:image/svg+xml,<svg onload=alert(1)>">');
    expect(lines(read)).toEqual(['paragraph a']);
    expect(reasons(read)).toEqual(['imageKind']);
  });

  it('of the library stay in Markdown', async () => {
    const clip = { ...emptyClip, html: '<p>a</p><img src="https://cms.example.com/uploads/x.png" alt="X">' };
    expect(toMarkdown(await convert(clip, inMarkdown)).text).toBe('a\n\n![X](/uploads/x.png)');
    expect(reasons(await convert(clip, options))).toEqual(['remoteImage']);
  });

  it('are no more than can be described', async () => {
    const many = '<img src="data:image/png;base64,AA==">'.repeat(LIMITS.images + 2);
    const read = await html(many);
    expect(read.blocks).toHaveLength(LIMITS.images);
    expect(read.dropped).toEqual([{ reason: 'tooManyImages', count: 2 }]);
  });

  it('drawn in place of a sign are the sign', async () => {
    expect(lines(await html('<p><img src="https://example.com/1f600.png" alt="😀"> hi</p>'))).toEqual([
      'paragraph 😀 hi',
    ]);
  });
});

describe('hostile clipboards', () => {
  it('leave nothing that runs, loads or leads elsewhere than it says', async () => {
    const read = await html(`
      <script>alert(1)</script><style>@import url(https://evil.example/x)</style><base href="https://evil.example/">
      <link rel="stylesheet" href="https://evil.example/x.css"><meta http-equiv="refresh" content="0;url=https://evil.example">
      <p onclick="alert(1)" style="background:url(https://evil.example/y)">One <a href="javascript:alert(1)">two</a>
      <a href=" java&#10;script:alert(1)">three</a> <a href="data:text/html,<script>">four</a> <a href="vbscript:x">five</a>
      <a href="file:///etc/passwd">six</a> <a href="https://good.example/x">seven</a></p>
      <iframe src="https://evil.example"></iframe><object data="https://evil.example"></object><embed src="x">
      <svg onload="alert(1)"><script>alert(1)</script><a href="javascript:alert(1)">svg</a></svg>
      <math><mtext><img src=x onerror=alert(1)></mtext></math><form action="https://evil.example"><input value="x"></form>
      <img src="https://evil.example/pixel.gif" onerror="alert(1)"><img src="x" onerror="alert(1)">
      <template><p>hidden</p></template><noscript><p>hidden</p></noscript><p hidden>hidden</p><p style="display:none">hidden</p>`);
    expect(lines(read)).toEqual(['paragraph One two three four five six {https://good.example/x: seven}']);
    expect(JSON.stringify([toBlocks(read).nodes, toMarkdown(read).text])).not.toMatch(
      /script|evil|onerror|onclick|hidden|passwd/i,
    );
    expect(reasons(read)).toEqual(['unsafeLink', 'embed', 'drawing', 'control', 'remoteImage', 'localImage']);
  });

  it('claiming to be of the editor bring no parts of their own', async () => {
    const json = '{"type":"image","image":{"url":"https://evil.example/x.png"}}';
    const read = await html(
      `<p>a</p><figure data-image data-json='${json}'></figure><div data-unknown data-json='{"type":"x"}'>b</div>`,
    );
    expect(lines(read)).toEqual(['paragraph a', 'paragraph b']);
  });

  it('with the place of a picture that is not there have none', async () => {
    expect(lines(await html('<p>a</p><img src="cairn-data:7"><img src="cairn-data:__proto__">'))).toEqual([
      'paragraph a',
    ]);
  });

  it('are quiet: no handler, style or script is left for the page to complain of', () => {
    const quiet = quietHtml(
      `<p STYLE='a:b' title="x onclick=1 style=2" onClick = go() data-x=">">a style=b &lt;</p><style>p{}</style ><script>"<p style='x'"</script><!-- <p style=x> --><b style=c>`,
    );
    expect(quiet).toBe(
      `<p data-pasted-style='a:b' title="x onclick=1 style=2" data-pasted-handler = go() data-x=">">a style=b &lt;</p><!-- <p style=x> --><b data-pasted-style=c>`,
    );
    for (const broken of ['<', '<a "', '<a b="', '<script>', '<!--', '<a b=', '</p'])
      expect(quietHtml(broken.repeat(3)).length).toBeLessThanOrEqual(3 * broken.length);
    const started = performance.now();
    quietHtml('<a "'.repeat(1_000_000));
    quietHtml('<a b="x'.repeat(500_000));
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('nested without end are read', async () => {
    const deep = `${'<div><ul><li>'.repeat(150)}x`;
    expect(lines(await html(deep)).join()).toContain('x');
  });

  it('of Markdown with HTML in it leave nothing that runs', async () => {
    const text =
      '# Hi\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) ![x](https://evil.example/x.png) <b onclick="x">b</b>';
    const read = await convert({ ...emptyClip, text }, options);
    expect(JSON.stringify(toBlocks(read).nodes)).not.toMatch(/script|evil|onclick/);
    expect(reasons(read)).toEqual(['unsafeLink', 'remoteImage']);
  });
});

describe('large clipboards', () => {
  it('of 5 MB are read in slices', async () => {
    const paragraph = clipboardFile('word.html').match(/<p class=MsoNormal><span[^]*?<\/p>/)?.[0] ?? '';
    const times = 2000;
    const picture = `<img src="data:image/png;base64,${'A'.repeat(4_400_000)}">`;
    const body = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>${paragraph.repeat(times)}${picture}</body></html>`;
    expect(body.length).toBeGreaterThan(5_000_000);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    const read = await html(body);
    clearInterval(timer);
    expect(read.blocks).toHaveLength(times + 1);
    expect(turns).toBeGreaterThan(3);
  });

  it('with more than can be edited are refused, not cut', async () => {
    await expect(html('<p>x</p>'.repeat(LIMITS.blocks + 1))).rejects.toBeInstanceOf(TooMuchToPaste);
    await expect(convert({ ...emptyClip, text: 'x'.repeat(LIMITS.text + 1) }, options)).rejects.toBeInstanceOf(
      TooMuchToPaste,
    );
  });
});

const text = (plain: string) => convert({ ...emptyClip, text: plain }, options).then(lines);

describe('Markdown and text', () => {
  it('that is Markdown is read as it', async () => {
    expect(
      await text(
        '# Report\n\nThe **ferry** _leaves_, ~~late~~ `now`, [here](https://example.com) or [there](/about).\n\n' +
          '- one\n    - two\n1. three\n\n> tea\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rs\nfn x() {}\n```\n\n---\n\n- [x] done\n- [ ] open',
      ),
    ).toEqual([
      'h1 Report',
      'paragraph The {bold: ferry} {italic: leaves}, {strikethrough: late} {code: now}, {https://example.com: here} or {/about: there}.',
      '- one',
      '  - two',
      '1. three',
      'quote tea',
      'table with header: a | b / 1 | 2',
      'code rs: fn x() {}',
      'rule',
      '- done',
      '- open',
    ]);
  });

  it('that is text stays text', async () => {
    expect(await text('Dear all,\nit is * 5 # not _much.\r\n\r\n2 * 3 = 6 <b>x</b> snake_case_name')).toEqual([
      'paragraph Dear all,⏎it is * 5 # not _much.',
      'paragraph 2 * 3 = 6 <b>x</b> snake_case_name',
    ]);
    expect(await text('# deploy\nset -e\ncargo build')).toEqual(['paragraph # deploy⏎set -e⏎cargo build']);
    expect(await text('- 5 degrees')).toEqual(['paragraph - 5 degrees']);
  });

  it('pasted plain is text whatever it looks like', async () => {
    const read = await convert({ ...emptyClip, text: '# Report\n\n- a\n- b', plain: true }, options);
    expect(lines(read)).toEqual(['paragraph # Report', 'paragraph - a⏎- b']);
  });

  it('from a code editor are code, or Markdown where that is what was edited', async () => {
    const clip = {
      ...emptyClip,
      html: '<div style="font-family: Menlo, monospace; white-space: pre;"><div>a</div></div>',
    };
    const code = await convert({ ...clip, text: 'let a;\nlet b;', codeLanguage: 'rust' }, options);
    expect(lines(code)).toEqual(['code rust: let a;\nlet b;']);
    expect(lines(await convert({ ...clip, text: '# A\n\nb', codeLanguage: 'markdown' }, options))).toEqual([
      'h1 A',
      'paragraph b',
    ]);
  });
});

const item = (level: number, format: string, words: string) =>
  `<div data-list-item="" role="listitem" data-level="${level}" data-format="${format}">${words}</div>`;

describe('HTML of other places', () => {
  it('is text with line breaks where a mail has them', async () => {
    expect(lines(await html('<div>One<br>two<br><br>three</div><div><br></div><div>four</div>'))).toEqual([
      'paragraph One⏎two',
      'paragraph three',
      'paragraph four',
    ]);
  });

  it('keeps second paragraphs, pictures and numbers of items', async () => {
    const read = await html(
      '<ol start="3"><li><p>One</p><p>more</p></li><li>Two<img src="data:image/png;base64,AA=="></li></ol>',
    );
    expect(lines(read)).toEqual(['1. One⏎more', '1. Two', 'image data: ']);
    expect(toMarkdown(read).text).toBe('3. One  \n   more\n4. Two');
    expect(toMarkdown(read).images).toMatchObject([{ offset: 23 }]);
    expect(reasons(toBlocks(read))).toEqual(['listStart']);
  });

  it('is a code block where a code editor copied it', async () => {
    const read = await html(
      '<div style="color: #d4d4d4;font-family: Menlo, Monaco, monospace;font-size: 12px;white-space: pre;"><div><span style="color: #569cd6;">let</span> a;</div><br><div>  b();</div></div>',
    );
    expect(lines(read)).toEqual(['code null: let a;\n\n  b();']);
  });

  it('says that merged cells are apart now', async () => {
    const read = await html(
      '<table><tr><th>A</th><th>B</th></tr><tr><td rowspan="2">1</td><td>2</td></tr><tr><td>3</td></tr></table>',
    );
    expect(lines(read)).toEqual(['table with header: A | B / 1 | 2 /  | 3']);
    expect(reasons(read)).toEqual(['mergedCells']);
  });

  it('is read from frames of one cell', async () => {
    expect(lines(await html('<table><tr><td><p>One</p><ul><li>two</li></ul></td></tr></table>'))).toEqual([
      'paragraph One',
      '- two',
    ]);
  });

  it('is a list again where the editor of blocks had one', async () => {
    const read = await html(item(0, 'ordered', 'one') + item(1, 'unordered', 'two'));
    expect(lines(read)).toEqual(['1. one', '  - two']);
  });
});

const written = async (body: string) => toMarkdown(await html(body)).text;

describe('Markdown that is written', () => {
  it('has signs where they are read as signs', async () => {
    expect(await written('<p>a<b> bold </b>b <i>it</i>alic <b>end.</b>after <b><i>both</i> one</b></p>')).toBe(
      'a **bold** b *it*alic **end**.after **_both_ one**',
    );
    expect(await written('<p><code>a`b</code> <a href="https://example.com/a_(b)">x]y</a></p>')).toBe(
      '``a`b`` [x\\]y](https://example.com/a_%28b%29)',
    );
    expect(await written('<p><a href="https://example.com/a">https://example.com/a</a></p>')).toBe(
      'https://example.com/a',
    );
  });

  it('escapes what would become a sign', async () => {
    expect(await written('<p>1. not * a _list_ &lt;b&gt; &amp;amp; [x](y) snake_case</p><p># no</p><p>- no</p>')).toBe(
      '1\\. not \\* a \\_list\\_ \\<b> \\&amp; [x\\](y) snake_case\n\n\\# no\n\n\\- no',
    );
    expect(await written('<table><tr><th>a|b</th><th>c</th></tr><tr><td>1<br>2</td><td></td></tr></table>')).toBe(
      '| a\\|b | c |\n| --- | --- |\n| 1<br>2 |  |',
    );
  });
});
