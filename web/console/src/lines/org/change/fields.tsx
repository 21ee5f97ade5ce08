// Fields that only a unit has, or a body beside the tree.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classList } from '@/api/queries';
import { Labelled, Text, type FieldProps } from '@/shared/fields';
import { useWord } from '@/shared/word';

const KINDS = ['regulator', 'department', 'group', 'firm', 'site'];

/** One of the product's kinds, or a code of one's own. */
export function Kind({ name, value, onValue, hint, kinds = KINDS }: Omit<FieldProps, 'label'> & { kinds?: string[] }) {
  const { t } = useTranslation();
  const word = useWord();
  const [own, setOwn] = useState(value !== '' && !kinds.includes(value));
  return (
    <>
      <Labelled name={own ? '' : name} label={t('change.field.kind')} hint={own ? undefined : hint}>
        {(id, described, wrong) => (
          <select
            id={id}
            value={own ? '*' : value}
            aria-describedby={described}
            aria-invalid={wrong || undefined}
            onChange={(e) => {
              setOwn(e.target.value === '*');
              onValue(e.target.value === '*' ? '' : e.target.value);
            }}
          >
            {value === '' && !own && <option value="">{t('change.choose')}</option>}
            {kinds.map((k) => (
              <option key={k} value={k}>
                {word('kind', k)}
              </option>
            ))}
            <option value="*">{t('change.field.kind_own')}</option>
          </select>
        )}
      </Labelled>
      {own && <Text name={name} label={t('change.field.kind_own')} value={value} onValue={onValue} hint={hint ?? t('change.hint.kind_own')} maxLength={32} />}
    </>
  );
}

/** What may be written for classes: those there are, by name. */
export function useClassHint(): string {
  const { t } = useTranslation();
  const classes = useQuery(classList()).data?.items ?? [];
  if (classes.length === 0) return t('change.hint.classes_none');
  const list = classes.slice(0, 12).map((c) => (c.name === c.code ? c.code : `${c.code} ${c.name}`));
  return t('change.hint.classes', { list: list.join(t('list.comma')) });
}
