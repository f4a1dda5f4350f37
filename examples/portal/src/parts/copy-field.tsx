import { useSite } from './site.tsx';

/** A text to copy. The button needs scripts; without them the text is selected and copied as in any field. */
export function CopyField({ id, label, hint, value }: { id: string; label: string; hint: string; value: string }) {
  const { assets, nonce, t } = useSite();
  return (
    <div className="field copy-field">
      <label htmlFor={id}>{label}</label>
      <p className="hint" id={`${id}-hint`}>
        {hint}
      </p>
      <div className="copy">
        <input id={id} value={value} readOnly aria-describedby={`${id}-hint`} />
        <button type="button" className="button" data-copies={id} data-done={t('copy.done')} hidden>
          {t('copy')}
        </button>
      </div>
      <p className="quiet" role="status" id={`${id}-status`} />
      <script type="module" src={assets.address('copy.js')} nonce={nonce} />
    </div>
  );
}
