// What may be typed into a field, and what is wrong with what was typed. Pure; the server looks again.
import type { Field, ReportBody, SheetBody } from '@/api/generated.schemas';

export type Draft = Record<string, string>;

/** A rate is computed from its two elements and never typed. */
export const enterable = (f: Field): boolean => f.value_type.kind !== 'rate';

/** What the form computes of others is shown, and not typed. */
export const typable = (f: Field): boolean => enterable(f) && !f.computed;

/** The elements at which a rule of the form asks a reason, by what a refusal found. */
export const asksReason = (findings: readonly { code: string; field?: string | null }[]): string[] =>
  findings.filter((f) => f.code === 'rule.reason_needed').map((f) => (f.field ?? '').replace(/^values\./, ''));

/** Reasons as the API wants them: those that say something; none where there is none. */
export const remarksOf = (remarks: Draft): { remarks?: Record<string, string> } => {
  const said = Object.entries(remarks).map(([element, why]) => [element, why.trim()] as const).filter(([, why]) => why !== '');
  return said.length > 0 ? { remarks: Object.fromEntries(said) } : {};
};

const isNumber = (f: Field): boolean => f.value_type.kind === 'integer' || f.value_type.kind === 'decimal';

/** Full-width digits are what a Chinese keyboard gives at night. */
export const plainDigits = (s: string): string =>
  s.replace(/[０-９．－]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[,，\s]/g, '');

/** What is wrong with a field before it is sent. */
export function fieldFault(f: Field, typed: string): 'whole' | 'number' | 'min' | 'max' | null {
  if (!isNumber(f) || typed === '') return null;
  if (f.value_type.kind === 'integer' && !/^-?\d+$/.test(typed)) return 'whole';
  if (!/^-?\d+(\.\d+)?$/.test(typed)) return 'number';
  const n = Number(typed);
  if (n < f.min) return 'min';
  if (typeof f.max === 'number' && n > f.max) return 'max';
  return null;
}

/** What a field shows: what was typed, or what was said before. */
export const shown = (f: Field, draft: Draft): string => draft[f.element] ?? (f.value === null || f.value === undefined ? '' : String(f.value));

/** The draft as the API wants it: only what changed; a cleared field is null, which means "not said". */
export function changedValues(sheet: SheetBody, draft: Draft): NonNullable<ReportBody['values']> {
  const out: NonNullable<ReportBody['values']> = {};
  for (const f of sheet.fields.filter(typable)) {
    const typed = draft[f.element];
    if (typed === undefined || typed === shown(f, {})) continue;
    if (isNumber(f)) out[f.element] = typed === '' ? null : Number(typed);
    else out[f.element] = typed.trim() || null;
  }
  return out;
}

/** What a draft does: a signed zero that is corrected stays one until an event is touched, for a state may stand beside it. */
export const actOf = (sheet: SheetBody, values: NonNullable<ReportBody['values']>): ReportBody['act'] =>
  sheet.act?.act === 'zero' && !sheet.fields.some((f) => f.class === 'event' && f.element in values) ? 'zero' : 'values';

/** The fields that a report of values must say and that are still blank; a zero need not say them. */
export const lacking = (sheet: SheetBody, draft: Draft): Field[] =>
  actOf(sheet, changedValues(sheet, draft)) === 'zero' ? [] : sheet.fields.filter((f) => typable(f) && f.required && shown(f, draft).trim() === '');

/** Why a form cannot be sent yet, the first thing to mend; null where it can. */
export function cannotSend(faults: number, changed: number, correcting: boolean, reason: string, blanks: number): 'fault' | 'blank' | 'same' | 'lacking' | 'reason' | null {
  if (faults > 0) return 'fault';
  if (changed === 0) return correcting ? 'same' : 'blank';
  if (blanks > 0) return 'lacking';
  return correcting && reason.trim() === '' ? 'reason' : null;
}
