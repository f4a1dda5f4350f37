import { toKeys, type Values } from '@/fields/form/values';
import type { EntrySession } from '../session';
import { type LiveValue, liveChanges } from './liveChanges';

/** Where a text of a page is from. */
export interface TextSource {
  uid: string;
  documentId: string;
  locale: string | undefined;
  /** As the API names it: `blocks.2.caption`. */
  path: string;
}

interface LivePreviewOptions {
  session: EntrySession;
  frame: HTMLIFrameElement;
  /** Of the site. Nobody else is listened to, or told anything. */
  origin: string;
  /** Whether the page shows the draft that is edited, and not what somebody else sees. */
  showsDraft: boolean;
  onConnect: () => void;
  /** Goes to a field of the entry that is edited, by its path in the form. */
  onField: (path: string) => void;
  /** A text of another entry, or of another language, was chosen. */
  onOther: (source: TextSource) => void;
}

const SCRIPT_PATH = '/cairn/preview.js';

/** The address of the script that a site loads. */
export const scriptAddress = (): string => `${window.location.origin}${SCRIPT_PATH}`;

/** The connection with the script on the page of a site: what is clicked there, and what is typed here. */
export class LivePreview {
  readonly #options: LivePreviewOptions;
  /** What the page was made of, as far as is known. */
  #shown: Values;
  /** Texts that the page has been told last, by their paths. */
  #told = new Map<string, LiveValue>();
  #connected = false;
  /** Whether the page lacks something that only the server can tell it. */
  #stale = false;
  #frame = 0;
  readonly #stops: (() => void)[];

  constructor(options: LivePreviewOptions) {
    this.#options = options;
    const { store } = options.session;
    this.#shown = store.saved;
    const hear = (event: MessageEvent<unknown>) => this.#hear(event);
    window.addEventListener('message', hear);
    this.#stops = [
      () => window.removeEventListener('message', hear),
      store.subscribeAll(() => this.#plan()),
      () => cancelAnimationFrame(this.#frame),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** The entry was saved: asks the page to draw itself anew, if it lacks something. False without a script that could. */
  saved(): boolean {
    if (!this.#connected) return false;
    if (this.#stale || this.#compare().others) this.#refresh();
    return true;
  }

  #hear({ source, origin, data }: MessageEvent<unknown>): void {
    if (source === null || source !== this.#options.frame.contentWindow || origin !== this.#options.origin) return;
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    switch (data.type) {
      case 'cairn:hello':
        this.#connected = true;
        this.#shown = this.#options.session.store.saved;
        this.#told.clear();
        this.#stale = false;
        this.#tell({ type: 'cairn:connected' });
        this.#options.onConnect();
        this.#plan();
        break;
      case 'cairn:open':
        if ('source' in data && typeof data.source === 'string') this.#open(data.source);
        break;
      case 'cairn:missed':
        this.#stale = true;
        if (!this.#options.session.unsaved) this.#refresh();
        break;
      case 'previewReady':
        // A page that was written for Strapi asks for the script.
        void this.#sendScript();
        break;
    }
  }

  #tell(message: object): void {
    this.#options.frame.contentWindow?.postMessage(message, this.#options.origin);
  }

  async #sendScript(): Promise<void> {
    const answer = await fetch(SCRIPT_PATH);
    if (!answer.ok) return;
    const script = `window.cairnAdmin=${JSON.stringify(window.location.origin)};${await answer.text()}`;
    this.#tell({ type: 'strapiScript', payload: { script } });
  }

  #refresh(): void {
    this.#shown = this.#options.session.store.saved;
    this.#told.clear();
    this.#stale = false;
    this.#tell({ type: 'strapiUpdate' });
  }

  #compare() {
    const { model, type, store } = this.#options.session;
    return liveChanges(model, type.attributes, this.#shown, store.values);
  }

  /** Once a frame: who types fast is not made to wait. */
  #plan(): void {
    if (!this.#connected || !this.#options.showsDraft || this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#tellTexts();
    });
  }

  #tellTexts(): void {
    const { documentId, locale } = this.#options.session;
    const { texts } = this.#compare();
    const changed = new Set(texts.map(({ path }) => path));
    // Undone: the page shows again what it began with.
    const undone = [...this.#told.values()]
      .filter(({ path }) => !changed.has(path))
      .map((told) => ({ ...told, to: told.from }));
    const values = [...texts, ...undone].filter(({ path, to }) => this.#told.get(path)?.to !== to);
    for (const value of values) this.#told.set(value.path, value);
    if (values.length === 0) return;
    this.#tell({ type: 'cairn:values', values: values.map((value) => ({ ...value, documentId, locale })) });
  }

  #open(description: string): void {
    const { session } = this.#options;
    const source = readSource(description);
    if (!source) return;
    const isHere = source.documentId === session.documentId && source.uid === session.type.uid;
    if (!isHere || (source.locale !== undefined && source.locale !== session.locale)) {
      this.#options.onOther(source);
      return;
    }
    const parts = source.path.split('.');
    // What has been moved since is still the same item.
    const path = toKeys(this.#shown, session.type.attributes, session.model, parts);
    if (path !== '') this.#options.onField(path);
  }
}

/** Reads what a page says of a text: anyone could have written it. */
function readSource(description: string): TextSource | null {
  const parts = new URLSearchParams(description.slice(0, 2000));
  const [uid = '', documentId = ''] = [parts.get('model') ?? '', parts.get('documentId') ?? ''];
  const [path, locale] = [parts.get('path') ?? '', parts.get('locale') ?? undefined];
  const isWhole = /^[\w.:-]{1,200}$/.test(uid) && /^[a-z0-9]{1,64}$/.test(documentId) && /^[\w.-]{1,500}$/.test(path);
  return isWhole ? { uid, documentId, path, locale } : null;
}
