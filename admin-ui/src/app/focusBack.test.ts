// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { watchDialogs } from './focusBack';

function button(within: Element): HTMLButtonElement {
  const made = document.createElement('button');
  within.append(made);
  return made;
}

function dialog(): HTMLElement {
  const made = document.createElement('div');
  made.setAttribute('role', 'dialog');
  document.body.append(made);
  return made;
}

const settled = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

describe('the focus after a dialog', () => {
  let stop: () => void;
  beforeEach(() => {
    document.body.replaceChildren();
    stop = watchDialogs();
  });
  afterEach(() => stop());

  test('returns to where it was, also after nested dialogs', async () => {
    const opener = button(document.body);
    opener.focus();
    const first = dialog();
    const inner = button(first);
    inner.focus();
    const second = dialog();
    button(second).focus();
    second.remove();
    await settled();
    expect(document.activeElement).toBe(inner);
    first.remove();
    await settled();
    expect(document.activeElement).toBe(opener);
  });

  test('stays where the page moved it', async () => {
    button(document.body).focus();
    const over = dialog();
    button(over).focus();
    const other = button(document.body);
    over.remove();
    other.focus();
    await settled();
    expect(document.activeElement).toBe(other);
  });
});
