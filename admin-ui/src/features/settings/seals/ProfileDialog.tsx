import { FileInput, PasswordInput, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { putSealProfile, sealProfilesQuery } from '@/api/sealProfiles';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { problemAt } from '../parts/problems';
import { type SealFormValues, materialOf, UnusableMaterial } from './material';

interface Props {
  /** The profile that gets another key; without it one is made. */
  replaced?: string | undefined;
  /** Names that are taken. */
  taken: readonly string[];
  onClose: () => void;
}

const FIELDS = ['name', 'pkcs12', 'certificates', 'key', 'password'] as const;
type Field = (typeof FIELDS)[number];

/** Takes a key and its certificates. Neither is held by the page: files are read when they are sent, and the password goes with them. */
export function ProfileDialog({ replaced, taken, onClose }: Props) {
  const { t } = useTranslation('seals');
  const queries = useQueryClient();
  const [name, setName] = useState(replaced ?? '');
  const [nameProblem, setNameProblem] = useState<'required' | 'taken'>();
  const [values, setValues] = useState<SealFormValues>({
    kind: 'pkcs12',
    pkcs12: null,
    certificates: null,
    key: null,
    password: '',
  });
  const change = (part: Partial<SealFormValues>): void => setValues((old) => ({ ...old, ...part }));
  const send = useMutation({
    // Neither variables nor what this function closes over are kept after the answer.
    gcTime: 0,
    mutationFn: async () => putSealProfile(name.trim(), await materialOf(values)),
    onError: (error) => {
      if (!(error instanceof UnusableMaterial)) change({ password: '' });
    },
    onSuccess: async () => {
      announce(t(replaced ? 'isReplaced' : 'isAdded', { name: name.trim() }));
      onClose();
      await queries.invalidateQueries({ queryKey: sealProfilesQuery.queryKey });
    },
  });
  const problemOf = (field: Field): string | undefined => {
    if (field === 'name' && nameProblem) return t(`problem.${nameProblem}`);
    if (!(send.error instanceof UnusableMaterial)) return problemAt(send.error, field);
    const found = field === 'name' || field === 'password' ? undefined : send.error.problems[field];
    return found && t(`problem.${found}`);
  };
  const submit = (): void => {
    const wrong =
      name.trim() === '' ? 'required' : replaced === undefined && taken.includes(name.trim()) ? 'taken' : undefined;
    setNameProblem(wrong);
    if (!wrong) send.mutate();
  };
  const hasFieldProblem = FIELDS.some((field) => problemOf(field) !== undefined);
  return (
    <FormDialog
      title={replaced ? t('replaceNamed', { name: replaced }) : t('add')}
      onClose={onClose}
      onSubmit={submit}
      pending={send.isPending}
      error={hasFieldProblem ? undefined : send.error}
      submit={replaced ? t('replace') : t('add')}
      noValidate
    >
      {replaced && <Text size="sm">{t('replaceText')}</Text>}
      <TextInput
        label={t('name')}
        description={t('nameHint')}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setNameProblem(undefined);
        }}
        error={problemOf('name')}
        readOnly={replaced !== undefined}
        required
        autoComplete="off"
        data-autofocus={replaced ? undefined : true}
      />
      <SegmentedControl
        aria-label={t('kind')}
        value={values.kind}
        onChange={(kind) => {
          send.reset();
          change({ kind: kind as SealFormValues['kind'], password: '' });
        }}
        data={[
          { value: 'pkcs12', label: t('pkcs12') },
          { value: 'pem', label: t('pem') },
        ]}
      />
      {values.kind === 'pkcs12' ? (
        <FileInput
          label={t('file')}
          placeholder={t('choose')}
          accept=".p12,.pfx,application/x-pkcs12"
          value={values.pkcs12}
          onChange={(pkcs12) => change({ pkcs12 })}
          error={problemOf('pkcs12')}
          required
        />
      ) : (
        <>
          <FileInput
            label={t('certificates')}
            description={t('certificatesHint')}
            placeholder={t('choose')}
            accept=".pem,.crt,.cer"
            value={values.certificates}
            onChange={(certificates) => change({ certificates })}
            error={problemOf('certificates')}
            required
          />
          <FileInput
            label={t('key')}
            description={t('keyHint')}
            placeholder={t('choose')}
            accept=".pem,.key"
            value={values.key}
            onChange={(key) => change({ key })}
            error={problemOf('key')}
            required
          />
        </>
      )}
      <PasswordInput
        label={t('password')}
        description={t(values.kind === 'pkcs12' ? 'passwordHint' : 'keyPasswordHint')}
        value={values.password}
        onChange={(event) => change({ password: event.currentTarget.value })}
        error={problemOf('password')}
        visibilityToggleButtonProps={{ 'aria-label': t('show') }}
        autoComplete="off"
      />
    </FormDialog>
  );
}
