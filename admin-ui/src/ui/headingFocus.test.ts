import { beforeEach, describe, expect, test } from 'vitest';
import { headingFocus } from './headingFocus';

function heading(): HTMLElement {
  const made = document.createElement('h1');
  made.tabIndex = -1;
  made.dataset.pageTitle = '';
  document.body.append(made);
  return made;
}

const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

describe('the focus after a change of page', () => {
  beforeEach(() => document.body.replaceChildren());

  test('goes to the next heading, once', () => {
    headingFocus.ask();
    const first = heading();
    headingFocus.offer(first);
    expect(document.activeElement).toBe(first);
    headingFocus.offer(heading());
    expect(document.activeElement).toBe(first);
  });

  test('moves on to a page that loads after the previous one has left', async () => {
    const old = heading();
    headingFocus.ask();
    await nextFrame();
    expect(document.activeElement).toBe(old);
    old.remove();
    const next = heading();
    headingFocus.offer(next);
    expect(document.activeElement).toBe(next);
  });

  test('stays where the user has moved it meanwhile', async () => {
    const old = heading();
    headingFocus.ask();
    await nextFrame();
    old.remove();
    const field = document.createElement('input');
    document.body.append(field);
    field.focus();
    headingFocus.offer(heading());
    expect(document.activeElement).toBe(field);
  });
});
