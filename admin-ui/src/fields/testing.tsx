import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render } from '@testing-library/react';
import i18next from 'i18next';
import { type ReactNode, useState } from 'react';
import { initReactI18next } from 'react-i18next';
import { afterEach } from 'vitest';
import type { Attribute, Attributes, Model } from '@/api/model';
import editor from '@/i18n/en/editor.json';
import fields from '@/i18n/en/fields.json';
import type { FormHost } from './form/context';
import { EntryForm, Fields } from './form/Fields';
import { EntryStore } from './form/store';
import type { Values } from './form/values';
import { registry } from './registry';
import type { InputProps } from './types';

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

/** Draws the input of one attribute; `changes` are the values it told. */
export async function renderInput(attribute: Attribute, value: unknown, more: Partial<InputProps> = {}) {
  await startTestTexts();
  const changes: unknown[] = [];
  const Input = registry[attribute.type].Input as React.ComponentType<InputProps>;
  function Held() {
    const [held, setHeld] = useState(value);
    return (
      <Input
        name="field"
        label="Field"
        attribute={attribute}
        value={held}
        onChange={(next: unknown) => {
          changes.push(next);
          setHeld(next);
        }}
        {...more}
      />
    );
  }
  return { changes, ...render(<Held />, { wrapper: Providers }) };
}

/** Draws something in English with what it needs around it. */
export async function renderPlain(node: ReactNode) {
  await startTestTexts();
  return render(node, { wrapper: Providers });
}

export const emptyModel: Model = { contentTypes: [], components: [], hash: '', locked: false };

/** Draws the fields of a type over a store. */
export async function renderFields(
  attributes: Attributes,
  values: Values,
  model: Model = emptyModel,
  more: Partial<FormHost> = {},
) {
  await startTestTexts();
  const store = new EntryStore(values);
  const host: FormHost = { store, model, uid: 'api::test.test', access: () => ({ disabled: false }), ...more };
  const drawn = render(
    <EntryForm host={host}>
      <Fields at="" attributes={attributes} />
    </EntryForm>,
    { wrapper: Providers },
  );
  return { store, ...drawn };
}
