import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getUnitCreateUrl } from '@/api/generated';
import type { UnitDraft } from '@/api/generated.schemas';
import { useAbout } from '@/shared/about';
import { Since, Text } from '@/shared/fields';
import { TreeForm } from './Foreseen';
import { Kind, useClassHint } from './fields';
import type { FormProps } from './parts';

/** A new unit below this one. */
export function AddForm({ at, day, onDay, anew }: FormProps) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const classHint = useClassHint();
  const [code, setCode] = useState('');
  const [hans, setHans] = useState('');
  const [hant, setHant] = useState('');
  const [en, setEn] = useState('');
  const [kind, setKind] = useState('');
  const [place, setPlace] = useState('');
  const [classes, setClasses] = useState('');
  const [zone, setZone] = useState('');
  const body: UnitDraft = {
    code: code.trim(),
    names: { 'zh-Hans': hans.trim(), 'zh-Hant': hant.trim(), en: en.trim() },
    kind: kind.trim(),
    parent: at.unit.code,
    place: place.trim() || null,
    classes: classes.trim() ? [classes.trim()] : [],
    time_zone: zone.trim() || null,
    opened: day,
  };
  return (
    <TreeForm
      deed={code.trim() === '' ? null : { method: 'POST', url: (dry) => getUnitCreateUrl({ dry_run: dry }), body, tag: null }}
      after={`/units/${encodeURIComponent(code.trim())}?day=${day}`}
      anew={anew}
    >
      <Since day={day} onDay={onDay} />
      <Text name="code" label={t('change.field.code')} value={code} onValue={setCode} hint={t('change.hint.code')} required maxLength={64} />
      <Text name="names.zh-Hans" label={t('change.field.zh_hans')} value={hans} onValue={setHans} />
      <Text name="names.zh-Hant" label={t('change.field.zh_hant')} value={hant} onValue={setHant} hint={t('change.optional')} />
      <Text name="names.en" label={t('change.field.en')} value={en} onValue={setEn} hint={t('change.optional')} />
      <Kind name="kind" value={kind} onValue={setKind} />
      <Text name="place" label={t('change.field.place')} value={place} onValue={setPlace} hint={`${t('change.optional')} · ${t('change.hint.place')}`} maxLength={12} />
      <Text name="classes" label={t('change.field.classes')} value={classes} onValue={setClasses} hint={classHint} maxLength={1000} />
      <Text name="time_zone" label={t('change.field.time_zone')} value={zone} onValue={setZone} hint={t('change.hint.zone', { zone: about.zone })} maxLength={64} />
    </TreeForm>
  );
}
