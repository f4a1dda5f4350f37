// @vitest-environment jsdom
import { beforeEach, describe, expect, test, vi } from 'vitest';
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

  test('goes to the field that a page names, however it was opened', async () => {
    const made = heading();
    made.dataset.pageTitle = 'field-title';
    const field = document.createElement('input');
    field.id = 'field-title';
    document.body.append(field);
    headingFocus.offer(made);
    expect(document.activeElement).toBe(field);
    headingFocus.ask();
    await nextFrame();
    expect(document.activeElement).toBe(field);
  });

  test('waits on the heading for a field that is loaded later', async () => {
    headingFocus.ask();
    const made = heading();
    made.dataset.pageTitle = 'field-body';
    headingFocus.offer(made);
    expect(document.activeElement).toBe(made);
    const editor = document.createElement('div');
    editor.id = 'field-body';
    editor.append(document.createElement('textarea'));
    document.body.append(editor);
    await vi.waitFor(() => expect(document.activeElement).toBe(editor.firstChild));
  });
});
