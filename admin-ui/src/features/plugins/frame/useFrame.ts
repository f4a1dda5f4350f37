import { type RefObject, useEffect, useRef, useState } from 'react';
import { ApiError, OfflineError } from '@/api/client';
import {
  isHello,
  KIT_LINE,
  KitError,
  type KitRequest,
  newNonce,
  readRequest,
  Throttle,
  transferables,
} from './protocol';

/** What the frame is told when it is let in. */
type WelcomeMessage = Record<string, unknown>;

/** How far a frame has come. `left`: it went to another page by itself, and nothing is said to that. */
export type FrameState = 'loading' | 'ready' | 'left';

interface FrameOptions {
  /** The address of the frame's page. */
  address: string;
  title: string;
  welcome: () => WelcomeMessage;
  answer: (request: KitRequest) => Promise<unknown>;
}

/** How a failure is told to a frame: its kind, and nothing that the server has not said for others. */
function toKitFailure(error: unknown): { code: string; message: string } {
  if (error instanceof KitError) return { code: error.code, message: error.message };
  if (error instanceof OfflineError) return { code: 'failed', message: 'the server cannot be reached' };
  if (error instanceof ApiError) {
    const code =
      error.status === 403 || error.status === 401
        ? 'denied'
        : error.status === 404
          ? 'not-found'
          : error.status === 409
            ? 'conflict'
            : error.status < 500
              ? 'invalid'
              : 'failed';
    return { code, message: error.message };
  }
  return { code: 'failed', message: 'that did not work' };
}

/**
 * A plugin's page in a frame within a frame. The outer one is empty and ours: its policy lets the inner one go nowhere but around its own folder,
 * so that it cannot carry anything away in an address. The inner one has no origin: no cookies, no storage, no way to the page around it but one port,
 * which is handed over once, to who knows the nonce of its address.
 */
export function useFrame(
  outer: RefObject<HTMLIFrameElement | null>,
  options: FrameOptions,
): { state: FrameState; send: (event: string, value: unknown) => void } {
  const [state, setState] = useState<FrameState>('loading');
  const port = useRef<MessagePort>(null);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const { address, title } = options;
  useEffect(() => {
    const around = outer.current;
    if (!around) return undefined;
    let end: (() => void) | undefined;
    const begin = (): void => {
      end ??= mountInnerFrame(around, { address, title, latest, port, setState });
    };
    // A frame begins with an empty page, which goes when the one that it was given comes.
    if (around.contentDocument?.URL === 'about:srcdoc' && around.contentDocument.readyState === 'complete') begin();
    around.addEventListener('load', begin);
    return () => {
      around.removeEventListener('load', begin);
      end?.();
      setState('loading');
    };
  }, [outer, address, title]);
  return { state, send: (event, value) => port.current?.postMessage({ event, value }) };
}

interface InnerFrameOptions {
  address: string;
  title: string;
  latest: RefObject<FrameOptions>;
  port: RefObject<MessagePort | null>;
  setState: (state: FrameState) => void;
}

/** Puts the plugin's page into the outer frame. Answers how to take it out. */
function mountInnerFrame(
  around: HTMLIFrameElement,
  { address, title, latest, port, setState }: InnerFrameOptions,
): (() => void) | undefined {
  const [page, document] = [around.contentWindow, around.contentDocument];
  if (!page || !document) return undefined;
  const nonce = newNonce();
  const throttle = new Throttle(32, 300, 10_000);
  let loads = 0;
  const inner = document.createElement('iframe');
  inner.setAttribute('sandbox', 'allow-scripts');
  inner.setAttribute('referrerpolicy', 'no-referrer');
  inner.setAttribute('allow', '');
  inner.title = title;
  for (const [name, value] of Object.entries({
    border: '0',
    display: 'block',
    width: '100%',
    height: '100%',
    colorScheme: 'inherit',
  }))
    inner.style[name as 'border'] = value;
  const shut = (): void => {
    port.current?.close();
    port.current = null;
  };
  const leave = (): void => {
    shut();
    setState('left');
  };
  let greeted = false;
  // Only once the page is there: one that goes on before that has a single load, that of the page it goes on to, and nothing would say that it went.
  const connect = (): void => {
    if (!greeted || loads !== 1 || port.current) return;
    const channel = new MessageChannel();
    port.current = channel.port1;
    channel.port1.addEventListener('message', ({ data }) => {
      const request = readRequest(data);
      if (!request) return;
      throttle
        .run(() => ('refused' in request ? Promise.reject(request.refused) : latest.current.answer(request)))
        .then(
          (value) => channel.port1.postMessage({ id: request.id, value }, transferables(value)),
          (error: unknown) => channel.port1.postMessage({ id: request.id, error: toKitFailure(error) }),
        );
    });
    channel.port1.start();
    inner.contentWindow?.postMessage({ cairn: KIT_LINE, welcome: nonce, ...latest.current.welcome() }, '*', [
      channel.port2,
    ]);
    setState('ready');
  };
  const onMessage = (event: MessageEvent): void => {
    // Only of the page that was put there, which has no origin.
    if (event.source !== inner.contentWindow || event.origin !== 'null' || !isHello(event.data, nonce)) return;
    greeted = true;
    connect();
  };
  const onLoad = (): void => {
    loads += 1;
    if (loads > 1) leave();
    else connect();
  };
  page.addEventListener('message', onMessage);
  inner.addEventListener('load', onLoad);
  inner.src = `${address}#cairn=${nonce}`;
  Object.assign(document.body.style, { margin: '0', height: '100vh', overflow: 'hidden' });
  document.body.replaceChildren(inner);
  return () => {
    page.removeEventListener('message', onMessage);
    inner.remove();
    shut();
  };
}

/** The outer frame's page: nothing but the policy that keeps the inner one in its folder. */
export function outerFrameHtml(folder: string): string {
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="frame-src ${window.location.origin}${folder}"><title>-</title>`;
}
