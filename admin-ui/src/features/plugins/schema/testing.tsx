import { render } from '@testing-library/react';
import i18next from 'i18next';
import { useState } from 'react';
import { Providers, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import plugin from '@/i18n/en/plugin.json';
import type { Schema } from './schema';
import { SchemaForm } from './SchemaForm';

// For tests alone: nothing of the product imports this.

/** Draws a form that keeps what is entered; answers the values it told. */
export async function renderForm(schema: Schema, value: Record<string, unknown> = {}, more: object = {}) {
  await startTestTexts();
  i18next.addResourceBundle('en', 'common', common);
  i18next.addResourceBundle('en', 'plugin', plugin);
  const said: Record<string, unknown>[] = [];
  function Held() {
    const [held, setHeld] = useState(value);
    return (
      <SchemaForm
        schema={schema}
        value={held}
        onChange={(next) => {
          said.push(next);
          setHeld(next);
        }}
        {...more}
      />
    );
  }
  render(
    <Providers>
      <Held />
    </Providers>,
  );
  return said;
}
