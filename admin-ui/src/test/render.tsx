import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render } from '@testing-library/react';
import i18next from 'i18next';
import { type ReactNode, useState } from 'react';
import { initReactI18next } from 'react-i18next';
import { afterEach } from 'vitest';
import editor from '@/i18n/en/editor.json';
import fields from '@/i18n/en/fields.json';

// For tests alone: nothing of the product imports this.

afterEach(cleanup);

// What jsdom lacks.
Element.prototype.scrollIntoView ??= () => {};
if (!('fonts' in document)) Object.defineProperty(document, 'fonts', { value: new EventTarget() });
const rects = () => [] as unknown as DOMRectList;
Range.prototype.getClientRects ??= rects;
Range.prototype.getBoundingClientRect ??= () => new DOMRect();
document.elementFromPoint ??= () => null;

/** The texts in English, at once. */
export async function startTestTexts(): Promise<void> {
  if (i18next.isInitialized) return;
  await i18next.use(initReactI18next).init({
    lng: 'en',
    ns: ['fields', 'editor'],
    defaultNS: 'fields',
    resources: { en: { fields, editor } },
    interpolation: { escapeValue: false },
  });
}

export function Providers({ children }: { children: ReactNode }) {
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: false } } }));
  return (
    <QueryClientProvider client={queries}>
      <MantineProvider env="test">{children}</MantineProvider>
    </QueryClientProvider>
  );
}

/** Draws something in English with what it needs around it. */
export async function renderPlain(node: ReactNode) {
  await startTestTexts();
  return render(node, { wrapper: Providers });
}
