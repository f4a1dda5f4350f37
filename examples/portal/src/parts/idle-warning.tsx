import { useSite } from './site.tsx';

/**
 * A warning before the session ends, with a button that prolongs it. It needs scripts; without them the session ends as announced on the page to
 * sign in, and what was typed is kept.
 */
export function IdleWarning() {
  const { context, assets, nonce, t } = useSite();
  return (
    <>
      <dialog
        id="idle"
        aria-labelledby="idle-title"
        aria-describedby="idle-text"
        data-seconds={context.parts.idleSeconds}
        data-token={context.formToken}
        data-over={t('idle.over')}
      >
        <h2 id="idle-title">{t('idle.title')}</h2>
        <p id="idle-text">{t('idle.text')}</p>
        <button type="button" className="button">
          {t('idle.stay')}
        </button>
      </dialog>
      <script type="module" src={assets.address('idle.js')} nonce={nonce} />
    </>
  );
}
