import { render } from '@testing-library/react';
import { useState } from 'react';
import type { Attribute, Attributes, Model } from '@/api/model';
import { Providers, startTestTexts } from '@/test/render';
import type { FormHost } from './form/context';
import { EntryForm, Fields } from './form/Fields';
import { EntryStore } from './form/store';
import type { Values } from './form/values';
import { registry } from './registry';
import type { InputProps } from './types';

// For tests alone: nothing of the product imports this.

export { Providers, renderPlain, startTestTexts } from '@/test/render';

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
