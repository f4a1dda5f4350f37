import { Alert, Anchor } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type RefObject, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { fieldId } from '@/fields/shared/inputProps';
import { goToField } from '@/fields/form/reveal';
import type { EntryStore } from '@/fields/form/store';
import { splitPath, toPlaces } from '@/fields/form/values';
import { pathLabelOf } from '@/fields/label';
import { withLanguage } from './withLanguage';
import classes from './Edit.module.css';

/** What is wrong, each with a link to its field; what is about no field below. */
export function ErrorSummary({
  store,
  model,
  type,
  rest,
  at,
  language,
  goTo = (path) => goToField(store, path),
}: {
  store: EntryStore;
  model: Model;
  type: ContentType;
  rest: readonly string[];
  at: RefObject<HTMLDivElement | null>;
  /** Said where two languages are on the page. */
  language?: string;
  /** Shows a field, where it is not one of the form of the page. */
  goTo?: (path: string) => void;
}) {
  const { t } = useTranslation('editor');
  const errors = useSyncExternalStore(store.subscribeErrors, () => store.errors);
  if (errors.size === 0 && rest.length === 0) return <div ref={at} tabIndex={-1} />;
  return (
    <div ref={at} tabIndex={-1}>
      <Alert
        color="red"
        role="alert"
        icon={<IconAlertTriangle aria-hidden />}
        title={withLanguage(t('errors.title', { count: errors.size + rest.length }), language)}
        mb="md"
      >
        <ul className={classes.list}>
          {[...errors].map(([path, message]) => (
            <li key={path}>
              <Anchor
                href={`#${fieldId(path)}`}
                size="sm"
                underline="always"
                onClick={(event) => {
                  event.preventDefault();
                  goTo(path);
                }}
              >
                {pathLabelOf(model, type.attributes, splitPath(toPlaces(store.values, path)))}
              </Anchor>
              : {message}
            </li>
          ))}
          {rest.map((message) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      </Alert>
    </div>
  );
}
