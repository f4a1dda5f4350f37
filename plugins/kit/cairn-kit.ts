/**
 * What a plugin's page in a frame of Cairn's admin UI can do. Built to `cairn-kit.js`, one file without imports: put it into the package's `admin/`
 * folder and load it before your own script, `<script src="cairn-kit.js"></script>`. It gives `cairn`; README.md beside this file is its reference.
 */

interface CairnTheme {
  scheme: 'light' | 'dark';
  variables: Record<string, string>;
}

interface CairnDocument {
  contentType: string;
  documentId: string;
  locale?: string;
  /** What is in the open form, as far as the plugin was granted to read it. */
  values: Record<string, unknown> | null;
}

/** The field that this page draws: `kind = "field"`. */
interface CairnField {
  /** Of its attribute. */
  name: string;
  label: string;
  value: unknown;
  /** The kind of its value: `string`, `integer`, `json` … */
  type: string;
  required: boolean;
  /** It may not be changed now: show it so, `field.set` is refused. */
  readOnly: boolean;
  /** What is wrong with it, in the language of whoever looks. The admin UI shows that as well. */
  errors: string[];
}

interface CairnResponse {
  status: number;
  /** What JSON says where the route answered that, a text where it answered one; an `ArrayBuffer` of everything else, such as a PDF. */
  body: unknown;
  /** The media type without its parameters: `application/pdf`. */
  type: string;
  /** What the file is called, where the route says so. */
  name: string | null;
}

interface CairnQuery {
  type: string;
  filters?: Record<string, unknown>;
  fields?: string[];
  sort?: string[];
  populate?: string[];
  pagination?: { page?: number; pageSize?: number };
  locale?: string;
  status?: 'draft' | 'published';
  search?: string;
}

/** What is told without being asked for. */
interface CairnEvents {
  theme: CairnTheme;
  locale: string;
  parameters: Record<string, string>;
  /** The open form has changed; `document.get` tells how. */
  document: null;
  /** Documents of these types have changed, of those that `watch` follows. */
  change: string[];
  /** The field stands otherwise, by whomever: typed here, undone, saved by somebody else. */
  field: CairnField;
}

interface CairnStart {
  plugin: string;
  view: string;
  locale: string;
  theme: CairnTheme;
  document: Omit<CairnDocument, 'values'> | null;
  parameters: Record<string, string>;
  /** `page`: it is a page by itself; `part`: it stands beside something else. */
  room: 'page' | 'part';
}

class CairnError extends Error {
  constructor(
    /** `invalid`, `denied`, `not-found`, `conflict`, `busy`, `failed`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CairnError';
  }
}

const cairn = (() => {
  const LINE = 1;
  const nonce = /(?:^#|&)cairn=([0-9a-f]{32})/.exec(location.hash)?.[1];
  // The nonce is for the first word alone: scripts that look at the address later need not see it.
  try {
    history.replaceState(null, '', location.pathname + location.search);
  } catch {
    // Some browsers refuse that to a page without an origin; the nonce has been used by then, and works once.
  }
  const listeners: { [Name in keyof CairnEvents]: Set<(value: CairnEvents[Name]) => void> } = { theme: new Set(), locale: new Set(), parameters: new Set(), document: new Set(), change: new Set(), field: new Set() };
  const waiting = new Map<number, { done: (value: unknown) => void; failed: (error: CairnError) => void }>();
  const watches = new Set<readonly string[]>();
  let followed = '[]';
  let following = false;
  let texts: Record<string, Record<string, string>> = {};
  let started: CairnStart | undefined;
  let port: MessagePort | undefined;
  let count = 0;

  const dress = ({ scheme, variables }: CairnTheme): void => {
    const root = document.documentElement;
    root.style.colorScheme = scheme;
    root.dataset.scheme = scheme;
    for (const [name, value] of Object.entries(variables)) root.style.setProperty(`--cairn-${name}`, value);
  };

  /** The typeface of the admin UI, `--cairn-font`: a frame has none of its own. */
  const loadTypeface = (): void => {
    const sheet = document.createElement('link');
    sheet.rel = 'stylesheet';
    sheet.href = '/cairn/typeface/inter.css';
    document.head.prepend(sheet);
  };

  const take = <Name extends keyof CairnEvents>(event: Name, value: CairnEvents[Name]): void => {
    if (started && event !== 'document' && event !== 'change' && event !== 'field') (started as unknown as Record<string, unknown>)[event] = value;
    if (event === 'theme') dress(value as CairnTheme);
    if (event === 'locale') document.documentElement.lang = String(value);
    for (const listener of listeners[event] ?? []) listener(value);
  };

  /** Resolves once the admin UI has let this page in. */
  const ready = new Promise<CairnStart>((done, failed) => {
    if (!nonce || window.parent === window) {
      failed(new CairnError('failed', 'this page is not in a frame of the admin UI'));
      return;
    }
    const onMessage = (event: MessageEvent): void => {
      const [handed] = event.ports;
      // The admin UI speaks past the empty page that is between: by its origin it is known, and by the nonce that nobody else has.
      if (event.origin !== location.origin || event.data?.cairn !== LINE || event.data.welcome !== nonce || !handed) return;
      window.removeEventListener('message', onMessage);
      const { cairn: _line, welcome: _nonce, ...start } = event.data;
      started = start as CairnStart;
      port = handed;
      port.onmessage = ({ data }) => {
        if (typeof data?.event === 'string') {
          take(data.event, data.value);
          return;
        }
        const asked = waiting.get(data?.id);
        waiting.delete(data?.id);
        if (data?.error) asked?.failed(new CairnError(data.error.code, data.error.message));
        else asked?.done(data?.value);
      };
      loadTypeface();
      take('theme', started.theme);
      take('locale', started.locale);
      done(started);
    };
    window.addEventListener('message', onMessage);
    // Only to the site that this page is from: nobody else who may have framed it hears the nonce.
    window.parent.postMessage({ cairn: LINE, hello: nonce }, location.origin);
  });
  // Who never asks for anything is not told that nobody listens.
  ready.catch(() => undefined);

  const ask = async <Answer>(what: string, given: object = {}): Promise<Answer> => {
    await ready;
    count += 1;
    const id = count;
    return new Promise<Answer>((done, failed) => {
      waiting.set(id, { done: done as (value: unknown) => void, failed });
      try {
        port?.postMessage({ id, do: what, with: given });
      } catch {
        // A function, a promise: it cannot leave this page.
        waiting.delete(id);
        failed(new CairnError('invalid', 'what was given is no JSON'));
      }
    });
  };

  const on = <Name extends keyof CairnEvents>(event: Name, listener: (value: CairnEvents[Name]) => void): (() => void) => {
    listeners[event].add(listener);
    return () => void listeners[event].delete(listener);
  };

  /** Tells the admin UI which types are followed now, if these are others than before. */
  const follow = async (): Promise<void> => {
    const types = [...new Set([...watches].flat())].sort();
    if (JSON.stringify(types) === followed) return;
    followed = JSON.stringify(types);
    try {
      const granted = await ask<string[]>('watch', { types });
      for (const type of types) if (!granted.includes(type)) console.warn(`cairn.watch: reading ${type} is not granted to this plugin`);
    } catch (error) {
      // The next one who watches tries again.
      followed = '';
      console.warn(`cairn.watch: ${(error as Error).message}`);
    }
  };

  /** All that is watched and ended in one go is told once. */
  const followSoon = (): void => {
    if (following) return;
    following = true;
    queueMicrotask(() => {
      following = false;
      void follow();
    });
  };

  const watch = (types: string | readonly string[], listener: (types: string[]) => void): (() => void) => {
    const own = typeof types === 'string' ? [types] : [...types];
    const stop = on('change', (changed) => {
      const ours = changed.filter((type) => own.includes(type));
      if (ours.length > 0) listener(ours);
    });
    watches.add(own);
    followSoon();
    return () => {
      stop();
      if (watches.delete(own)) followSoon();
    };
  };

  return {
    ready,
    on,
    /** Asks a route of this plugin as whoever looks: `call('GET', '/bookings/open?page=2')`. A refusal is an answer as well. 16 MiB at most. */
    call: (method: string, path: string, body?: unknown) => ask<CairnResponse>('call', { method, path, body }),
    /** Reads documents with the rights of whoever looks, within what the plugin was granted. */
    read: (query: CairnQuery) => ask<{ data: Record<string, unknown>[]; total: number }>('read', query),
    /**
     * Calls with the types of which documents have changed, whoever changed them: of these types, 20 on a page at most, as far as whoever looks may
     * read the documents. Changes that come together are told once. Answers how to end it.
     */
    watch,
    document: {
      /** The document this page stands beside; `null` where there is none. */
      get: () => ask<CairnDocument | null>('document.get'),
      /** Calls when the open form has changed. Answers how to end it. */
      watch: (listener: () => void) => on('document', listener),
      /** Proposes values for fields of the open form; whether they were taken over. */
      propose: (values: Record<string, unknown>) => ask<boolean>('document.propose', { values }),
    },
    /** The field that this page draws, in the view of one; elsewhere all of it is `not-found`. */
    field: {
      get: () => ask<CairnField>('field.get'),
      /** Calls with how the field stands when that has changed. Answers how to end it. */
      watch: (listener: (field: CairnField) => void) => on('field', listener),
      /** Puts a value into the open form as if it had been typed; `null` empties the field. JSON, 1 MiB at most, of the field's type. */
      set: (value: unknown) => ask<null>('field.set', { value }),
    },
    /** Goes to a path of the admin UI: `/content/plugin::crm.deal`. */
    navigate: (path: string) => ask<null>('navigate', { path }),
    toast: (text: string, tone: 'info' | 'success' | 'warning' | 'danger' = 'info') => ask<null>('toast', { text, tone }),
    /** Asks in a dialog of the admin UI; whether they agreed. */
    dialog: (question: { title: string; text: string; confirm?: string; danger?: boolean }) => ask<boolean>('dialog', question),
    pick: {
      document: (type: string) => ask<{ contentType: string; documentId: string } | null>('pick', { kind: 'document', type }),
      file: () => ask<{ documentId: string; name: string; mime: string } | null>('pick', { kind: 'file' }),
    },
    /** How this page is dressed; `on('theme', …)` tells when that changes. */
    theme: () => started?.theme,
    locale: () => started?.locale,
    parameters: () => started?.parameters ?? {},
    /** Takes the texts that `t` has, by language and key. */
    texts: (all: Record<string, Record<string, string>>): void => {
      texts = all;
    },
    /** A text in the language of whoever looks, else in English, else its key. `{name}` is replaced. */
    t: (key: string, values: Record<string, string | number> = {}): string => {
      const found = texts[started?.locale ?? 'en']?.[key] ?? texts.en?.[key] ?? key;
      return found.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
    },
    /** Makes the frame as high as this page, now and whenever that changes. Answers how to end it. */
    resize: (): (() => void) => {
      let last = 0;
      const look = (): void => {
        const { marginTop, marginBottom } = getComputedStyle(document.body);
        const height = Math.ceil(document.body.getBoundingClientRect().height + parseFloat(marginTop) + parseFloat(marginBottom));
        if (Math.abs(height - last) < 2) return;
        last = height;
        void ask('resize', { height }).catch(() => undefined);
      };
      const observer = new ResizeObserver(look);
      observer.observe(document.body);
      look();
      return () => observer.disconnect();
    },
    /** What the admin UI keeps of this view for whoever looks: 8,000 characters of JSON. */
    state: {
      get: () => ask<unknown>('state.get'),
      set: (value: unknown) => ask<null>('state.set', { value }),
    },
  };
})();
