import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/http';
import type { ReportBody, Sheet, SheetField } from '@/api/types';
import { count } from '@/shared/format';
import { Refusal } from '@/shared/State';

type Props = { sheet: Sheet; onSend: (b: ReportBody) => void; onBack: () => void; sending: boolean; error: unknown };
type Draft = Record<string, string>;

/** Full-width digits are what a Chinese keyboard gives at night. */
export const plainDigits = (s: string): string =>
  s.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[,，\s]/g, '');

/** What is wrong with a field before it is sent; the server looks again. */
export function fieldFault(f: SheetField, said: string): 'whole' | 'min' | 'max' | null {
  if (f.class === 'text' || said === '') return null;
  if (!/^-?\d+$/.test(said)) return 'whole';
  const n = Number(said);
  if (f.min !== null && n < f.min) return 'min';
  if (f.max !== null && n > f.max) return 'max';
  return null;
}

/** The draft as the API wants it: only what changed; a cleared field is null, which means "not said". */
export function changedValues(sheet: Sheet, draft: Draft): ReportBody['values'] {
  const out: ReportBody['values'] = {};
  for (const f of sheet.fields) {
    const said = draft[f.element];
    if (said === undefined) continue;
    if (f.class === 'text') out[f.element] = said.trim() || null;
    else out[f.element] = said === '' ? null : Number(said);
  }
  return out;
}

export function PhoneForm({ sheet, onSend, onBack, sending, error }: Props) {
  const { t } = useTranslation();
  const kept = `muster.draft.${sheet.unit.code}.${sheet.day}.${sheet.form.code}.${sheet.revision}`;
  const notes = new Map(sheet.notes.map((n) => [n.element, n.text]));
  const [draft, setDraft] = useState<Draft>(() => {
    try {
      return JSON.parse(sessionStorage.getItem(kept) ?? '{}') as Draft;
    } catch {
      return {};
    }
  });
  const [reason, setReason] = useState('');
  const correcting = sheet.revision > 0;
  const put = (element: string, said: string) => {
    const next = { ...draft, [element]: said };
    setDraft(next);
    sessionStorage.setItem(kept, JSON.stringify(next));
  };
  const shown = (f: SheetField) => draft[f.element] ?? (f.class === 'text' ? (notes.get(f.element) ?? '') : f.said ? String(f.value) : '');
  const findings = error instanceof Problem ? (error.body.findings ?? []) : [];
  const faults = sheet.fields.filter((f) => fieldFault(f, shown(f)));
  const unsaid = sheet.fields.filter((f) => f.required && f.class !== 'text' && shown(f) === '');
  const values = changedValues(sheet, draft);
  const ready = Object.keys(values).length > 0 && faults.length === 0 && (!correcting || reason.trim() !== '');
  return (
    <form
      className="phone-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (ready) onSend({ act: 'values', scope: sheet.scope, values, ...(correcting ? { reason: reason.trim() } : {}) });
      }}
    >
      <h2>{t(correcting ? 'phone.correct_title' : 'phone.fill_title')}</h2>
      {sheet.fields.map((f) => {
        const fault = fieldFault(f, shown(f));
        const said = findings.find((x) => x.field === f.element)?.message;
        return (
          <label key={f.element} className="phone-field">
            <span className="phone-label">
              {f.name}
              {f.required && <span className="red"> *</span>}
              {f.class !== 'text' && (
                <span className="faint num">
                  {t('phone.yesterday')} {count(f.yesterday)}
                </span>
              )}
            </span>
            {f.class === 'text' ? (
              <textarea rows={2} maxLength={f.max ?? 500} value={shown(f)} onChange={(e) => put(f.element, e.target.value)} />
            ) : (
              <span className="phone-input">
                <input
                  inputMode="numeric"
                  autoComplete="off"
                  value={shown(f)}
                  aria-invalid={fault !== null || said !== undefined}
                  onChange={(e) => put(f.element, plainDigits(e.target.value))}
                  data-field={f.element}
                />
                {f.class === 'state' && f.yesterday !== null && shown(f) === '' && (
                  <button type="button" onClick={() => put(f.element, String(f.yesterday))}>
                    {t('phone.same')}
                  </button>
                )}
              </span>
            )}
            {(fault || said) && (
              <span className="mark-bad small" role="alert">
                ▲ {said ?? t(`phone.fault_${fault}`, { min: f.min, max: f.max })}
              </span>
            )}
          </label>
        );
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
      {unsaid.length > 0 && <p className="small mark-warn">◆ {t('phone.unsaid', { list: unsaid.map((f) => f.name).join(t('list.comma')) })}</p>}
      {error !== null && error !== undefined && <Refusal error={error} />}
      <button type="submit" className="phone-main" disabled={sending || !ready} data-send>
        {sending ? t('phone.sending') : t(correcting ? 'phone.send_correction' : 'phone.send')}
      </button>
      <button type="button" className="phone-second" onClick={onBack} disabled={sending}>
        {t('phone.back')}
      </button>
    </form>
  );
}
