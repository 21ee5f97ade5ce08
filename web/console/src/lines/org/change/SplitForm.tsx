import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getUnitSplitUrl } from '@/api/generated';
import type { SplitBody } from '@/api/generated.schemas';
import { unitList } from '@/api/queries';
import { Since, Text } from '@/shared/fields';
import { TreeForm } from './Foreseen';
import { Kind } from './fields';
import { above, type FormProps } from './parts';

const BELOW_MAX = 200;
type New = { id: number; code: string; hans: string; en: string; kind: string };

/** Several new units of one; each unit right below goes to one of them, or stays. */
export function SplitForm(props: FormProps) {
  const { at, day, onDay, anew } = props;
  const { t } = useTranslation();
  const u = at.unit;
  const below = useQuery(unitList({ under: u.code, day, depth: 1, limit: BELOW_MAX }));
  const blank = (id: number): New => ({ id, code: '', hans: '', en: '', kind: u.kind });
  const [into, setInto] = useState<New[]>(() => [blank(1), blank(2)]);
  /** By code of the unit below: which new unit, by its number here. */
  const [given, setGiven] = useState<Record<string, number>>({});
  const set = (id: number, change: Partial<New>) => setInto((all) => all.map((n) => (n.id === id ? { ...n, ...change } : n)));
  const body: SplitBody = {
    unit: u.code,
    day,
    into: into.map((n) => ({ code: n.code.trim(), names: { 'zh-Hans': n.hans.trim(), 'zh-Hant': '', en: n.en.trim() }, kind: n.kind.trim() })),
    given: {},
  };
  for (const child of below.data?.items ?? []) {
    const to = into.find((n) => n.id === given[child.code]);
    if (to && body.given) body.given[child.code] = to.code.trim();
  }
  return (
    <TreeForm
      deed={into.every((n) => n.code.trim() === '') ? null : { method: 'POST', url: (dry) => getUnitSplitUrl({ dry_run: dry }), body, tag: at.etag }}
      after={above(props)}
      anew={anew}
    >
      <Since day={day} onDay={onDay} />
      {into.map((n, i) => (
        <fieldset key={n.id} className="change-new">
          <legend>{t('change.new_unit', { n: i + 1 })}</legend>
          <Text name={`into[${i}].code`} label={t('change.field.code')} value={n.code} onValue={(code) => set(n.id, { code })} required maxLength={64} />
          <Text name={`into[${i}].names.zh-Hans`} label={t('change.field.zh_hans')} value={n.hans} onValue={(hans) => set(n.id, { hans })} />
          <Text name={`into[${i}].names.en`} label={t('change.field.en')} value={n.en} onValue={(en) => set(n.id, { en })} />
          <Kind name={`into[${i}].kind`} value={n.kind} onValue={(kind) => set(n.id, { kind })} />
          {into.length > 1 && (
            <button type="button" className="plain" onClick={() => setInto((all) => all.filter((x) => x.id !== n.id))} aria-label={`${t('change.remove')} ${t('change.new_unit', { n: i + 1 })}`}>
              {t('change.remove')}
            </button>
          )}
        </fieldset>
      ))}
      {into.length < 100 && (
        <p>
          <button type="button" className="plain" onClick={() => setInto((all) => [...all, blank(Math.max(...all.map((n) => n.id)) + 1)])} data-new-more>
            {t('change.new_more')}
          </button>
        </p>
      )}
      {(below.data?.items.length ?? 0) > 0 && (
        <fieldset className="change-new" data-given>
          <legend>{t('change.given')}</legend>
          {below.data?.next_cursor && <p className="mark-warn">◆ {t('change.given_more', { n: BELOW_MAX })}</p>}
          {below.data?.items.map((child) => (
            <label key={child.code} className="change-given">
              <span>
                {child.name} <span className="faint small num">{child.code}</span>
              </span>
              <select value={given[child.code] ?? 0} onChange={(e) => setGiven((old) => ({ ...old, [child.code]: Number(e.target.value) }))}>
                <option value={0}>{t('change.given_stays')}</option>
                {into.map((n, i) => (
                  <option key={n.id} value={n.id}>
                    {n.hans.trim() || n.en.trim() || n.code.trim() || t('change.new_unit', { n: i + 1 })}
                  </option>
                ))}
              </select>
            </label>
          ))}
        </fieldset>
      )}
    </TreeForm>
  );
}
