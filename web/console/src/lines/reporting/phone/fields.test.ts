import { describe, expect, it } from 'vitest';
import type { Field, SheetBody } from '@/api/generated.schemas';
import { actOf, asksReason, cannotSend, changedValues, fieldFault, lacking, plainDigits, remarksOf } from './fields';
import { fillTo } from './fillTo';

const field = (over: Partial<Field>): Field => ({
  element: 'fever', name: 'Fever', class: 'event', value_type: { kind: 'integer' }, unit: 'person',
  required: true, min: 0, max: 100, value: null, said: false, yesterday: null, ...over,
});

describe('the fields of a phone form', () => {
  it('takes the digits of a Chinese keyboard', () => {
    expect(plainDigits('１，２３ ４')).toBe('1234');
  });
  it('finds what is wrong with a field, and nothing with a blank one', () => {
    const fault = (said: string) => fieldFault(field({}), said);
    expect([fieldFault(field({ value_type: { kind: 'decimal', scale: 1 } }), '36.6'), fieldFault(field({ value_type: { kind: 'decimal', scale: 1 } }), '36.')]).toEqual([null, 'number']);
    expect([fault(''), fault('7'), fault('1.5'), fault('一'), fault('-1'), fault('101')]).toEqual([null, null, 'whole', 'whole', 'min', 'max']);
  });
  it('sends only what changed: a cleared field is not said, an untouched one is not sent', () => {
    const sheet = { fields: [field({}), field({ element: 'masks', class: 'state', value: 300, said: true }), field({ element: 'difficulties', class: 'text', value_type: { kind: 'text' }, value: 'none' }), field({ element: 'isolation' })] } as SheetBody;
    expect(changedValues(sheet, { fever: '2', masks: '', difficulties: '  ' })).toEqual({ fever: 2, masks: null, difficulties: null });
  });
  it('neither sends nor lacks what the form computes', () => {
    const sheet = { fields: [field({ computed: true }), field({ element: 'masks', required: false })] } as SheetBody;
    expect(changedValues(sheet, { fever: '2', masks: '3' })).toEqual({ masks: 3 });
    expect(lacking(sheet, {})).toEqual([]);
  });
  it('asks a reason where a rule does, and sends what was given', () => {
    const findings = [{ code: 'rule.reason_needed', field: 'values.fever' }, { code: 'rule.refuses', field: 'values.masks' }];
    expect(asksReason(findings)).toEqual(['fever']);
    expect([remarksOf({ fever: ' said twice ', masks: ' ' }), remarksOf({ fever: '' })]).toEqual([{ remarks: { fever: 'said twice' } }, {}]);
  });
  it('says why it cannot be sent: first what is wrong, then what is lacking', () => {
    expect([cannotSend(1, 1, true, '', 1), cannotSend(0, 0, false, '', 1), cannotSend(0, 0, true, 'why', 0), cannotSend(0, 1, true, ' ', 1), cannotSend(0, 1, true, ' ', 0), cannotSend(0, 1, true, 'why', 0), cannotSend(0, 1, false, '', 0)]).toEqual(['fault', 'blank', 'same', 'lacking', 'reason', null, null]);
  });
  it('keeps a signed zero until an event is touched, and asks of values alone what is required', () => {
    const fields = [field({ value: 0, said: true }), field({ element: 'on_site', class: 'state' }), field({ element: 'rate', value_type: { kind: 'rate' } as Field['value_type'] })];
    const sheet = (act: string | null) => ({ fields, act: act && { act } }) as SheetBody;
    const acts = (act: string | null) => [{ on_site: 33 }, { fever: 2 }, { fever: null }].map((values) => actOf(sheet(act), values));
    expect([acts('zero'), acts('values'), acts(null)]).toEqual([['zero', 'values', 'values'], ['values', 'values', 'values'], ['values', 'values', 'values']]);
    const blank = (act: string | null, draft: Record<string, string>) => lacking(sheet(act), draft).map((f) => f.element);
    expect([blank('zero', {}), blank('zero', { fever: '2' }), blank(null, {}), blank(null, { on_site: '33' }), blank('values', { fever: '' })]).toEqual([[], ['on_site'], ['on_site'], [], ['fever', 'on_site']]);
  });
  it('has an address for a unit, short where it is today’s', () => {
    expect([fillTo('H11', '2020-02-03', '2020-02-03'), fillTo('H 1', '2020-02-02', '2020-02-03', 'weekly')]).toEqual(['/phone?unit=H11', '/phone?unit=H+1&day=2020-02-02&form=weekly']);
  });
});
