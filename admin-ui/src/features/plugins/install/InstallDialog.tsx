import { Alert, Button, Code, Group, Modal, Progress, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  discardPackage,
  installPackage,
  MAX_PACKAGE_BYTES,
  previewPackage,
  type StagedPackage,
  stagePackage,
} from '@/api/plugins';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatBytes } from '@/ui/format';
import { announce } from '@/ui/live';
import type { ChosenValues } from '../choices/chosen';
import { pluginAddress } from '../addresses';
import { PackageConsent } from './PackageConsent';
import { packageProblems } from './problems';

interface Props {
  file: File;
  onClose: () => void;
}

/** From a file to a plugin that runs: it is sent, looked through, agreed to, installed. Whoever closes it before leaves nothing behind. */
export function InstallDialog({ file, onClose }: Props) {
  const { t } = useTranslation(['plugin', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const narrow = useMediaQuery('(max-width: 40em)');
  const [share, setShare] = useState(0);
  const [staged, setStaged] = useState<StagedPackage>();
  const [failed, setFailed] = useState<unknown>();
  const installed = useRef(false);
  const tooLarge = file.size > MAX_PACKAGE_BYTES;
  useEffect(() => {
    if (tooLarge) return undefined;
    const stop = new AbortController();
    let uploaded: StagedPackage | undefined;
    stagePackage(file, setShare, stop.signal).then(
      (found) => {
        uploaded = found;
        // Closed meanwhile: the server forgets it by itself, this way at once.
        if (stop.signal.aborted) void discardPackage(found.digest).catch(() => undefined);
        else {
          setStaged(found);
          announce(t('install.lookedThrough', { name: found.name }));
        }
      },
      (cause: unknown) => {
        if (!stop.signal.aborted) setFailed(cause);
      },
    );
    return () => {
      stop.abort();
      if (uploaded && !installed.current) void discardPackage(uploaded.digest).catch(() => undefined);
    };
  }, [file, tooLarge, t]);
  const install = useMutation({
    mutationFn: installPackage,
    onSuccess: async (plugin) => {
      installed.current = true;
      const message = t(staged?.decision === 'install' ? 'install.done' : 'install.upgraded', {
        name: plugin.name,
        version: plugin.version,
      });
      notifications.show({ color: 'green', message });
      announce(message);
      onClose();
      // It may bring content types, rights, pages: whatever was read may be different now.
      await queries.invalidateQueries();
      await navigate(pluginAddress.to({ plugin: plugin.id }));
    },
  });
  const choose = useMutation({
    mutationFn: (choices: ChosenValues) => previewPackage(staged?.digest ?? '', choices),
    // Answers come in the order of the questions: the last one is of what is chosen.
    scope: { id: 'plugin-choices' },
    onSuccess: setStaged,
  });
  const problems = packageProblems(failed);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      fullScreen={narrow}
      title={staged ? staged.name : t('install.title')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {!staged && failed === undefined && !tooLarge && (
        <Stack gap="sm">
          <Text size="sm">
            {t(share < 1 ? 'install.sending' : 'install.looking', { file: file.name, size: formatBytes(file.size) })}
          </Text>
          <Progress value={share * 100} animated={share >= 1} aria-label={t('install.progress')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus>
              {t('common:cancel')}
            </Button>
          </Group>
        </Stack>
      )}
      {(failed !== undefined || tooLarge) && (
        <Stack gap="sm">
          {tooLarge && (
            <Alert role="alert" color="red" title={t('install.tooLarge')}>
              {t('install.tooLargeHint', { size: formatBytes(file.size), limit: formatBytes(MAX_PACKAGE_BYTES) })}
            </Alert>
          )}
          {problems.length > 0 && (
            <Alert role="alert" color="red" title={t('install.broken', { file: file.name })}>
              <Text size="sm">{t('install.brokenHint')}</Text>
              <ul style={{ margin: '0.5rem 0 0', paddingInlineStart: '1.1rem' }}>
                {problems.map((problem) => (
                  <li key={problem.location + problem.message} style={{ overflowWrap: 'anywhere' }}>
                    {problem.location && <Code>{problem.location}</Code>}{' '}
                    <Text size="sm" span>
                      {problem.message}
                    </Text>
                  </li>
                ))}
              </ul>
            </Alert>
          )}
          {!tooLarge && problems.length === 0 && <ErrorMessage error={failed} title={t('install.failed')} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus>
              {t('common:close')}
            </Button>
          </Group>
        </Stack>
      )}
      {staged && (
        <PackageConsent
          staged={staged}
          pending={install.isPending}
          error={install.error}
          onCancel={onClose}
          onChoose={choose.mutate}
          choosing={{ pending: choose.isPending, error: choose.error }}
          onAgree={(agreement) => install.mutate({ digest: staged.digest, ...agreement })}
        />
      )}
    </Modal>
  );
}
