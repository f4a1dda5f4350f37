/*! @cairn/preview: opens the field of a text that is clicked in the live preview of Cairn. MIT. */
(() => {
  'use strict';
  if (window.cairnPreview) return;
  window.cairnPreview = true;

  /** Marks as `@vercel/stega` writes them: digits of base four without width, after four zeros. */
  const START = '\u200b'.repeat(4);
  const MARKS = /[\u200b-\u200d\ufeff]{8,}/g;
  const DIGITS = '\u200b\u200c\u200d\ufeff';
  const MARKED = '[data-cairn-source],[data-strapi-source]';
  const CONTROL = 'a[href],area[href],button,summary,label,input,select,textarea,[role=button]';
  /** Attributes that are shown as text, and cannot do anything. No other is changed while somebody types. */
  const TEXT_ATTRIBUTES = new Set(['alt', 'title', 'placeholder', 'aria-label', 'aria-description']);
  /** Elements whose text is for programs, some of which compare it with what the server has sent. */
  const NO_TEXT = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'NOSCRIPT']);
  const DOUBLE_CLICK_MS = 300;

  const script = document.currentScript;
  /** The origin of the admin: the only one that is told anything, and the only one that is believed. */
  const admin = originOf(script?.dataset.admin ?? window.cairnAdmin ?? script?.src);
  /** A site that has the script from the admin refreshes itself, as sites for Strapi do. */
  const refreshesItself = script !== null && !script.src;

  let isConnected = false;
  /** Places that show marked text: a text node or an attribute, cut where marks were. */
  const places = new Set();
  /** Elements that have their source from a mark. */
  const marked = new WeakSet();

  function originOf(address) {
    try {
      return new URL(address).origin;
    } catch {
      return null;
    }
  }

  /** The first source in a run of digits: texts without anything between them have marks in a row. */
  function decode(digits) {
    const bytes = new Uint8Array(digits.length / 4);
    bytes.forEach((_, at) => {
      for (const digit of digits.slice(at * 4, at * 4 + 4)) bytes[at] = bytes[at] * 4 + DIGITS.indexOf(digit);
    });
    for (const mark of new TextDecoder().decode(bytes).split('\0'))
      try {
        const { strapiSource } = JSON.parse(mark);
        if (typeof strapiSource === 'string') return strapiSource;
      } catch {
        // Characters of the text itself, or marks of somebody else.
      }
    return null;
  }

  /** Takes the marks out of a text node or an attribute, and remembers where they were. */
  function clean(node, name) {
    const text = name ? node.getAttribute(name) : node.nodeValue;
    if (!text?.includes(START)) return;
    const place = { node, name, texts: [], sources: [], values: [] };
    let from = 0;
    for (const { 0: run, index } of text.matchAll(MARKS)) {
      // What is over at the beginning is the end of the text.
      const start = run.length % 4;
      place.texts.push(text.slice(from, index + start));
      place.sources.push(decode(run.slice(start)));
      from = index + run.length;
    }
    place.texts.push(text.slice(from));
    for (const old of places) if (old.node === node && old.name === name) places.delete(old);
    places.add(place);
    write(place);
    const element = name ? node : node.parentElement;
    const source = place.sources.find((found) => found !== null);
    if (!element || !source) return;
    // What the site says itself counts more.
    if (marked.has(element) || !element.matches(MARKED)) {
      marked.add(element);
      element.setAttribute('data-cairn-source', source);
      element.setAttribute('data-strapi-source', source);
    }
    if (isConnected) makeFocusable(element);
  }

  function read({ node, name }) {
    return name ? node.getAttribute(name) : node.nodeValue;
  }

  function write(place) {
    const text = place.texts.join('');
    if (place.name) place.node.setAttribute(place.name, text);
    else place.node.nodeValue = text;
  }

  function scan(root) {
    if (root.nodeType === Node.TEXT_NODE) {
      if (!NO_TEXT.has(root.parentNode?.nodeName)) clean(root);
      return;
    }
    if (root.nodeType !== Node.ELEMENT_NODE || NO_TEXT.has(root.nodeName)) return;
    for (const { name, value } of [...root.attributes]) if (value.includes(START)) clean(root, name);
    for (const child of root.childNodes) scan(child);
  }

  function makeFocusable(element) {
    if (element.tabIndex < 0 && document.body?.contains(element)) element.tabIndex = 0;
  }

  /** Puts in what is typed, as text. What cannot be found again is left until the page is drawn anew. */
  function showValue({ documentId, locale, path, from, to }) {
    let isShown = false;
    for (const place of places) {
      if (!place.node.isConnected) places.delete(place);
      else
        place.sources.forEach((source, at) => {
          const found = new URLSearchParams(source ?? '');
          const elsewhere = found.get('locale') && locale && found.get('locale') !== locale;
          if (found.get('documentId') !== documentId || found.get('path') !== path || elsewhere) return;
          const text = place.texts[at];
          const old = place.values[at] ?? from;
          const isAsLeft = read(place) === place.texts.join('') && text.endsWith(old);
          if (!isAsLeft || (place.name && !TEXT_ATTRIBUTES.has(place.name))) return tell({ type: 'cairn:missed' });
          place.texts[at] = text.slice(0, text.length - old.length) + to;
          place.values[at] = to;
          write(place);
          isShown = true;
        });
    }
    if (!isShown) tell({ type: 'cairn:missed' });
  }

  function tell(message) {
    if (admin) window.parent.postMessage(message, admin);
  }

  function openField(element) {
    const source = element.dataset.cairnSource ?? element.dataset.strapiSource;
    tell({ type: 'cairn:open', source });
  }

  // The outline and its label lie over the page, and no event of the page meets them.
  const box = document.createElement('div');
  const label = document.createElement('div');
  let outlined = null;
  Object.assign(box.style, {
    position: 'fixed',
    pointerEvents: 'none',
    zIndex: '2147483647',
    outline: '1px solid #4263eb',
    outlineOffset: '2px',
    display: 'none',
  });
  Object.assign(label.style, {
    position: 'absolute',
    insetBlockEnd: 'calc(100% + 2px)',
    insetInlineStart: '-3px',
    padding: '1px 6px',
    background: '#4263eb',
    color: '#fff',
    font: '12px/16px system-ui, sans-serif',
    whiteSpace: 'nowrap',
  });
  box.setAttribute('aria-hidden', 'true');
  box.append(label);

  function outline(element) {
    outlined = element;
    if (!element) {
      box.style.display = 'none';
      return;
    }
    const source = new URLSearchParams(element.dataset.cairnSource ?? element.dataset.strapiSource);
    const names = (source.get('path') ?? '').split('.').filter((part) => !/^\d+$/.test(part));
    label.textContent = names.pop() ?? '';
    const { top, left, width, height } = element.getBoundingClientRect();
    // At the top of the window the label is below.
    label.style.insetBlockEnd = top < 20 ? 'auto' : 'calc(100% + 2px)';
    label.style.insetBlockStart = top < 20 ? 'calc(100% + 2px)' : 'auto';
    Object.assign(box.style, { top: `${top}px`, left: `${left}px`, width: `${width}px`, height: `${height}px` });
    box.style.display = 'block';
    if (!box.isConnected) document.body.append(box);
  }

  function markedAt(event) {
    return event.target instanceof Element ? event.target.closest(MARKED) : null;
  }

  function connect() {
    if (isConnected) return;
    isConnected = true;
    for (const element of document.querySelectorAll(MARKED)) makeFocusable(element);
    let following;
    const follow = (event) => outline(markedAt(event));
    addEventListener('mouseover', follow, true);
    addEventListener('focusin', follow, true);
    addEventListener('focusout', () => outline(null), true);
    document.documentElement.addEventListener('mouseleave', () => outline(null));
    for (const name of ['scroll', 'resize']) addEventListener(name, () => outlined && outline(outlined), true);
    addEventListener(
      'click',
      (event) => {
        const element = markedAt(event);
        const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
        // Clicks by keyboard have no count, and those of scripts are not the editor's. Who selects text wants to copy it.
        if (!element || !isPlain || !event.isTrusted || event.detail === 0) return;
        const control = event.target.closest(CONTROL);
        if (!control && !getSelection().isCollapsed && event.detail === 1) return;
        event.preventDefault();
        event.stopPropagation();
        clearTimeout(following);
        if (!control || event.detail > 1) openField(element);
        // A link is followed once it is clear that no second click comes.
        else following = setTimeout(() => event.target.click(), DOUBLE_CLICK_MS);
      },
      true,
    );
    addEventListener(
      'keydown',
      (event) => {
        const element = markedAt(event);
        if (event.key !== 'Enter' || !element || !event.isTrusted) return;
        if (event.target.closest(CONTROL) && !event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        openField(element);
      },
      true,
    );
  }

  function refresh() {
    const isLeft = dispatchEvent(new CustomEvent('cairn:refresh', { cancelable: true }));
    if (isLeft && !refreshesItself) location.reload();
  }

  new MutationObserver((changes) => {
    // Changes of the outline itself would go on for ever.
    const others = changes.filter(({ target }) => !box.contains(target));
    for (const { type, target, attributeName, addedNodes } of others) {
      if (type === 'childList') addedNodes.forEach(scan);
      else if (type === 'attributes') clean(target, attributeName);
      else scan(target);
    }
    if (outlined && others.length > 0) outline(outlined.isConnected ? outlined : null);
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  scan(document.documentElement);

  // A page that nobody frames shows its texts without marks, and no more.
  if (!admin || window.parent === window) return;
  addEventListener('message', ({ source, origin, data }) => {
    if (source !== window.parent || origin !== admin || typeof data !== 'object' || data === null) return;
    if (data.type === 'cairn:connected') connect();
    else if (data.type === 'cairn:values' && Array.isArray(data.values)) data.values.forEach(showValue);
    else if (data.type === 'strapiUpdate') refresh();
  });
  tell({ type: 'cairn:hello' });
})();
