import { Input } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { PluginView } from '@/api/pluginViews';
import { useForm } from '@/fields/form/context';
import { useInputProps } from '@/fields/shared/inputProps';
import type { InputProps } from '@/fields/types';
import { Frame } from '../frame/Frame';
import type { FrameState } from '../frame/useFrame';
import { useLocalChoices } from '../view/useChoices';
import { useOpenField } from './useOpenField';

interface Props {
  view: PluginView;
  /** The page of its frame. */
  path: string;
  field: InputProps;
  /** Told when it does not start, or goes elsewhere by itself. */
  onFailed: () => void;
}

/** How long a frame may take to start, in milliseconds. */
const START_TIMEOUT_MS = 10_000;

/** A field that a plugin's view draws in a frame, with all around it that every field has. */
export default function FieldFrame({ view, path, field, onFailed }: Props) {
  const { uid, documentId, locale } = useForm();
  const { id, label, description, error, withAsterisk } = useInputProps(field);
  const choices = useLocalChoices();
  const open = useOpenField(field);
  const [state, setState] = useState<FrameState>('loading');
  const document = useMemo(
    () => (documentId ? { contentType: uid, documentId, ...(locale ? { locale } : {}) } : undefined),
    [uid, documentId, locale],
  );
  useEffect(() => {
    if (state === 'ready') return undefined;
    const timer = setTimeout(onFailed, state === 'left' ? 0 : START_TIMEOUT_MS);
    return () => clearTimeout(timer);
  }, [state, onFailed]);
  const described = [...(description ? [`${id}-description`] : []), ...(error ? [`${id}-error`] : [])].join(' ');
  return (
    <Input.Wrapper
      id={id}
      label={label}
      labelElement="div"
      labelProps={{ id: `${id}-label` }}
      withAsterisk={withAsterisk}
      description={description}
      error={error}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
    >
      <div id={id} role="group" tabIndex={-1} aria-labelledby={`${id}-label`} aria-describedby={described || undefined}>
        <Frame
          view={view}
          path={path}
          document={document}
          field={open}
          choices={choices}
          page={false}
          label={`${label}, ${view.title}`}
          onState={setState}
        />
      </div>
    </Input.Wrapper>
  );
}
