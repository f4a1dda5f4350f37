import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeAll, describe, expect, it, test, vi } from 'vitest';
import { Providers, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import plugin from '@/i18n/en/plugin.json';
import pluginView from '@/i18n/en/pluginView.json';
import { adminPath, isAdminAddress } from './address';
import { barsOf, funnelOf, namedPlaces, pathOf, slicesOf, ticksOf } from './chart';
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
    expect(screen.getByText(/can’t show “constructor”/)).toBeTruthy();
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

describe('charts of numbers', () => {
  it('write money, on the axis in short', async () => {
    await renderBlocks([
      {
        kind: 'chart',
        mark: 'bar',
        stacked: true,
        label: 'Revenue',
        format: 'money',
        currency: 'EUR',
        x: ['May', 'June'],
        series: [
          { label: 'New', values: [12_000, 30_000.5] },
          { label: 'Repeat', values: [8_000, null] },
        ],
      },
    ]);
    const figure = await screen.findByRole('figure', { name: 'Revenue' });
    expect(figure.textContent).toContain('€40K');
    expect(screen.getByRole('cell', { name: '€30,000.50', hidden: true })).toBeTruthy();
    expect([...figure.querySelectorAll('rect title')].map(({ textContent }) => textContent)).toEqual([
      'May, New: €12,000.00',
      'June, New: €30,000.50',
      'May, Repeat: €8,000.00',
    ]);
  });

  it('are funnels, with what is left of the first', async () => {
    await renderBlocks([
      {
        kind: 'chart',
        mark: 'funnel',
        label: 'Leads',
        x: ['Came in', 'Won'],
        series: [{ label: 'Leads', values: [40, 10] }],
      },
    ]);
    const steps = within(await screen.findByRole('figure', { name: 'Leads' })).getAllByRole('listitem');
    expect(steps.map(({ textContent }) => textContent)).toEqual(['Came in40', 'Won10 (25%)']);
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

  it.each([
    ['## Design\n\n### Colour', ['H3 Design', 'H4 Colour']],
    ['# Design\n\n###### Small', ['H3 Design', 'H6 Small']],
    ['#### Deep', ['H4 Deep']],
    ['#No heading', []],
  ])('shows the headings of %j below those of the page', (source, headings) => {
    const box = document.createElement('div');
    box.innerHTML = pluginMarkdown(source);
    const found = [...box.querySelectorAll('h1, h2, h3, h4, h5, h6')];
    expect(found.map(({ tagName, textContent }) => `${tagName} ${textContent}`)).toEqual(headings);
  });

  it('opens external links in a new tab', () => {
    expect(pluginMarkdown('[x](https://a.example)')).toContain('target="_blank" rel="noopener noreferrer"');
  });
});

const seriesOf = (...all: (number | null)[][]) => all.map((values) => ({ label: '', values }));

/** The path of a line through values. */
const pathThrough = (values: (number | null)[]) => pathOf({ label: '', values }, values.length, [0, 2]);

describe('charts', () => {
  it('start at zero, and leave gaps for missing values', () => {
    const series = seriesOf([2, null, -1]);
    expect(ticksOf(series, 3)).toEqual([-1, 0, 1, 2]);
    expect(barsOf(series, 3, [-1, 2])).toHaveLength(2);
    expect(pathOf(series[0] as never, 3, [-1, 2]).match(/M/g)).toHaveLength(2);
    expect(pathOf({ label: '', values: [Number.NaN] }, 1, [0, 1])).toBe('');
  });
  it.each([
    [[], [0, 1]],
    [
      [0, 0],
      [0, 1],
    ],
    [[1], [0, 1]],
    [[7], [0, 2, 4, 6, 8]],
    [[0.3], [0, 0.1, 0.2, 0.3]],
    [[-3], [-3, -2, -1, 0]],
    [
      [1_234, 48_210],
      [0, 10_000, 20_000, 30_000, 40_000, 50_000],
    ],
    [
      [Number.NaN, null],
      [0, 1],
    ],
  ])('have round numbers beside them: %j', (values, ticks) => {
    expect(ticksOf(seriesOf(values), 10)).toEqual(ticks);
  });
  it.each([1e-320, 5e-324, 1e-20, 3e18, 1.7e308])('divide any range into few parts: %d', (value) => {
    const ticks = ticksOf(seriesOf([value, -value], [value, value]), 2, true);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThan(8);
    expect(ticks.every(Number.isFinite)).toBe(true);
  });
  it('draw a single place neither as a block nor as nothing', () => {
    expect(barsOf(seriesOf([2]), 1, [0, 2])).toMatchObject([{ x: 240, width: 120 }]);
    expect(barsOf(seriesOf([2], [1]), 1, [0, 2])).toMatchObject([
      { x: 240, width: 60 },
      { x: 300, width: 60 },
    ]);
    expect(pathThrough([1])).toBe('M294 110L306 110');
    expect(pathThrough([1, null])).toBe('M0 110L12 110');
    expect(pathThrough([null, 1])).toBe('M588 110L600 110');
  });
  it('stack what is above zero upwards and what is below it downwards', () => {
    const series = seriesOf([3, -1], [4, null], [-2, -5]);
    expect(ticksOf(series, 2, true)).toEqual([-10, -5, 0, 5, 10]);
    const bars = barsOf(series, 2, [-10, 10], true);
    expect(bars.map(({ series: at, place, y, height }) => [at, place, y, height])).toEqual([
      [0, 0, 77, 33],
      [0, 1, 110, 11],
      [1, 0, 33, 44],
      [2, 0, 110, 22],
      [2, 1, 121, 55],
    ]);
    expect(new Set(bars.map(({ x }) => x)).size).toBe(2);
  });
  it('name as many places as have room, evenly', () => {
    expect(namedPlaces(8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(namedPlaces(12)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(namedPlaces(400)).toHaveLength(8);
    expect(namedPlaces(0)).toEqual([]);
  });
  it('are funnels of what is left of the first number', () => {
    expect(funnelOf([40, 10, null, -1], 5)).toEqual([
      { value: 40, width: 1, share: 1 },
      { value: 10, width: 0.25, share: 0.25 },
      { value: null, width: 0, share: null },
      { value: -1, width: 0, share: -0.025 },
      { value: null, width: 0, share: null },
    ]);
    expect(funnelOf([0, 3], 2)).toEqual([
      { value: 0, width: 0, share: null },
      { value: 3, width: 1, share: null },
    ]);
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
