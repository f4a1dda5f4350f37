import type { Locator, Page } from 'playwright-core';

/** Input devices; a test that is repeated for each has to pass with each. */
const INPUT_DEVICES = ['mouse', 'keyboard', 'touch'] as const;
export type InputDevice = (typeof INPUT_DEVICES)[number];

/** Farther than any page needs. */
const MAX_STEPS = 200;

/** A user at a page. Counts clicks, taps and pressed keys, but not the keys of typed text. */
export class User {
  clicks = 0;
  keys = 0;

  constructor(
    readonly page: Page,
    readonly way: InputDevice,
  ) {}

  /** Does what is there to be done: clicks it, or goes to it by keys and presses it. */
  async use(target: Locator): Promise<void> {
    if (this.way === 'keyboard') {
      await this.reach(target);
      // Arrows open the tab they come to.
      if ((await target.getAttribute('role')) === 'tab' && (await target.getAttribute('aria-selected')) === 'true')
        return;
      await this.press((await needsSpace(target)) ? 'Space' : 'Enter');
      return;
    }
    this.clicks += 1;
    await (this.way === 'touch' ? target.tap() : target.click());
  }

  /** Goes into a field and writes in place of what it holds. */
  async write(target: Locator, text: string): Promise<void> {
    await this.enter(target);
    await this.press('ControlOrMeta+a');
    await this.type(text);
  }

  /** Goes into a field; it holds what it held. */
  async enter(target: Locator): Promise<void> {
    if (this.way === 'keyboard') await this.reach(target);
    else {
      this.clicks += 1;
      await (this.way === 'touch' ? target.tap() : target.click());
    }
  }

  /** Types words, which are not counted. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Presses keys, each of which counts. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.keys += 1;
      await this.page.keyboard.press(key);
    }
  }

  /** Goes to something by keys alone: by Tab, within menus and lists by arrows. Its focus has to be seen. */
  async reach(target: Locator): Promise<void> {
    await target.waitFor();
    const role = await target.evaluate((element) => element.getAttribute('role') ?? (element as HTMLInputElement).type);
    let seen = '';
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const at = await target.evaluate(locateFocus);
      if (at.reached) {
        if (at.hidden) throw new Error(`the focus is not seen on ${target.toString()}: ${at.hidden}`);
        return;
      }
      seen = at.now;
      await this.press(nextKey(role, at));
    }
    throw new Error(`${target.toString()} cannot be reached by keyboard; the focus was last on ${seen}`);
  }
}

interface FocusPosition {
  reached: boolean;
  /** Why the focus would not be seen there. */
  hidden: string;
  /** Whether the target stands before what is focused. */
  before: boolean;
  /** What is focused. */
  now: string;
  /** Whether both belong to one row of tabs, or one group of choices: within these arrows lead on. */
  together: boolean;
}

/** Runs on the page. */
function locateFocus(target: Element): FocusPosition {
  const active = document.activeElement ?? document.body;
  // An option of a list is never focused itself: the field above it says which one is meant.
  const option = target.getAttribute('role') === 'option';
  const reached = option
    ? target.hasAttribute('data-combobox-selected') || active.getAttribute('aria-activedescendant') === target.id
    : active === target || (target.contains(active) && target.matches('label, [role="gridcell"]'));
  let hidden = '';
  if (reached && !option) {
    const box = active.getBoundingClientRect();
    const drawn = box.width >= 2 ? box : (active.parentElement ?? active).getBoundingClientRect();
    const inView = drawn.bottom > 0 && drawn.right > 0 && drawn.top < innerHeight && drawn.left < innerWidth;
    if (!inView) hidden = 'it is outside the window';
    else if (!active.matches(':focus-visible')) hidden = 'it is not shown as focused';
    else {
      const [x, y] = [
        Math.min(innerWidth - 1, Math.max(0, (drawn.left + drawn.right) / 2)),
        Math.min(innerHeight - 1, Math.max(0, (drawn.top + drawn.bottom) / 2)),
      ];
      const top = document.elementFromPoint(x, y);
      const same = top && (active.contains(top) || top.contains(active) || active.parentElement?.contains(top));
      if (!same) hidden = `${top?.tagName} ${top?.className} covers it`;
    }
  }
  return {
    reached,
    hidden,
    before:
      (active.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING) !== 0 && active !== document.body,
    now: `${active.tagName.toLowerCase()} “${active.getAttribute('aria-label') ?? active.textContent?.trim().slice(0, 40) ?? ''}”`,
    together: ['[role="tablist"]', '[role="radiogroup"]'].some((group) => target.closest(group)?.contains(active)),
  };
}

function nextKey(role: string | null, at: FocusPosition): string {
  if (role === 'menuitem' || role === 'option') return 'ArrowDown';
  if (at.together && role === 'tab') return at.before ? 'ArrowLeft' : 'ArrowRight';
  if (at.together && role === 'radio') return at.before ? 'ArrowUp' : 'ArrowDown';
  return at.before ? 'Shift+Tab' : 'Tab';
}

/** Boxes and switches are turned by the space bar; Enter would send their form. */
function needsSpace(target: Locator): Promise<boolean> {
  return target.evaluate((element) => {
    const role = element.getAttribute('role');
    return (
      element.matches('input[type="checkbox"], input[type="radio"]') ||
      role === 'checkbox' ||
      role === 'switch' ||
      role === 'radio'
    );
  });
}
