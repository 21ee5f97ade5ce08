import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/http';
import type { ReportBody, SheetBody } from '@/api/generated.schemas';
import { said } from '@/shared/format';
import { Refusal } from '@/shared/State';
import { useWord } from '@/shared/word';
import { actOf, asksReason, cannotSend, changedValues, enterable, fieldFault, lacking, plainDigits, remarksOf, shown, type Draft } from './fields';
import { PhoneRemark } from './PhoneRemark';

type Props = { sheet: SheetBody; onSend: (b: ReportBody) => void; onBack: () => void; sending: boolean; error: unknown };
export function PhoneForm({ sheet, onSend, onBack, sending, error }: Props) {
  const { t } = useTranslation();
  const word = useWord();
  const kept = `muster.draft.${sheet.unit.code}.${sheet.day}.${sheet.form}.${sheet.revision}`;
  const [draft, setDraft] = useState<Draft>(() => {
    try {
      return JSON.parse(sessionStorage.getItem(kept) ?? '{}') as Draft;
    } catch {
      return {};
    }
  });
  const [reason, setReason] = useState('');
  const [remarks, setRemarks] = useState<Draft>({});
  const fields = sheet.fields.filter(enterable);
  const correcting = sheet.revision > 0;
  const nameOf = (field: string) => fields.find((f) => field === `values.${f.element}`)?.name ?? t(field === 'reason' ? 'phone.reason' : 'phone.fill_title');
  const put = (element: string, said: string) => {
    const next = { ...draft, [element]: said };
    setDraft(next);
    sessionStorage.setItem(kept, JSON.stringify(next));
  };
  const findings = error instanceof Problem ? (error.body.findings ?? []) : [];
  const asked = asksReason(findings);
  const faults = fields.filter((f) => fieldFault(f, shown(f, draft)));
  const blanks = lacking(sheet, draft);
  const values = changedValues(sheet, draft);
  const why = cannotSend(faults.length, Object.keys(values).length, correcting, reason, blanks.length);
  const ready = why === null;
  return (
    <form
      className="phone-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (ready) onSend({ act: actOf(sheet, values), scope: sheet.scope, values, ...remarksOf(remarks), ...(correcting ? { reason: reason.trim() } : {}) });
      }}
    >
      <h2>{t(correcting ? 'phone.correct_title' : 'phone.fill_title')}</h2>
      {fields.map((f) => {
        const fault = fieldFault(f, shown(f, draft));
        const refused = findings.find((x) => x.field === f.element || x.field === `values.${f.element}`)?.message;
        if (f.computed) {
          return (
            <p key={f.element} className="phone-field" data-computed={f.element}>
              <span className="phone-label">
                {f.name}
                {f.unit && <span className="phone-unit">{word('unit', f.unit)}</span>}
                <span className="faint">{t('phone.computed')}</span>
                <span className="faint num">
                  {t('phone.yesterday')} {said(f.yesterday)}
                </span>
              </span>
              <output className="num">{said(f.value)}</output>
              {refused && (
                <span className="mark-bad small" role="alert">
                  ▲ {refused}
                </span>
              )}
            </p>
          );
        }
        const remark = remarks[f.element];
        const field = (
          <label key={f.element} className="phone-field">
            <span className="phone-label">
              {f.name}
              {f.unit && <span className="phone-unit">{word('unit', f.unit)}</span>}
              {f.required && <span className="red">{blanks.includes(f) ? t('phone.required') : '*'}</span>}
              {f.class !== 'text' && (
                <span className="faint num">
                  {t('phone.yesterday')} {said(f.yesterday)}
                </span>
              )}
            </span>
            {f.class === 'text' ? (
              <textarea rows={2} maxLength={4000} value={shown(f, draft)} onChange={(e) => put(f.element, e.target.value)} />
            ) : f.value_type.kind === 'choice' ? (
              <select value={shown(f, draft)} onChange={(e) => put(f.element, e.target.value)} data-field={f.element}>
                <option value="">—</option>
                {f.value_type.codes.map((c) => (
                  <option key={c}>{c}</option>
                ))}
              </select>
            ) : (
              <span className="phone-input">
                <input
                  inputMode={f.value_type.kind === 'decimal' ? 'decimal' : 'numeric'}
                  autoComplete="off"
                  value={shown(f, draft)}
                  aria-invalid={fault !== null || refused !== undefined}
                  onChange={(e) => put(f.element, plainDigits(e.target.value))}
                  data-field={f.element}
                />
                {f.class === 'state' && typeof f.yesterday === 'number' && shown(f, draft) === '' && (
                  <button type="button" onClick={() => put(f.element, String(f.yesterday))}>
                    {t('phone.same')}
                  </button>
                )}
              </span>
            )}
            {(fault || refused) && (
              <span className="mark-bad small" role="alert">
                ▲ {refused ?? t(`phone.fault_${fault}`, { min: f.min, max: f.max })}
              </span>
            )}
          </label>
        );
        if (remark === undefined && !asked.includes(f.element)) return field;
        return [field, <PhoneRemark key={`${f.element} why`} element={f.element} name={f.name} value={remark ?? ''} onValue={(why) => setRemarks({ ...remarks, [f.element]: why })} />];
      })}
      {correcting && (
        <label className="phone-field">
          <span className="phone-label">
            {t('phone.reason')}
            <span className="red"> *</span>
          </span>
          <textarea rows={2} maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} data-reason />
        </label>
      )}
      {error !== null && error !== undefined && <Refusal error={error} field={nameOf} />}
      <button type="submit" className="phone-main" disabled={sending || !ready} aria-describedby={why ? 'send-why' : undefined} data-send>
        {sending ? t('phone.sending') : t(correcting ? 'phone.send_correction' : 'phone.send')}
      </button>
      {why && (
        <p id="send-why" className="small phone-why" data-why={why}>
          ◆ {t(`phone.why_${why}`, { list: blanks.map((f) => f.name).join(t('list.comma')) })}
        </p>
      )}
      <button type="button" className="phone-second" onClick={onBack} disabled={sending}>
        {t('phone.back')}
      </button>
    </form>
  );
}
