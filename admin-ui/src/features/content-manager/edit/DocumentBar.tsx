import { Anchor, Button, Group } from '@mantine/core';
import { IconArrowLeft, IconForms, IconId } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useCanGoBack, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { contentTypeOf, pluralNameOf } from '@/api/model';
import { navigateOnClick } from '@/views/cells/navigateOnClick';
import { listAddress } from '../addresses';
import { entryAddress } from './addresses';

interface Props {
  uid: string;
  documentId: string;
  locale: string | undefined;
  /** The form is shown, and not the plugin's page. */
  isForm: boolean;
}

/** Above a document that a plugin has a page for: the way back, and the way between that page and the form. */
export function DocumentBar({ uid, documentId, locale, isForm }: Props) {
  const { t } = useTranslation('editor');
  const router = useRouter();
  const canGoBack = useCanGoBack();
  const type = contentTypeOf(useQuery(modelQuery).data, uid);
  const list = router.buildLocation(listAddress.to({ uid }));
  const other = entryAddress.to(
    { uid, documentId },
    { ...(locale ? { locale } : {}), ...(isForm ? {} : { form: true }) },
  );
  return (
    <Group component="nav" justify="space-between" gap="xs" mb="xs" aria-label={t('document.bar')}>
      <Anchor
        size="sm"
        href={list.href}
        onClick={navigateOnClick(() =>
          canGoBack ? router.history.back() : void router.navigate(listAddress.to({ uid })),
        )}
        style={{ display: 'inline-flex', alignItems: 'center', gap: 4, minHeight: 24 }}
      >
        <IconArrowLeft size={16} aria-hidden />
        {canGoBack || !type ? t('document.back') : pluralNameOf(type)}
      </Anchor>
      {/* In place of one another: the way back leads to where one came from, whatever was looked at here. */}
      <Button
        size="xs"
        variant="default"
        leftSection={isForm ? <IconId size={16} aria-hidden /> : <IconForms size={16} aria-hidden />}
        renderRoot={(props) => <Link {...other} replace {...props} />}
      >
        {t(isForm ? 'document.toPage' : 'document.allFields')}
      </Button>
    </Group>
  );
}
