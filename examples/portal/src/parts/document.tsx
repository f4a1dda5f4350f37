import type { ReactNode } from 'react';
import { useSite } from './site.tsx';

/** The HTML around every page. */
export function Document({ children }: { children: ReactNode }) {
  const { context, assets, nonce, language, t } = useSite();
  const { theme } = context.parts;
  // `parseTheme` has checked that these are colours.
  const colours = `:root{--accent:${theme.accent};--on-accent:${theme.onAccent}}`;
  return (
    <html lang={language}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href={assets.address('icon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.address('site.css')} nonce={nonce} />
        <style nonce={nonce} dangerouslySetInnerHTML={{ __html: colours }} />
      </head>
      <body>
        <a className="skip" href="#content">
          {t('skip')}
        </a>
        {children}
      </body>
    </html>
  );
}

/** The title of the page in the browser's tab. `hasErrors`: true if the page shows what is wrong with a form. */
export function Title({ page, hasErrors = false }: { page: string; hasErrors?: boolean }) {
  const { context, t } = useSite();
  return <title>{t(hasErrors ? 'title.error' : 'title', { page, site: context.parts.theme.name })}</title>;
}
