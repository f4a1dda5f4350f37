import { expect, it } from 'vitest';
import { parseForText } from './parseForText';

it('reads JSON', () => {
  expect(JSON.stringify(parseForText('{"a":[1,2.5,"x",null,true]}'))).toBe('{"a":[1,2.5,"x",null,true]}');
});

// Node has it from version 21 on, as browsers have it.
it.runIf('rawJSON' in JSON)('keeps numbers as they were written', () => {
  const text = '{"a":12345678901234567.89,"b":1.50,"c":[1,"x",null]}';
  expect(JSON.stringify(parseForText(text))).toBe(text);
});
