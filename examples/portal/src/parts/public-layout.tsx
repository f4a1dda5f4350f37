import type { ReactNode } from 'react';
import { withWidth } from '../server/file-addresses.ts';
import { Brand } from './brand.tsx';
import { Document } from './document.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import { useSite } from './site.tsx';

/** A page for visitors who are not signed in: what they do, beside a picture. */
export function PublicLayout({ children }: { children: ReactNode }) {
  const { context, assets } = useSite();
  const { picture } = context.parts.theme;
  return (
    <Document>
      <div className="entrance">
        <div className="entrance-picture">
          <img src={picture ? withWidth(picture.url, 1280) : assets.address('hero.svg')} alt={picture?.alt ?? ''} />
        </div>
        <div className="entrance-page">
          <header className="entrance-head">
            <Brand href="/sign-in" />
            <LanguageSwitch />
          </header>
          <main id="content" tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
    </Document>
  );
}
