import { Input as Wrapper, Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { lazyPart } from '@/ui/lazyPart';
import { useMaybeForm } from '../form/context';
import { useSteps } from '../paste/useSteps';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';
import type { EditorProps } from './Editor';

// ProseMirror is 130 KiB; entries without rich text do not need it.
const Editor = lazyPart<EditorProps>(() => import('./Editor'));

/** Begins to fetch the editor, for pages that know they will show it. */
export const { preload } = Editor;

/** Rich text as Strapi's blocks. */
export function Input(props: InputProps) {
  const { t } = useTranslation('fields');
  const common = useInputProps(props);
  const form = useMaybeForm();
  const change = useSteps(props);
  return (
    <Wrapper.Wrapper
      id={common.id}
      label={common.label}
      labelElement="div"
      description={common.description}
      error={common.error}
      withAsterisk={common.withAsterisk}
    >
      <Editor
        fallback={<Skeleton height={140} />}
        id={common.id}
        label={t('blocks.editor', { label: common.label })}
        describedBy={common.error ? `${common.id}-error` : undefined}
        invalid={Boolean(common.error)}
        required={props.required ?? false}
        disabled={common.disabled}
        locale={props.locale}
        value={props.value}
        onChange={change}
        turn={form?.turn}
      />
    </Wrapper.Wrapper>
  );
}
