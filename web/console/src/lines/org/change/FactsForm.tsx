import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getUnitChangeUrl } from '@/api/generated';
import type { PatchDraft } from '@/api/generated.schemas';
import { useAbout } from '@/shared/about';
import { useWord } from '@/shared/word';
import { Since, Text } from '@/shared/fields';
import { TreeForm } from './Foreseen';
import { Kind, useClassHint } from './fields';
import type { FormProps } from './parts';

type Facts = { zh_hans: string; zh_hant: string; en: string; kind: string; place: string; classes: string; time_zone: string };
const NAMES = { zh_hans: 'zh-Hans', zh_hant: 'zh-Hant', en: 'en' } as const;

/** Dated facts: what is not touched stays, and is always shown as it stands now. */
export function FactsForm({ at, day, onDay, anew, back }: FormProps) {
  const { t } = useTranslation();
  const word = useWord();
  const { about } = useAbout();
  const classHint = useClassHint();
  const u = at.unit;
  const [touched, setTouched] = useState<Partial<Facts>>({});
  const now: Facts = {
    zh_hans: u.names['zh-Hans'] ?? '',
    zh_hant: u.names['zh-Hant'] ?? '',
    en: u.names.en ?? '',
    kind: u.kind,
    place: u.place ?? '',
    classes: u.classes.join(' '),
    time_zone: u.time_zone ?? '',
  };
  const value = (f: keyof Facts) => touched[f] ?? now[f];
  const changed = (Object.keys(now) as (keyof Facts)[]).filter((f) => value(f).trim() !== now[f]);
  const draft: PatchDraft = { day };
  for (const f of changed) {
    const v = value(f).trim();
    if (f === 'zh_hans' || f === 'zh_hant' || f === 'en') draft.names = { ...draft.names, [NAMES[f]]: v };
    else if (f === 'classes') draft.classes = v ? [v] : [];
    else draft[f] = v;
  }
  const told = (f: keyof Facts, v: string) => (v === '' ? t('change.empty') : f === 'kind' ? word('kind', v) : v);
  const field = (f: keyof Facts, hint?: string) => ({
    value: value(f),
    onValue: (v: string) => setTouched((old) => ({ ...old, [f]: v })),
    hint: changed.includes(f) ? t('change.now_is', { value: told(f, now[f]) }) : hint,
  });
  return (
    <TreeForm
      deed={changed.length === 0 ? null : { method: 'PATCH', url: (dry) => getUnitChangeUrl(u.code, { dry_run: dry }), body: draft, tag: at.etag }}
      says={changed.map((f) => t('change.says', { name: t(`change.field.${f}`), from: told(f, now[f]), to: told(f, value(f).trim()) }))}
      after={back}
      anew={anew}
    >
      <Since day={day} onDay={onDay} />
      <Text name="names.zh-Hans" label={t('change.field.zh_hans')} {...field('zh_hans')} />
      <Text name="names.zh-Hant" label={t('change.field.zh_hant')} {...field('zh_hant')} />
      <Text name="names.en" label={t('change.field.en')} {...field('en')} />
      <Kind name="kind" {...field('kind')} />
      <Text name="place" label={t('change.field.place')} {...field('place', [u.place_name, t('change.hint.place')].filter(Boolean).join(' · '))} maxLength={12} />
      <Text name="classes" label={t('change.field.classes')} {...field('classes', classHint)} maxLength={1000} />
      <Text name="time_zone" label={t('change.field.time_zone')} {...field('time_zone', t('change.hint.zone', { zone: about.zone }))} maxLength={64} />
    </TreeForm>
  );
}
