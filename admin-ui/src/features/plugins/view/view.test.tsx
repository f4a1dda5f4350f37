import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeAll, describe, expect, it, test, vi } from 'vitest';
import { Providers, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import plugin from '@/i18n/en/plugin.json';
import pluginView from '@/i18n/en/pluginView.json';
import { adminPath, isAdminAddress } from './address';
import { barsOf, pathOf, rangeOf, slicesOf } from './chart';
import { Blocks } from './Block';
import { type RunAction, BlocksContext, narrowFilter, ViewContext, type ViewHost } from './context';
import { splitHeader } from './DeclaredView';
import { pluginMarkdown } from './markdown';
import type { Block } from './types';
import { formatDuration } from '@/ui/format';
import { loadBlocks } from './testing';

beforeAll(loadBlocks, 60_000);

const hostWith = (act: RunAction): ViewHost => ({
  plugin: 'crm',
  view: 'pipeline',
  document: undefined,
  roomy: true,
  model: { contentTypes: [], components: [], hash: '', locked: false },
  viewer: {
    model: { contentTypes: [], components: [], hash: '', locked: false },
    now: new Date(),
    me: 'a@b.example',
    locale: 'en',
  },
  navigation: { href: () => '', open: () => {} },
  language: 'en',
  choices: { tab: undefined, filters: undefined, parameters: {}, set: () => {} },
  act,
  goTo: () => {},
});

async function renderBlocks(blocks: unknown[], act: RunAction = async () => {}) {
  await startTestTexts();
  i18next.addResourceBundle('en', 'common', common);
  i18next.addResourceBundle('en', 'plugin', plugin);
  i18next.addResourceBundle('en', 'pluginView', pluginView);
  render(
    <Providers>
      <ViewContext value={hostWith(act)}>
        <BlocksContext value={Blocks}>
          <Blocks blocks={blocks as Block[]} />
        </BlocksContext>
      </ViewContext>
    </Providers>,
  );
}

describe('blocks', () => {
  it('of an unknown kind are rendered as their fallback', async () => {
    await renderBlocks([{ kind: 'hologram', fallback: { kind: 'text', text: 'flat' } }, { kind: 'constructor' }]);
    expect(screen.getByText('flat')).toBeTruthy();
    expect(screen.getByText(/cannot show “constructor”/)).toBeTruthy();
  });

  it('that fail to render do not affect the others', async () => {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {});
    await renderBlocks([
      { kind: 'steps', items: null },
      { kind: 'text', text: 'still here' },
    ]);
    expect(screen.getByText('still here')).toBeTruthy();
    expect(screen.getByText(/“steps”/)).toBeTruthy();
    quiet.mockRestore();
  });

  it("are rendered in the reader's language, as text", async () => {
    await renderBlocks([{ kind: 'text', text: { nl: 'Hallo', en: '<img src=x onerror=alert(1)>' } }]);
    expect(screen.getByText('<img src=x onerror=alert(1)>')).toBeTruthy();
    expect(document.querySelector('img')).toBeNull();
  });

  it('about a missing content type say so', async () => {
    await renderBlocks([{ kind: 'table', type: 'plugin::crm.deal' }]);
    expect(await screen.findByText(/no content type plugin::crm.deal/)).toBeTruthy();
  });

  it('are rendered when their tab is selected, and in columns all at once', async () => {
    await renderBlocks([
      {
        kind: 'tabs',
        items: [
          { label: 'One', show: [{ kind: 'text', text: 'first' }] },
          { label: 'Two', show: [{ kind: 'text', text: 'second' }] },
        ],
      },
      {
        kind: 'columns',
        items: [{ show: [{ kind: 'text', text: 'left' }] }, { show: [{ kind: 'text', text: 'right' }] }],
      },
    ]);
    expect(screen.getByText('first')).toBeTruthy();
    expect(screen.queryByText('second')).toBeNull();
    expect(screen.getByText('left') && screen.getByText('right')).toBeTruthy();
  });

  it('of numbers are also a table', async () => {
    await renderBlocks([
      {
        kind: 'chart',
        mark: 'line',
        label: 'Won',
        x: ['May', 'June'],
        series: [{ label: 'Deals', values: [3, null] }],
      },
    ]);
    expect(await screen.findByRole('figure', { name: 'Won' })).toBeTruthy();
    expect(screen.getByRole('rowheader', { name: 'May', hidden: true })).toBeTruthy();
  });
});

describe('actions', () => {
  it('ask for confirmation, and pass the requested values', async () => {
    const act = vi.fn<RunAction>(async () => {});
    const schema = { type: 'object', properties: { reason: { type: 'string', title: 'Reason' } } };
    await renderBlocks(
      [
        {
          kind: 'actions',
          items: [{ id: 'lose', call: 'lose', label: 'Lose it', confirm: 'Really?', values: { deal: 7 }, schema }],
        },
      ],
      act,
    );
    await userEvent.click(screen.getByRole('button', { name: 'Lose it' }));
    expect(act).not.toHaveBeenCalled();
    expect(await screen.findByText('Really?')).toBeTruthy();
    await userEvent.type(screen.getByLabelText('Reason'), 'price');
    await userEvent.click(screen.getAllByRole('button', { name: 'Lose it' }).at(-1) as HTMLElement);
    expect(act).toHaveBeenCalledWith('lose', { deal: 7, reason: 'price' }, undefined);
  });

  it('that are disabled give the reason, and do nothing', async () => {
    const act = vi.fn<RunAction>(async () => {});
    await renderBlocks(
      [{ kind: 'actions', items: [{ id: 'a', call: 'a', label: 'Send', disabled: 'Nothing to send' }] }],
      act,
    );
    const button = screen.getByRole('button', { name: 'Send' });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    await userEvent.click(button);
    expect(act).not.toHaveBeenCalled();
  });
});

test('a leading header becomes the page header', () => {
  const header = { kind: 'header', title: 'Deals' } as const;
  expect(splitHeader({ kind: 'stack', show: [header, { kind: 'text', text: 'x' }] })).toEqual({
    first: header,
    rest: [{ kind: 'text', text: 'x' }],
  });
  expect(splitHeader({ kind: 'text', text: 'x' })).toEqual({ first: undefined, rest: [{ kind: 'text', text: 'x' }] });
});

test('a filter bar filters only its own type', () => {
  const filter = { and: [{ field: 'stage', operator: '$eq', value: 'new' }] } as const;
  expect(narrowFilter(undefined, 'a', [{ type: 'b', filter }])).toBeUndefined();
  expect(narrowFilter(filter, 'a', [{ type: 'a', filter }])).toEqual({ and: [filter, filter] });
});

test('addresses stay within the admin UI', () => {
  expect(adminPath('/plugins/crm/pipeline?stage=new')).toBe('/plugins/crm/pipeline?stage=new');
  expect(adminPath('/admin/content/api::a.a')).toBe('/content/api::a.a');
  expect(adminPath('/admin')).toBe('/');
  for (const wrong of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '',
    'a',
    '/\n/evil',
    '/../api/x',
    '/api/crm/x',
    '/admin/api/logout',
    '/plugins/crm/frame/x.html',
    `/${'a'.repeat(3000)}`,
  ]) {
    expect(adminPath(wrong), wrong).toBeUndefined();
  }
  expect(isAdminAddress('/a')).toBe(true);
});

describe('Markdown from plugins', () => {
  it.each([
    ['![x](https://evil.example/a.png)', '<p></p>'],
    ['<script>alert(1)</script>x', 'x'],
    ['<a href="javascript:alert(1)">x</a>', '<p><a>x</a></p>'],
    ['[x](http://plain.example)', '<p><a>x</a></p>'],
    ['[x](//evil.example)', '<p><a>x</a></p>'],
    ['<b style="position:fixed" onclick="x()">y</b>', '<p>y</p>'],
    ['[x](/content)', '<p><a href="/content">x</a></p>'],
  ])('%s', (source, html) => expect(pluginMarkdown(source).trim()).toBe(html));

  it('opens external links in a new tab', () => {
    expect(pluginMarkdown('[x](https://a.example)')).toContain('target="_blank" rel="noopener noreferrer"');
  });
});

describe('charts', () => {
  it('start at zero, and leave gaps for missing values', () => {
    const series = [{ label: 'a', values: [2, null, -1] }];
    const range = rangeOf(series);
    expect(range).toEqual([-1, 2]);
    expect(barsOf(series, 3, range)).toHaveLength(2);
    expect(pathOf(series[0] as never, 3, range).match(/M/g)).toHaveLength(2);
    expect(rangeOf([])).toEqual([0, 1]);
    expect(pathOf({ label: '', values: [Number.NaN] }, 1, [0, 1])).toBe('');
  });
  it('have slices for positive values only', () => {
    expect(slicesOf([1, 0, null, 3]).map(({ at, share }) => [at, share])).toEqual([
      [0, 0.25],
      [3, 0.75],
    ]);
    expect(slicesOf([5])[0]?.path).toContain('49.99');
    expect(slicesOf([0, -2, null])).toEqual([]);
  });
});

test('durations are formatted with their two largest units', () => {
  expect(formatDuration(3 * 3_600_000 + 20 * 60_000)).toMatch(/3.*20/);
  expect(formatDuration(90_061_000)).toMatch(/1.*1/);
  expect(formatDuration(12)).toContain('12');
});
