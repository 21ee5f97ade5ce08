import { describe, expect, it } from 'vitest';
import type { Sheet, SheetField } from '@/api/types';
import { changedValues, fieldFault, plainDigits } from './PhoneForm';

const field = (over: Partial<SheetField>): SheetField => ({
  element: 'fever', name: 'Fever', class: 'event', type: 'count', unit: 'person',
  required: true, min: 0, max: 100, value: null, said: false, yesterday: null, ...over,
});

describe('the phone form', () => {
  it('takes the digits of a Chinese keyboard', () => {
    expect(plainDigits('１，２３ ４')).toBe('1234');
  });
  it('finds what is wrong with a field, and nothing with a blank one', () => {
    const fault = (said: string) => fieldFault(field({}), said);
    expect([fault(''), fault('7'), fault('1.5'), fault('一'), fault('-1'), fault('101')]).toEqual([null, null, 'whole', 'whole', 'min', 'max']);
  });
  it('sends only what changed: a cleared field is not said, an untouched one is not sent', () => {
    const sheet = { fields: [field({}), field({ element: 'masks', class: 'state' }), field({ element: 'difficulties', class: 'text' }), field({ element: 'isolation' })] } as Sheet;
    expect(changedValues(sheet, { fever: '2', masks: '', difficulties: '  ' })).toEqual({ fever: 2, masks: null, difficulties: null });
  });
});
