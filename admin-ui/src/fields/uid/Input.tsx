import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '@/ui/live';
import { useMaybeForm, useSiblings, useTakenSlug } from '../form/context';
import { useInputProps } from '../shared/inputProps';
import type { InputProps } from '../types';
import { makeSlug } from './slug';

/**
 * A name for addresses, which can be made of another attribute. Until its entry is published it follows that one (`EntrySlugs`);
 * then addresses are links elsewhere. One that another entry has is pointed out, with one that is free.
 */
export function Input(props: InputProps<string | null>) {
  const { t } = useTranslation('fields');
  const { value, name, onChange, attribute, disabled } = props;
  const slugs = useMaybeForm()?.slugs;
  const siblings = useSiblings(name);
  const taken = useTakenSlug(name);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (taken) announce(t('problem.unique'));
  }, [taken, t]);
  const source = attribute.targetField;
  const make = () => {
    if (slugs?.make(name)) return;
    const text = source ? siblings.get(source) : undefined;
    if (typeof text === 'string' && text.trim() !== '') onChange(makeSlug(attribute, text) || null);
  };
  const type = (slug: string) => {
    slugs?.type(name, slug);
    onChange(slug || null);
  };
  const takeFree = (free: string) => {
    type(free);
    // The button goes with what it is about.
    input.current?.focus();
  };
  return (
    <>
      <TextInput
        {...useInputProps({ ...props, error: props.error ?? (taken ? t('problem.unique') : undefined) })}
        ref={input}
        autoComplete="off"
        placeholder={attribute.placeholder}
        spellCheck={false}
        value={value ?? ''}
        onChange={(event) => type(event.currentTarget.value)}
        rightSection={
          source ? (
            <Tooltip label={t('uid.make', { source })}>
              <ActionIcon
                variant="subtle"
                disabled={disabled ?? false}
                aria-label={t('uid.make', { source })}
                onClick={make}
              >
                <IconRefresh size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
          ) : undefined
        }
      />
      {taken?.free && !disabled && (
        <Button size="compact-xs" variant="light" mt={4} onClick={() => takeFree(taken.free ?? '')}>
          {t('uid.take', { slug: taken.free })}
        </Button>
      )}
    </>
  );
}
