import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReportBody, SheetBody } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { Refusal } from '@/shared/State';
import { asksReason, remarksOf, typable, type Draft } from './fields';
import { PhoneRemark } from './PhoneRemark';

type Props = { sheet: SheetBody; onSend: (b: ReportBody) => void; onBack: () => void; sending: boolean; error: unknown };

/** The second tap: what a zero report declares, named one by one, and what it does not speak of. */
export function PhoneZero({ sheet, onSend, onBack, sending, error }: Props) {
  const { t } = useTranslation();
  const sign = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    sign.current?.focus();
    const leave = (e: KeyboardEvent) => {
      if (e.key === 'Escape') onBack();
    };
    addEventListener('keydown', leave);
    return () => removeEventListener('keydown', leave);
  }, [onBack]);
  const [remarks, setRemarks] = useState<Draft>({});
  const asked = asksReason(error instanceof Problem ? (error.body.findings ?? []) : []);
  const events = sheet.fields.filter((f) => f.class === 'event' && !f.computed);
  const others = sheet.fields.filter((f) => f.class !== 'event' && typable(f));
  return (
    <div className="phone-veil">
      <div className="phone-confirm" role="dialog" aria-modal="true" aria-label={t('phone.zero_title')}>
        <h2>{t('phone.zero_title')}</h2>
        <ul className="phone-declares">
          {events.map((f) => (
            <li key={f.element}>
              <span>{f.name}</span>
              <strong className="num">0</strong>
            </li>
          ))}
        </ul>
        {others.length > 0 && <p className="faint small">{t('phone.zero_not', { list: others.map((f) => f.name).join(t('list.comma')) })}</p>}
        <p className="small">{t('phone.zero_signed')}</p>
        {error !== null && error !== undefined && <Refusal error={error} />}
        {sheet.fields
          .filter((f) => remarks[f.element] !== undefined || asked.includes(f.element))
          .map((f) => (
            <PhoneRemark key={f.element} element={f.element} name={f.name} value={remarks[f.element] ?? ''} onValue={(why) => setRemarks({ ...remarks, [f.element]: why })} />
          ))}
        <button
          type="button"
          ref={sign}
          className="phone-main"
          disabled={sending}
          onClick={() => onSend({ act: 'zero', scope: sheet.scope, values: {}, ...remarksOf(remarks) })}
          data-confirm
        >
          {sending ? t('phone.sending') : t('phone.sign')}
        </button>
        <button type="button" className="phone-second" onClick={onBack} disabled={sending}>
          {t('phone.back')}
        </button>
      </div>
    </div>
  );
}
