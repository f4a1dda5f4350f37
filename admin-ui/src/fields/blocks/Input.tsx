import { Input as Wrapper, Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useMaybeForm } from '../form/context';
import { inputProps } from '../shared/inputProps';
import type { InputProps } from '../types';

// ProseMirror is 130 KiB; entries without rich text do not need it.
const Editor = lazy(() => import('./Editor'));

/** Rich text as Strapi's blocks. */
export function Input(props: InputProps) {
  const { t } = useTranslation('fields');
  const common = inputProps(props);
  const form = useMaybeForm();
  return (
    <Wrapper.Wrapper
      id={common.id}
      label={common.label}
      labelElement="div"
      description={common.description}
      error={common.error}
      withAsterisk={common.withAsterisk}
    >
      <Suspense fallback={<Skeleton height={140} />}>
        <Editor
          id={common.id}
          label={t('blocks.editor', { label: common.label })}
          describedBy={common.error ? `${common.id}-error` : undefined}
          invalid={Boolean(common.error)}
          required={props.required ?? false}
          disabled={common.disabled}
          locale={props.locale}
          value={props.value}
          onChange={props.onChange}
          turn={form?.turn}
        />
      </Suspense>
    </Wrapper.Wrapper>
  );
}
