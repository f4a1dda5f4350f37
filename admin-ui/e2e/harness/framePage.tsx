import { useRef } from 'react';
import { createRoot } from 'react-dom/client';
import { outerFrameHtml, useFrame } from '../../src/features/plugins/frame/useFrame';

// The page around a frame, with all that guards it and nothing else. Built by `plugin-frame-sandbox.spec.ts`; no part of the admin UI.

declare global {
  interface Window {
    asked: { do: string; with: Record<string, unknown> }[];
    /** The bytes that a call was answered with last. */
    answered: ArrayBuffer | undefined;
  }
}
window.asked = [];

/** Answers a frame that wants to know whether what it sent before has been heard: messages from one window to another keep their order. */
function echo({ data, source }: MessageEvent): void {
  const word = (data as { echo?: number } | null)?.echo;
  if (word !== undefined) source?.postMessage({ echo: word }, { targetOrigin: '*' });
}
window.addEventListener('message', echo);

function Page() {
  const outer = useRef<HTMLIFrameElement>(null);
  const { state } = useFrame(outer, {
    address: `/admin/plugins/p/frame/${new URLSearchParams(window.location.search).get('page') ?? 'good.html'}`,
    title: 'Frame',
    welcome: () => ({
      plugin: 'p',
      view: 'v',
      locale: 'en',
      theme: { scheme: 'light', variables: { text: '#123456' } },
      document: null,
      parameters: {},
      room: 'page',
    }),
    answer: async (request) => {
      window.asked.push({ do: request.do, with: request.with });
      if (request.do === 'call') {
        window.answered = Uint8Array.of(37, 80, 68, 70).buffer;
        return { status: 200, body: window.answered, type: 'application/pdf', name: 'a.pdf' };
      }
      return request.do === 'read' ? { data: [{ secret: 's3cret' }], total: 1 } : null;
    },
  });
  return (
    <main data-state={state}>
      {/* eslint-disable-next-line react/iframe-missing-sandbox */}
      <iframe
        ref={outer}
        title="outer"
        srcDoc={outerFrameHtml('/admin/plugins/p/frame/')}
        onLoad={({ currentTarget }) => currentTarget.contentWindow?.addEventListener('message', echo)}
        style={{ width: 600, height: 300 }}
      />
    </main>
  );
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<Page />);
