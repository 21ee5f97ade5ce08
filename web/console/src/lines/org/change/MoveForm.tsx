import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getUnitCloseUrl, getUnitMergeUrl, getUnitMoveUrl } from '@/api/generated';
import { Since, Tickbox } from '@/shared/fields';
import { UnitPick, type Chosen } from '@/shared/UnitPick';
import { TreeForm } from './Foreseen';
import { above, type FormProps } from './parts';

/** Below another unit, with all that is below it. */
export function MoveForm({ at, day, onDay, anew, back }: FormProps) {
  const { t } = useTranslation();
  const [to, setTo] = useState<Chosen | null>(null);
  return (
    <TreeForm
      deed={to && { method: 'POST', url: (dry) => getUnitMoveUrl(at.unit.code, { dry_run: dry }), body: { parent: to.code, day }, tag: at.etag }}
      after={back}
      anew={anew}
    >
      <Since day={day} onDay={onDay} />
      <UnitPick name="parent" label={t('change.field.parent')} day={day} chosen={to} onChosen={setTo} without={[at.unit.code, at.unit.parent ?? '']} />
    </TreeForm>
  );
}

/** Other units become part of this one. */
export function MergeForm({ at, day, onDay, anew, back }: FormProps) {
  const { t } = useTranslation();
  const [from, setFrom] = useState<Chosen[]>([]);
  return (
    <TreeForm
      deed={from.length === 0 ? null : { method: 'POST', url: (dry) => getUnitMergeUrl({ dry_run: dry }), body: { from: from.map((u) => u.code), into: at.unit.code, day }, tag: at.etag }}
      after={back}
      anew={anew}
    >
      <Since day={day} onDay={onDay} />
      {from.length > 0 && (
        <ul className="change-list">
          {from.map((u) => (
            <li key={u.code} className="change-chosen">
              <span>
                <b>{u.name}</b> <span className="faint num">{u.code}</span>
              </span>
              <button type="button" className="plain" onClick={() => setFrom((all) => all.filter((x) => x !== u))} aria-label={`${t('change.remove')} ${u.name}`}>
                {t('change.remove')}
              </button>
            </li>
          ))}
        </ul>
      )}
      <UnitPick
        key={from.length}
        name="from"
        label={t('change.field.from')}
        day={day}
        chosen={null}
        onChosen={(u) => u && setFrom((all) => [...all, u])}
        without={[at.unit.code, ...from.map((u) => u.code)]}
      />
    </TreeForm>
  );
}

/** It reports no more from a day on. */
export function CloseForm(props: FormProps) {
  const { at, day, onDay, anew } = props;
  const { t } = useTranslation();
  const [below, setBelow] = useState(false);
  return (
    <TreeForm
      deed={{ method: 'POST', url: (dry) => getUnitCloseUrl(at.unit.code, { dry_run: dry }), body: { day, below }, tag: at.etag }}
      after={above(props)}
      anew={anew}
    >
      <Since day={day} onDay={onDay} label={t('change.closed_since')} />
      {at.unit.has_children && (
        <Tickbox name="below" label={t('change.with_below')} value={below} onValue={setBelow} />
      )}
    </TreeForm>
  );
}
