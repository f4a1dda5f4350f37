import { findLanguage, translate } from '../i18n/texts.ts';
import { PostForm } from './form.tsx';
import { useSite } from './site.tsx';

/** Buttons for the other languages of the tenant; they lead back to the page. */
export function LanguageSwitch() {
  const { context, language, t } = useSite();
  const others = context.parts.theme.languages.map(findLanguage).filter((code) => code && code !== language);
  if (others.length === 0) return null;
  return (
    <PostForm action="/language" className="language">
      <input type="hidden" name="next" value={context.path} />
      <span className="quiet-label">{t('language.switch')}</span>
      {others.map((code) => (
        <button key={code} name="language" value={code} lang={code} className="link">
          {code ? translate(code, 'language') : null}
        </button>
      ))}
    </PostForm>
  );
}
