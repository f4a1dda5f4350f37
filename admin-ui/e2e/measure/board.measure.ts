import { beforeAll, describe, test } from 'vitest';
import { startStage, TOKENS, withAdmin } from '../harness';
import { waitForValue } from '../harness/patience';
import { installPlugin } from '../harness/plugins';
import { clickUntil, formatPercentiles, spread } from './clock';

const RUNS = Number(process.env.MEASURE_RUNS ?? 7);
const CARDS = Number(process.env.MEASURE_CARDS ?? 10_000);
/** Requests at a time that fill the board. */
const WRITERS = 8;
/** Frames as soon as they are ready, not sixty times a second. */
const UNBOUND = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];
/** The columns, with their parts of all cards: most of them are done. */
const COLUMNS = [
  { stage: 'new', label: 'New', part: 0.05 },
  { stage: 'open', label: 'Open', part: 0.15 },
  { stage: 'waiting', label: 'Waiting for the requester', part: 0.1 },
  { stage: 'solved', label: 'Solved', part: 0.7 },
] as const;

const TICKET = 'plugin::desk.ticket';
const BOARD = '/plugins/desk/pages/board';
const NUMBERS = '/plugins/desk/pages/numbers';

describe('speed of a board', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) }, UNBOUND);

  beforeAll(async () => {
    await installPlugin(await stage.admin('/plugins'), 'desk', 'examples/plugins');
    const stages = COLUMNS.flatMap(({ stage: name, part }) =>
      Array.from({ length: Math.round(CARDS * part) }, () => name),
    );
    let next = 0;
    const fill = async () => {
      for (let at = next++; at < stages.length; at = next++) {
        await stage.api.write(TICKET, {
          subject: `Ticket ${at}`,
          requesterName: `Requester ${at % 500}`,
          requesterEmail: `requester-${at % 500}@example.com`,
          stage: stages[at],
        });
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, fill));
  }, 3_600_000);

  test(`a board of ${CARDS} cards`, async () => {
    const visitor = await stage.admin(NUMBERS);
    const { page } = visitor;
    const column = (label: string) => page.getByRole('region', { name: label });
    const firstCards = COLUMNS.map(({ label }) => `section[aria-label="${label}"] [data-card]`);
    const opened: number[] = [];
    const answers: number[] = [];
    page.on('requestfinished', (request) => {
      if (decodeURIComponent(request.url()).includes(`/content/${TICKET}`)) answers.push(request.timing().responseEnd);
    });
    for (let run = 0; run <= RUNS; run += 1) {
      // What was read before is not shown again: the reload forgets it.
      await page.reload();
      await page.locator(`nav a[href$="${BOARD}"]`).first().waitFor();
      await page.waitForLoadState('networkidle');
      answers.length = 0;
      const took = await clickUntil(page, `nav a[href$="${BOARD}"]`, firstCards);
      if (run > 0) opened.push(took);
      else console.info(`open the board for the first time: ${took.toFixed(0)} ms`);
      if (run === RUNS) console.info(`answers for cards and counts: ${formatPercentiles(spread(answers))}`);
      await page.goBack();
    }
    console.info(`open a board of ${CARDS} cards until each column has some: ${formatPercentiles(spread(opened))}`);

    await visitor.goOn(BOARD);
    const cards = (label: string) => column(label).locator('[data-card]');
    await cards('Solved').first().waitFor();
    const dragged: number[] = [];
    const moved: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const id = (await cards('New').first().getAttribute('data-card')) ?? '';
      const isIn = (label: string) => column(label).locator(`[data-card="${id}"]`).waitFor();
      const began = performance.now();
      await cards('New')
        .first()
        .dragTo(column('Open'), { targetPosition: { x: 40, y: 10 } });
      await isIn('Open');
      dragged.push(performance.now() - began);
      await column('Open').locator(`[data-card="${id}"] a`).first().focus();
      const pressed = performance.now();
      await page.keyboard.press('Alt+ArrowLeft');
      await isIn('New');
      moved.push(performance.now() - pressed);
      // The next move begins from what the server has.
      await waitForValue(async () => {
        const { stage: place } = await stage.api.admin<{ stage: string }>('GET', `/content/${TICKET}/${id}`);
        return place === 'new' || undefined;
      });
    }
    console.info(`drag a card to another column, with the browser's own steps: ${formatPercentiles(spread(dragged))}`);
    console.info(`move a card by keyboard until it is there: ${formatPercentiles(spread(moved))}`);
  });
});
