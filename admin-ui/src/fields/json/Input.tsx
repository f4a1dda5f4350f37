import { Input as Wrapper, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lazyPart } from '@/ui/lazyPart';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';
import type { CodeEditorProps } from './CodeEditor';
import { parseJson, showJson } from './text';

// 89 KiB that only entries with JSON need.
const CodeEditor = lazyPart<CodeEditorProps>(() => import('./CodeEditor'));

/** Begins to fetch the editor, for pages that know they will show it. */
export const { preload } = CodeEditor;

/** JSON as text. What is not JSON yet stays as typed, is marked, and is not given to the entry. */
export function Input(props: InputProps) {
  const { t } = useTranslation('fields');
  const { value, onChange, disabled } = props;
  const common = useInputProps(props);
  const [text, setText] = useState(() => showJson(value));
  const parsed = parseJson(text);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    // What was typed is kept as it is as long as it means the value.
    const same = parsed.ok && JSON.stringify(parsed.value ?? null) === JSON.stringify(value ?? null);
    if (!same) setText(showJson(value));
  }
  const change = (typed: string) => {
    setText(typed);
    const now = parseJson(typed);
    if (now.ok) onChange(now.value);
  };
  const error = parsed.ok ? common.error : t('problem.notJson');
  return (
    <Wrapper.Wrapper
      id={common.id}
      label={common.label}
      labelElement="div"
      labelProps={{ id: `${common.id}-label` }}
      withAsterisk={common.withAsterisk}
      description={common.description}
      error={error}
    >
      <CodeEditor
        fallback={
          <Textarea
            aria-labelledby={`${common.id}-label`}
            value={text}
            onChange={(event) => change(event.currentTarget.value)}
            autosize
          />
        }
        labelledBy={`${common.id}-label`}
        {...(error ? { describedBy: `${common.id}-error` } : {})}
        invalid={Boolean(error)}
        value={text}
        onChange={change}
        readOnly={disabled ?? false}
      />
    </Wrapper.Wrapper>
  );
}
