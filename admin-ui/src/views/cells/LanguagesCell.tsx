import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DocumentState, Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { useSession } from '@/api/session';
import { languageName } from '@/ui/format';
import { navigateOnClick } from './navigateOnClick';
import classes from './Languages.module.css';

interface Props {
  type: Pick<ContentType, 'draftAndPublish'>;
  entry: Entry;
  state: DocumentState | undefined;
  /** The address of the entry in a language. */
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  /** It stands by itself: reached by Tab. A grid goes to its cells by its own keys. */
  alone?: boolean;
}

/** The languages a document is there in, and those that it could still be made in. */
export function LanguagesCell({ type, entry, state, href, open, alone = false }: Props) {
  const { t } = useTranslation(['views', 'common']);
  const { locales } = useSession();
  const statuses = new Map(state?.locales.map(({ locale, status }) => [locale, status]));
  return (
    <span className={classes.languages}>
      {locales.available.map(({ code }) => {
        const status = statuses.get(code);
        const language = languageName(code);
        const published = type.draftAndPublish ? status : undefined;
        const text = !status
          ? t('views:languages.make', { code, language })
          : published
            ? t('views:languages.there', { code, language, status: t(`common:status.${published}`) })
            : t('views:languages.only', { code, language });
        const inIt = { ...entry, locale: code };
        return (
          <a
            key={code}
            className={classes.chip}
            data-status={status ? published : 'missing'}
            href={href(inIt)}
            tabIndex={alone ? undefined : -1}
            title={text}
            aria-label={text}
            onClick={navigateOnClick(() => open(inIt))}
          >
            {!status && <IconPlus size={10} aria-hidden />}
            {code}
          </a>
        );
      })}
    </span>
  );
}
