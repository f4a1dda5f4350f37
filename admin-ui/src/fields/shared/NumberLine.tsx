import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { InputProps } from '../types';
import { plainNotation } from './checks';
import { useInputProps } from './inputProps';

interface NumberLineProps extends InputProps<number | string | null> {
  /** Whole numbers only: decides which keys a phone shows. */
  whole: boolean;
  /** What goes into the entry for a text that is a number; the text itself where digits would be lost. */
  read: (text: string) => number | string;
}

/**
 * A number as text. `type="number"` would drop what it does not understand without a word, change by the mouse wheel, and
 * lose digits of large numbers. What is no number stays as it was typed and is marked.
 */
export function NumberLine({ whole, read, ...props }: NumberLineProps) {
  const { value, onChange } = props;
  const formatted = formatInput(value);
  const [text, setText] = useState(formatted);
  const [seen, setSeen] = useState(formatted);
  // A value from elsewhere (undo, restore, another tab) replaces the text; `1.50` that was typed stays `1.50`.
  if (seen !== formatted) {
    setSeen(formatted);
    if (String(read(normaliseDecimal(text))) !== formatted) setText(formatted);
  }
  return (
    <TextInput
      {...useInputProps(props)}
      inputMode={whole ? 'numeric' : 'decimal'}
      autoComplete="off"
      placeholder={props.attribute.placeholder}
      value={text}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        const plain = normaliseDecimal(typed);
        onChange(plain === '' ? null : /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(plain) ? read(plain) : typed);
      }}
    />
  );
}

function formatInput(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'number' ? plainNotation(value) : String(value);
}

/** A comma as decimal sign, as Dutch keyboards have it. */
function normaliseDecimal(text: string): string {
  const trimmed = text.trim();
  return /^[+-]?\d*,\d*$/.test(trimmed) ? trimmed.replace(',', '.') : trimmed;
}

/** A number where JavaScript keeps all its digits, else the text. */
export function readNumber(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) && (!/^[+-]?\d+$/.test(text) || Number.isSafeInteger(number)) ? number : text;
}

/** Numbers of any length stay text. */
export function readText(text: string): string {
  return text.replace(/^\+/, '');
}
